"""How far this machine's clock is off, by the clocks of the two remotes, and from when on the bot cannot work."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

TOLD_FROM = timedelta(seconds=60)
"""From this difference on an administrator is told, long before anything is refused."""

CLOUD_TAKES = timedelta(minutes=15)
"""Other signatures are refused (www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure)."""

SLACK_TAKES = timedelta(minutes=5)
"""What Slack sends by HTTP is as old at most, by our clock (docs.slack.dev/authentication/verifying-requests)."""


class Remote(NamedTuple):
    """A clock to compare with: `ahead` is by how much ours is (None: not known), `takes` what still works.

    Without `takes` any difference works.
    """

    name: str
    ahead: Callable[[], timedelta | None]
    takes: timedelta | None


class Clocks:
    """Compares with each of the remotes; nobody is asked for it."""

    def __init__(self, remotes: Iterable[Remote]) -> None:
        self._remotes = tuple(remotes)

    def why_refused(self) -> str | None:
        """Say by how much the clock is off, if that is too much to work with."""
        return next(self._told(lambda off, takes: takes is not None and off > takes), None)

    def why_told(self) -> str | None:
        """Say by how much the clock is off, if an administrator should know."""
        return next(self._told(lambda off, _: off >= TOLD_FROM), None)

    def _told(self, applies: Callable[[timedelta, timedelta | None], bool]) -> Iterator[str]:
        for remote in self._remotes:
            ahead = remote.ahead()
            if ahead is not None and applies(abs(ahead), remote.takes):
                yield _said(remote, ahead)


def _said(remote: Remote, ahead: timedelta) -> str:
    where = "ahead of" if ahead > timedelta(0) else "behind"
    off = f"this machine's clock is {abs(ahead).total_seconds():.0f} s {where} {remote.name}'s"
    limit = f"; nothing works beyond {remote.takes.total_seconds():.0f} s" if remote.takes is not None else ""
    return off + limit
