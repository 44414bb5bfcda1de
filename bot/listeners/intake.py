"""Takes a request in: decided, on the disk, and only then can it be acknowledged."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from bot.access.desk import Access
from bot.access.listings import Listings
from bot.access.people import UNMAPPED_WITHIN_S
from bot.listeners.errands import Errands
from bot.listeners.limits import Limits
from bot.listeners.open_forms import OpenForms
from bot.model.audit import Attempt
from bot.model.ids import ChannelId, RegionId, RunId, TeamId
from bot.model.problem import ProblemDetails
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.model.run import Language, Run
from bot.slack.api import SlackApi
from bot.store.past import Past
from bot.store.runs import Runs

# Seconds for views.open, which comes before the ack: both have to fit into Slack's 3 seconds.
OPEN_FORM_TIMEOUT_S = 2.0

# Seconds for everything that whoami tries: a session (5), then two rounds of calls that are made at once (3 each).
WHOAMI_WITHIN_S = 12.0

# Seconds after which a menu of the form offers what is known without the cloud, of Slack's 3; what it shows, or
# who was refused, goes into the audit trail after that (bot.listeners.trail.WAIT_S).
MENUS_WITHIN_S = 2.2

# Seconds for what is found out for one person: a few calls to Slack, and its time limit is 10 s for each.
ASIDE_WITHIN_S = 25.0

# Seconds that somebody's first answer waits for Slack to say who they are, and in which language they use it.
LEARN_WHO_WITHIN_S = 0.3

# People at a time who are being told something that is known already.
MOST_WORDS = 200


async def _not_known(requester: Requester) -> None:
    del requester


async def _refusal_not_kept(attempt: Attempt, problem: ProblemDetails) -> None:
    del attempt, problem


async def _not_kept(attempt: Attempt) -> None:
    del attempt


async def _no_permalink(channel_id: ChannelId, ts: str) -> None:
    del channel_id, ts


@dataclass(frozen=True, slots=True)
class Intake:
    """What the listeners work with.

    `entropy` gives so many random bytes, `wake` tells the worker that something is due, `known_regions` are the
    public regions and those that the administrator names. `form_key` seals forms: of a process's own making it
    does not outlive that process, nor do its forms. `enterprise_id` is the organization that the bot's own
    workspace belongs to, if it does. `limits` refuse what is too much, None nothing. `errands` are
    what follows an ack, `words` those that only tell somebody what is known; `past` looks back, `permalink` gives
    the address of a message, None where there is none. `last_used` tells
    when a person last asked for a diagnosis, None if that is not known.
    `report_refusal` and `report_reading` keep for good who was refused and who was shown what, and raise nothing.
    `listings` are what the form's menus offer, with None everything is typed; `filling` are the open forms.
    """

    access: Access
    runs: Runs
    past: Past
    slack: SlackApi
    clock: Callable[[], datetime]
    entropy: Callable[[int], bytes]
    wake: Callable[[], None]
    language: Language
    default_region: RegionId | None
    known_regions: frozenset[str]
    limits: Limits | None = None
    open_form_timeout_s: float = OPEN_FORM_TIMEOUT_S
    form_key: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    enterprise_id: TeamId | None = None
    errands: Errands = field(default_factory=Errands)
    words: Errands = field(default_factory=lambda: Errands(MOST_WORDS))
    aside_within_s: float = ASIDE_WITHIN_S
    permalink: Callable[[ChannelId, str], Awaitable[str | None]] = _no_permalink
    last_used: Callable[[Requester], Awaitable[datetime | None]] = _not_known
    whoami_within_s: float = WHOAMI_WITHIN_S
    report_refusal: Callable[[Attempt, ProblemDetails], Awaitable[None]] = _refusal_not_kept
    report_reading: Callable[[Attempt], Awaitable[None]] = _not_kept
    listings: Listings | None = None
    filling: OpenForms = field(default_factory=OpenForms)
    menus_within_s: float = MENUS_WITHIN_S
    learn_who_within_s: float = LEARN_WHO_WITHIN_S

    async def close(self) -> None:
        """Let those who were promised an answer have it, within a bound, and give up the rest."""
        await asyncio.gather(self.words.close(), self.errands.close(), self.filling.close())

    def admit(self, requester: Requester, channel_id: ChannelId) -> None:
        """Raise a `Problem("access.…")` unless this person may use the bot in this channel at all."""
        self.access.admit(requester, channel_id, None)

    def language_for(self, requester: Requester) -> Language:
        """Give the language of what this person alone is told: the one they use Slack in, as far as is known."""
        return self.access.language(requester) or self.language

    async def learn_who(self, requester: Requester) -> None:
        """Have `language_for` and `admit` know somebody new if Slack says it in a moment; raises nothing."""
        await self.access.learn_who(requester, self.learn_who_within_s, UNMAPPED_WITHIN_S)

    @property
    def all_regions(self) -> frozenset[str]:
        """The regions that are taken for one: the known ones, and those that access.yml names now."""
        return self.known_regions | self.access.named_regions

    def region_for(self, requester: Requester) -> RegionId | None:
        """Return the region to take where none is typed: the default one, or the identity's only one."""
        if self.default_region is not None:
            return self.default_region
        regions = self.access.regions(requester)
        return regions[0] if len(regions) == 1 else None

    async def accept(
        self,
        requester: Requester,
        conversation: Conversation,
        request: DiagnosisRequest,
        delivery: str,
        function_execution_id: str | None = None,
        press: str | None = None,
    ) -> RunId:
        """Decide, then store; when this returns, the run is on the disk.

        `delivery` names the intent; its redelivery stores nothing and returns the first one's run. `press` is
        another name for it.
        `function_execution_id` is the step of a workflow that waits for how the run ends.
        Raises `Problem("access.…")` when this person may not, `Problem("bot.too_many…")` and
        `Problem("bot.not_stored")`.
        """
        self.access.admit(requester, conversation.channel_id, request)
        now = self.clock()
        run = Run(
            id=RunId.made(now, self.entropy(10)),
            requester=requester,
            conversation=conversation,
            request=request,
            language=self.language,
            function_execution_id=function_execution_id,
            created_at=now,
            due_at=now,
        )
        async with self.room_for(requester, request, delivery):
            run_id = await self.runs.add(run, delivery, press, self.access.book_hash())
        self.wake()
        return run_id

    def room_for(
        self, requester: Requester, request: DiagnosisRequest, delivery: str
    ) -> AbstractAsyncContextManager[None]:
        """Keep room for a run while the block stores it; raises `Problem("bot.too_many…")`."""
        if self.limits is None:
            return nullcontext()
        return self.limits.room_for(requester, request.gateway_id, delivery)
