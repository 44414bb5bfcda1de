"""The desk where everyone who asks has to pass: may this person do this here, and with which credentials."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from bot.access import guardrail
from bot.access.authorizations import Authorizations
from bot.access.base import Base, holding
from bot.access.book import Book
from bot.access.deciding import Decided, decide
from bot.access.denied import why_denied
from bot.access.groups import Groups
from bot.access.identity import Identity
from bot.access.issuing import Issuer
from bot.access.mapping import identity_of
from bot.access.probes import Probes
from bot.alibaba.sts import StsApi
from bot.explain.denials import is_denial
from bot.model.credential import Authorization, Credential
from bot.model.decision import Decision
from bot.model.denial import Denial
from bot.model.ids import ChannelId, RegionId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import DiagnosisRequest, Requester

_MOST_CHANNELS_NAMED = 10


class Access:
    """Decides by one version of the book; nobody passes on an earlier decision, only credentials are remembered.

    `base` is the bot's own identity, which roles are assumed with; `environ` and `secrets_directory` are where
    references of the form `env:NAME` and `file:PATH` are looked up. Without `probes` nothing is asked ahead.
    """

    def __init__(
        self,
        book: Book,
        base: Base | Credential | None,
        sts: StsApi,
        groups: Groups,
        environ: Mapping[str, str],
        secrets_directory: Path,
        clock: Callable[[], datetime],
        probes: Probes | None = None,
    ) -> None:
        self._book = book
        self._groups = groups
        self._clock = clock
        self._base = holding(base, clock) if isinstance(base, Credential) else base
        self._probes = probes
        self._issuer = Issuer(sts, self._base, environ, secrets_directory)
        self._authorizations = Authorizations(self._issuer.issue, clock)

    def admit(self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest | None) -> str:
        """Name the identity this person has here, without asking anybody; None for no request in particular.

        Raises Problem: "access.other_workspace", "access.not_mapped", "access.groups_disagree" and
        "access.groups_unknown" as `bot.access.mapping` does; "access.channel_not_allowed" with `channel_id` and
        `allowed`; "access.guardrail" as `bot.access.guardrail` does.
        """
        return self._decide(requester, channel_id, request).name

    async def authorize(
        self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest
    ) -> Authorization:
        """Decide as `admit` does and get credentials of the identity, the remembered ones if they are good.

        Also raises Problem("access.no_base_identity") with `identity`, Problem("access.secret_missing") with
        `reference` and `reason`, and what STS answers to AssumeRole or GetCallerIdentity.
        """
        return await self._authorizations.get(self._decide(requester, channel_id, request), requester)

    async def decide(self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest) -> Decided:
        """Decide all that can be decided before a diagnosis is started, once for a run; see `bot.access.deciding`.

        Raises nothing of what stands in the way: that is the decision's `problem`, with `denial` if it was RAM.
        """
        return await decide(
            Decision(made_at=self._clock(), book_version=self._book.version_hash),
            request,
            lambda: self._decide(requester, channel_id, request),
            lambda identity: self._authorizations.get(identity, requester),
            self._probes,
            self._clock,
        )

    async def why(
        self, problem: ProblemDetails, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest
    ) -> Denial | None:
        """Find out who was denied what by a later call, the start or a look; None if it is no denial."""
        if not is_denial(problem):
            return None
        try:
            authorization = await self.authorize(requester, channel_id, request)
        except Problem:
            return await why_denied(None, problem, request, None)
        return await why_denied(self._probes, problem, request, authorization)

    def forget(self, requester: Requester, identity: str | None = None, refused: str | None = None) -> None:
        """Get new credentials next time, because the cloud takes these no more; None: those of every identity.

        `refused` is the ID of the access key that the cloud refused, so that a newer one is kept.
        """
        self._authorizations.forget(requester, identity, refused)

    def regions(self, requester: Requester) -> tuple[RegionId, ...]:
        """Give the regions to offer to this person, none to somebody without an identity."""
        try:
            return identity_of(self._book, self._groups, requester, self._clock()).regions
        except Problem:
            return ()

    async def refresh_groups(self) -> None:
        """Ask Slack who is in the book's user groups; to be called at the start and every REFRESH_EVERY_S."""
        await self._groups.refresh({group for groups in self._book.groups.values() for group in groups})

    def check(self) -> None:
        """Raise the first thing that keeps an identity from being used: a missing secret, or no base identity.

        Reads files, so it belongs to the start and not into a running loop.
        """
        for identity in self._book.identities.values():
            self._issuer.check(identity)

    async def close(self) -> None:
        """Give up what is under way and forget all credentials."""
        await self._authorizations.close()
        if self._base is not None:
            await self._base.close()

    def _decide(self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest | None) -> Identity:
        now = self._clock()
        identity = identity_of(self._book, self._groups, requester, now)
        # A direct message is a channel like any other here: one that is not on the list is not allowed.
        if self._book.channels and channel_id not in self._book.channels:
            allowed = ", ".join(sorted(self._book.channels)[:_MOST_CHANNELS_NAMED])
            raise Problem("access.channel_not_allowed", channel_id=channel_id, allowed=allowed)
        if request is not None:
            guardrail.check(identity.name, identity.guardrail, request, now)
        return identity
