"""Authorizations held in memory: one for each identity and person, renewed in time, by one request at once."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.access.identity import AccessKey, Identity, RoleToAssume
from bot.access.renewing import Fresh, Renewing
from bot.access.session import LASTS
from bot.model.credential import Authorization
from bot.model.request import Requester

AHEAD = timedelta(minutes=5)
"""How long before its end a session is replaced; a diagnosis step is over long before."""

LAST_CALL = timedelta(seconds=30)
"""How long before its end a session is not used any more: a call with its repetitions may take so long."""

KEY_HOLDS_FOR = timedelta(minutes=5)
"""How long an access key, which has no end, is used until its reference is read again: it may be rotated."""

KEY_ENDS_AFTER = timedelta(minutes=15)
"""How long it is used while nobody can be asked whose it is."""

MOST_HELD = 2048
"""The authorization that was not used for longest makes room; its person's next one costs a call of STS."""


class _Key(NamedTuple):
    """Whose it is; an identity of the same name that became another role or key is another one."""

    name: str
    source: RoleToAssume | AccessKey
    requester: Requester


class Authorizations:
    """`issue` makes a new one; it is never called twice at once for the same identity and person."""

    def __init__(
        self, issue: Callable[[Identity, Requester], Awaitable[Authorization]], clock: Callable[[], datetime]
    ) -> None:
        self._issue = issue
        self._clock = clock
        self._held = Renewing(self._made, clock, "a session", MOST_HELD)

    async def get(self, identity: Identity, requester: Requester) -> Authorization:
        """Give what is held and still good, or wait for a new one; raises Problem as `issue` does."""
        return await self._held.get(_Key(identity.name, identity.source, requester))

    def held(self, identity: Identity, requester: Requester) -> Authorization | None:
        """Give what is held and still good, and ask for nothing; None if there is nothing."""
        return self._held.held(_Key(identity.name, identity.source, requester))

    def forget(self, requester: Requester, identity: str | None, refused: str | None = None) -> None:
        """Hold no longer what this person has as this identity, or as any.

        `refused` is the ID of the access key that the cloud refused: what is newer than that stays.
        """

        def applies(key: _Key, held: Authorization) -> bool:
            named = key.requester == requester and identity in {None, key.name}
            return named and refused in {None, held.credential.access_key_id}

        self._held.forget(applies)

    async def close(self) -> None:
        """Give up what is under way and hold nothing."""
        await self._held.close()

    async def _made(self, key: _Key) -> Fresh[Authorization]:
        asked_at = self._clock()
        authorization = await self._issue(Identity(name=key.name, source=key.source), key.requester)
        authorization = authorization.changed(confirmed_at=asked_at)
        end = authorization.credential.expires_at
        if end is None:
            return Fresh(authorization, asked_at + KEY_HOLDS_FOR, asked_at + KEY_ENDS_AFTER)
        # The end is told by the cloud's clock; ours may be behind it by minutes.
        end = min(end, asked_at + LASTS)
        return Fresh(authorization, end - AHEAD, end - LAST_CALL)
