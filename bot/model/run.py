"""A run: one asked-for diagnosis from its submission to its end, as it lies in the database."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.model.decision import Decision
from bot.model.denial import Denial
from bot.model.ids import ChannelId, RunId
from bot.model.problem import ProblemDetails
from bot.model.report import DiagnosisReport
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.model.tunnels import Tunnels
from bot.model.value import Value
from bot.model.watch import Watch

Language = Literal["en", "zh"]


class RunState(StrEnum):
    """submitted -> diagnosing -> reported, or -> refused, or -> failed.

    The last three are endings; an ending whose `due_at` is set has still to be told in the thread.
    """

    SUBMITTED = "submitted"
    DIAGNOSING = "diagnosing"
    REPORTED = "reported"
    REFUSED = "refused"
    FAILED = "failed"


ENDINGS = frozenset({RunState.REPORTED, RunState.REFUSED, RunState.FAILED})


class Posted(Value):
    """The `ts` of what the bot has posted for a run; None: not posted, or not yet known to be.

    `channel_id` is where: the asker's own direct messages if the channel was closed to the bot.
    """

    channel_id: ChannelId | None = None
    root_ts: str | None = None
    started_ts: str | None = None
    ending_ts: str | None = None
    explained: bool = False  # the asker was told alone what would allow what RAM denied
    closed: bool = False  # the root message shows the ending
    completed: bool = False  # the workflow that waits for the run was told how it ended
    edits: int = 0  # how often the root message was to be changed


class LeftRoot(Value):
    """A root message that stays behind in a channel that the run has left; `ts` None: if there is one at all."""

    channel_id: ChannelId
    ts: str | None


class Run(Value):
    """Everything that is needed to take a run up again in another process.

    `due_at` is when the next step is due, None once nothing is left to do; `attempt` counts failures of the
    present step; `version` rises with every save and fences out whoever holds an older copy.
    """

    id: RunId
    requester: Requester
    conversation: Conversation
    request: DiagnosisRequest
    language: Language
    state: RunState = RunState.SUBMITTED
    created_at: datetime
    due_at: datetime | None
    attempt: int = 0
    version: int = 0
    posted: Posted = Posted()
    decision: Decision | None = None  # who may do what was asked, as whom and why; or why not
    identity: str | None = None  # the name in access.yml of the RAM identity it runs as
    principal: str | None = None  # the ARN that the cloud saw
    diagnose_id: str | None = None
    start_request_id: str | None = None
    attached: bool = False  # follows a diagnosis that was already running
    follows: RunId | None = None  # the run of ours that leads that diagnosis
    moved_to_dm: bool = False  # the channel is closed to the bot, or open to others: the asker is told privately
    in_shared_channel: bool = False  # one in which others than the workspace read along
    moved_because: str | None = None  # Slack's code for why the channel is closed to the bot
    left_root: LeftRoot | None = None  # it is still to show that the run has ended
    root_unsure: bool = False  # the root message may have been posted without our knowing its ts
    delay_told: bool = False  # the asker knows that something holds up the start
    started_at: datetime | None = None
    reported_at: datetime | None = None  # when the result was known
    finished_count: int = 0
    total_count: int = 0
    shown_at: datetime | None = None  # when the progress in the root message was last changed
    report: DiagnosisReport | None = None
    tunnels: Tunnels = Tunnels()  # what was seen of the connection's tunnels when the diagnosis had ended
    watch: Watch | None = None  # a quiet run: it belongs to a watch
    function_execution_id: str | None = None  # the step of a workflow that waits for how the run ends
    problem: ProblemDetails | None = None

    @property
    def ended(self) -> bool:
        return self.state in ENDINGS

    @property
    def is_quiet(self) -> bool:
        """Whether it belongs to a watch, and tells nothing but what is new."""
        return self.watch is not None

    @property
    def asked_at(self) -> datetime:
        """When it was asked for; a quiet run is stored long before it asks."""
        return self.created_at if self.watch is None else self.watch.asks_at

    @property
    def denial(self) -> Denial | None:
        """What RAM said when it denied this run."""
        return None if self.decision is None else self.decision.denial
