"""The desk where everyone who asks has to pass: may this person do this here, and with which credentials."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from bot.access.admission import Admission, Roster
from bot.access.authorizations import Authorizations
from bot.access.base import Base, holding
from bot.access.book import Book
from bot.access.book_file import BookFile
from bot.access.deciding import Decided, decide
from bot.access.denied import why_denied
from bot.access.groups import Groups, Sleep
from bot.access.identity import Identity
from bot.access.issuing import Issuer
from bot.access.keeping import keep_current
from bot.access.listings import As, Looker
from bot.access.places import Place
from bot.access.probes import Probes
from bot.access.standing import mapped_by, nothing_known, standing_of
from bot.alibaba.sts import StsApi
from bot.explain.denials import is_denial
from bot.model.audit import AsWhom
from bot.model.credential import Authorization, Credential
from bot.model.decision import Answer, Decision, Step, StepAnswer
from bot.model.denial import Denial
from bot.model.ids import ChannelId, RegionId, VpnGatewayId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import DiagnosisRequest, Requester
from bot.model.run import Language
from bot.model.standing import Standing


class Access:
    """Decides by one version of the book; nobody passes on an earlier decision, only credentials are remembered.

    `base` is the bot's own identity, which roles are assumed with; `environ` and `secrets_directory` are where
    references of the form `env:NAME` and `file:PATH` are looked up. Without `probes` nothing is asked ahead. The
    book stays as it is unless its file is given, and where only `groups` are, Slack is asked nothing else.
    """

    def __init__(
        self,
        book: Book | BookFile,
        base: Base | Credential | None,
        sts: StsApi,
        groups: Groups | Roster,
        environ: Mapping[str, str],
        secrets_directory: Path,
        clock: Callable[[], datetime],
        probes: Probes | None = None,
    ) -> None:
        self._book_file = book if isinstance(book, BookFile) else None
        roster = Roster(groups) if isinstance(groups, Groups) else groups
        self._groups = roster.groups
        self._admission = Admission(book.in_force if isinstance(book, BookFile) else book, roster, clock)
        self._clock = clock
        self._base = holding(base, clock) if isinstance(base, Credential) else base
        self._probes = probes
        self._issuer = Issuer(sts, self._base, environ, secrets_directory)
        self._authorizations = Authorizations(self._issuer.issue, clock)

    @property
    def book_version(self) -> str:
        """The version of access.yml that is in force, as people are shown it: 12 digits."""
        return self._admission.book.version

    def book_hash(self) -> str:
        """Return the SHA-256 of the access.yml that is in force."""
        return self._admission.book.version_hash

    @property
    def named_regions(self) -> frozenset[RegionId]:
        """The regions that any identity names."""
        return self._admission.book.regions

    def why_stale(self) -> str | None:
        """Say why access.yml as it is now is not in force; None if it is."""
        return self._book_file.why_stale() if self._book_file is not None else None

    def admit(self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest | None) -> str:
        """Name the identity this person has here, without waiting for anybody; None for no request in particular.

        `authorize` and `decide` have the last word, for they know from Slack whether this is a full member. Raises
        Problem as `bot.access.admission` does.
        """
        return self._admission.admit_known(requester, channel_id, request).name

    async def admit_for_good(self, requester: Requester, channel_id: ChannelId) -> None:
        """Decide as `admit` does, with Slack's word on whether this is a full member, which may take a moment.

        Raises Problem as `bot.access.admission` does.
        """
        await self._admission.admit(requester, channel_id, None)

    async def admit_anywhere(self, requester: Requester) -> Identity:
        """Decide as `admit_for_good` does about somebody who asks in no channel, and give the identity they have.

        Whoever lets them name a channel later has it decided then, by `admit`.
        """
        return await self._admission.admit_anywhere(requester)

    async def looker(self, requester: Requester, channel_id: ChannelId | None) -> Looker:
        """Decide as `admit_for_good` does, and say as whom this person may look at what there is.

        None: they ask in no channel.
        """
        if channel_id is None:
            identity = await self._admission.admit_anywhere(requester)
        else:
            identity = await self._admission.admit(requester, channel_id, None)
        who = As(requester, identity.name, identity.source, self._admission.book.version_hash)
        return Looker(who, identity.guardrail, identity.regions)

    async def credential_of(self, who: As) -> Credential:
        """Get the credential of somebody who was let in; raises what STS answers, as `authorize` does."""
        identity = Identity(name=who.identity, source=who.source)
        return (await self._authorizations.get(identity, who.requester)).credential

    def as_whom(self, who: As, request_id: str | None = None) -> AsWhom:
        """Say for the audit trail as whom the cloud was asked, if it was, for somebody who was let in."""
        held = self._authorizations.held(Identity(name=who.identity, source=who.source), who.requester)
        steps = (Step.MAPPING,) if held is None else (Step.MAPPING, Step.CREDENTIALS)
        passed = tuple(StepAnswer(step=step, answer=Answer.PASSED) for step in steps)
        return AsWhom(who.identity, held.principal if held else None, passed, request_id)

    def forget_credential(self, who: As, refused: Credential) -> None:
        """Get a new one next time, because the cloud takes this one no more."""
        self._authorizations.forget(who.requester, who.identity, refused.access_key_id)

    async def place(self, channel_id: ChannelId) -> Place:
        """Say whether answers to a question from this channel belong there, or to the asker alone.

        Raises the `Problem`s of `bot.slack.answers`.
        """
        return await self._admission.place(channel_id)

    async def authorize(
        self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest
    ) -> Authorization:
        """Decide for good and get credentials of the identity, the remembered ones if they are good.

        Raises Problem as `bot.access.admission` does, "access.no_base_identity" with `identity`,
        "access.secret_missing" with `reference` and `reason`, and what STS answers to AssumeRole or
        GetCallerIdentity.
        """
        identity = await self._admission.admit(requester, channel_id, request)
        return await self._authorizations.get(identity, requester)

    async def decide(self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest) -> Decided:
        """Decide all that can be decided before a diagnosis is started, once for a run; see `bot.access.deciding`.

        Raises nothing of what stands in the way: that is the decision's `problem`, with `denial` if it was RAM.
        """
        return await decide(
            Decision(made_at=self._clock(), book_version=self._admission.book.version_hash),
            request,
            lambda: self._admission.admit(requester, channel_id, request),
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

    async def standing(
        self,
        requester: Requester,
        channel_id: ChannelId,
        default_region: RegionId | None = None,
        known: Callable[[RegionId], Iterable[VpnGatewayId]] = nothing_known,
    ) -> Standing:
        """Try for real what this person's identity can do, results on gateways that are `known` of a region too.

        It takes as long as five calls at most.

        Raises Problem as `bot.access.admission` does, for somebody who has no identity here.
        """
        identity = await self._admission.admit(requester, channel_id, None)
        found = await standing_of(
            identity, requester, self._issuer.issue, self._probes, self._clock, default_region, known
        )
        line = mapped_by(self._admission.book, self._groups, requester, self._clock())
        return found.changed(mapped_by=line)

    def forget(self, requester: Requester, identity: str | None = None, refused: str | None = None) -> None:
        """Get new credentials next time, because the cloud takes these no more; None: those of every identity.

        `refused` is the ID of the access key that the cloud refused, so that a newer one is kept.
        """
        self._authorizations.forget(requester, identity, refused)

    def regions(self, requester: Requester) -> tuple[RegionId, ...]:
        """Give the regions to offer to this person, none to somebody without an identity."""
        return self._admission.regions(requester)

    def language(self, requester: Requester) -> Language | None:
        """Give the language to tell this person alone something in, by what is known; None: in the bot's own."""
        return self._admission.language(requester)

    async def learn_who(self, requester: Requester, within_s: float, unmapped_within_s: float) -> None:
        """Have Slack asked who somebody new is, and wait so many seconds at most; raises nothing."""
        await self._admission.learn_who(requester, within_s, unmapped_within_s)

    async def refresh_groups(self) -> None:
        """Ask Slack who is in the book's user groups, as far as it goes at once; to be called at the start."""
        await self._admission.refresh_groups()

    async def keep_current(self, sleep: Sleep = asyncio.sleep) -> None:
        """Take up what changes in access.yml, in its groups, and in who people are, until cancelled."""
        await keep_current(self._admission, self._book_file, self._check, sleep)

    def check(self) -> None:
        """Raise the first thing that keeps an identity from being used: a missing secret, or no base identity.

        Reads files, so it belongs to the start and not into a running loop.
        """
        self._check(self._admission.book)

    async def close(self) -> None:
        """Give up what is under way and forget all credentials."""
        await self._admission.close()
        await self._authorizations.close()
        if self._base is not None:
            await self._base.close()

    def _check(self, book: Book) -> None:
        for identity in book.identities.values():
            self._issuer.check(identity)
