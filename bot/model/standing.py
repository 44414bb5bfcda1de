"""What an identity can do for somebody, tried for real: what `whoami` and `check` tell; it holds no secret."""

from bot.model.decision import Answer
from bot.model.denial import Denial
from bot.model.ids import RegionId, VpnGatewayId
from bot.model.problem import ProblemDetails
from bot.model.value import Value


class OperationAnswer(Value):
    """An operation that was tried; NOT_ASKED where that would change something, or there was nothing to try on.

    `tried_on` is the gateway that it was tried on, None where it takes none. `no_such_gateway`: no gateway was
    known, so it was tried on one that does not exist, and a role that is narrowed to named gateways is denied too.
    """

    operation: str
    answer: Answer
    reason: str | None = None
    request_id: str | None = None
    tried_on: VpnGatewayId | None = None
    no_such_gateway: bool = False


class Narrowing(Value):
    """A statement of the guardrail in the parts that people know: `effect` is Allow or Deny."""

    effect: str
    resources: tuple[str, ...]
    conditions: tuple[str, ...] = ()


class Standing(Value):
    """An identity as somebody has it.

    `mapped_by` is the ID whose line in access.yml maps them to it, a person's or a user group's; empty where
    nobody asks. `role` is the role's ARN, None for an access key; `session` the name of its session. Operations
    were tried in `region`. `clock_ahead_s` is by how much our clock is ahead of the cloud's (negative: behind),
    None where that is not known. `problem` is why there are no credentials, `denial` who was denied them if it was
    RAM.
    """

    identity: str
    mapped_by: str = ""
    role: str | None = None
    session: str | None = None
    principal: str | None = None
    account_id: str | None = None
    regions: tuple[RegionId, ...] = ()
    guardrail: tuple[Narrowing, ...] = ()
    region: RegionId
    operations: tuple[OperationAnswer, ...] = ()
    clock_ahead_s: float | None = None
    problem: ProblemDetails | None = None
    denial: Denial | None = None

    def refused(self) -> tuple[OperationAnswer, ...]:
        """Return what was tried and denied."""
        return tuple(one for one in self.operations if one.answer is Answer.REFUSED)
