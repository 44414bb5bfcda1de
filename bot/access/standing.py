"""What an identity can do for somebody, tried for real by calls that change nothing.

Starting a diagnosis cannot be tried without starting one. What is denied is said as such; any other answer of the
service itself ("not found") shows that RAM has let the question through.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from bot.access.book import Book
from bot.access.denied import as_told
from bot.access.groups import Groups
from bot.access.identity import AccessKey, Identity, RoleToAssume
from bot.access.issuing import refuses_the_credential
from bot.access.probes import Probes
from bot.access.session import LASTS, session_name
from bot.alibaba.ram_policy import Statement
from bot.alibaba.vpn import DIAGNOSE
from bot.explain.denials import is_denial
from bot.explain.problems import treatment
from bot.model.credential import Authorization, Credential
from bot.model.decision import Answer
from bot.model.denial import Denial
from bot.model.ids import RegionId, VpnGatewayId
from bot.model.problem import Problem, ProblemDetails
from bot.model.report import DiagnosisReport
from bot.model.request import Requester
from bot.model.standing import Narrowing, OperationAnswer, Standing
from bot.model.vpn import Listing, VpnConnection, VpnGateway

SESSION_WITHIN_S = 5.0
"""Seconds for the session; the calls after it have their own bounds."""

CENTRAL = RegionId("cn-hangzhou")
"""Where operations are tried if nobody names a region: it has the central address of the service."""

NO_GATEWAY = VpnGatewayId("vpn-askedbyvpndiagnose")
"""What is asked about where no gateway is known: nobody's ID, looked up only for whom RAM lets."""

MOST_GATEWAYS = 3
"""On how many gateways at once results are asked for, since RAM may deny it on some."""

# No denial ever looked like this; RAM says so only to whoever may ask.
_NO_MESSAGE = "tried-by-vpn-diagnose"

_ARN_PARTS = 5

# Of several answers about the same operation, the one that tells most.
_TELLING = (Answer.PASSED, Answer.UNKNOWN, Answer.REFUSED)

_RESULTS, _TUNNELS = "GetVpnGatewayDiagnoseResult", "DiagnoseVpnConnections"


def nothing_known(_: RegionId) -> tuple[VpnGatewayId, ...]:
    """Know no gateway of any region."""
    return ()


async def standing_of(
    identity: Identity,
    requester: Requester,
    issue: Callable[[Identity, Requester], Awaitable[Authorization]],
    probes: Probes | None,
    clock: Callable[[], datetime],
    default_region: RegionId | None = None,
    known: Callable[[RegionId], Iterable[VpnGatewayId]] = nothing_known,
) -> Standing:
    """Open a session as this identity and try every operation with it; raises nothing of the cloud's.

    Without probes no operation is tried. `known` gives gateways of a region that the identity was meant for: a
    role may be narrowed to named gateways, of which it cannot list any.
    """
    asked_at = clock()
    outcome = await _session(identity, requester, issue)
    blank = _described(identity, requester, default_region)
    if isinstance(outcome, ProblemDetails):
        denial = as_told(outcome, None) if is_denial(outcome) else None
        return blank.changed(problem=_without_what_is_sealed(outcome), denial=denial)
    credential = outcome.credential
    expected = (*_named_in(identity.guardrail, blank.region), *known(blank.region))
    return blank.changed(
        principal=outcome.principal,
        account_id=credential.account_id,
        clock_ahead_s=_clock_ahead_s(credential, asked_at, clock()),
        operations=await _tried(probes, credential, blank.region, expected) if probes else (),
    )


def mapped_by(book: Book, groups: Groups, requester: Requester, now: datetime) -> str:
    """Return the ID whose line in access.yml gives this person their identity; empty if there is none any more."""
    if requester.user_id in book.users.get(requester.team_id, {}):
        return requester.user_id
    of_team = book.groups.get(requester.team_id, {})
    return next((group for group in of_team if requester.user_id in (groups.members(group, now) or ())), "")


async def _session(
    identity: Identity,
    requester: Requester,
    issue: Callable[[Identity, Requester], Awaitable[Authorization]],
) -> Authorization | ProblemDetails:
    try:
        async with asyncio.timeout(SESSION_WITHIN_S):
            return await issue(identity, requester)
    except TimeoutError:
        return Problem("cloud.timeout", operation="AssumeRole", seconds=f"{SESSION_WITHIN_S:g}").details
    except Problem as problem:
        return problem.details


def _without_what_is_sealed(problem: ProblemDetails) -> ProblemDetails:
    """Leave out what tells people nothing, and is long."""
    facts = {name: text for name, text in problem.facts.items() if name != "encoded_diagnostic_message"}
    return problem.changed(facts=facts)


def _described(identity: Identity, requester: Requester, default_region: RegionId | None) -> Standing:
    role = identity.source.role_arn if isinstance(identity.source, RoleToAssume) else None
    return Standing(
        identity=identity.name,
        role=role,
        session=None if isinstance(identity.source, AccessKey) else session_name(requester),
        regions=identity.regions,
        guardrail=tuple(_narrowing(statement) for statement in identity.guardrail),
        region=next(iter(identity.regions), default_region or CENTRAL),
    )


def _narrowing(statement: Statement) -> Narrowing:
    conditions = (
        f"{key} {operator} {', '.join(map(str, values))}"
        for operator, keys in statement.condition.items()
        for key, values in keys.items()
    )
    resources = tuple(_place(resource) for resource in statement.resource)
    return Narrowing(effect=statement.effect, resources=resources, conditions=tuple(conditions))


def _place(resource: str) -> str:
    """Return the part of an ARN that people know a gateway or a connection by, and its region if it names one."""
    parts = resource.split(":", 4)
    in_region = len(parts) == _ARN_PARTS and parts[2] != "*"
    return f"{parts[-1]} ({parts[2]})" if in_region else parts[-1]


def _clock_ahead_s(credential: Credential, asked_at: datetime, answered_at: datetime) -> float | None:
    """Tell our clock's lead from a session's end: the cloud's clock, an hour on, read between the two times."""
    if credential.expires_at is None:
        return None
    middle = asked_at + (answered_at - asked_at) / 2
    return (middle - (credential.expires_at - LASTS)).total_seconds()


async def _tried(
    probes: Probes, credential: Credential, region: RegionId, expected: Iterable[VpnGatewayId]
) -> tuple[OperationAnswer, ...]:
    gateways, connections, decoded = await asyncio.gather(
        probes.gateways(credential, region),
        probes.connections(credential, region),
        probes.decoded(credential, _NO_MESSAGE),
    )
    results, tunnels = await asyncio.gather(
        _results(probes, credential, region, _candidates(expected, gateways)),
        _tunnels(probes, credential, region, _a_connection(connections)),
    )
    start = OperationAnswer(operation=DIAGNOSE.name, answer=Answer.NOT_ASKED)
    listed = {"DescribeVpnGateways": gateways, "DescribeVpnConnections": connections}
    answers = [_answer(operation, outcome) for operation, outcome in listed.items()]
    return (start, results, *answers, tunnels, _answer("DecodeDiagnosticMessage", decoded))


def _named_in(guardrail: Iterable[Statement], region: RegionId) -> list[VpnGatewayId]:
    """Return the gateways of a region that a guardrail allows by their whole names."""
    allowed = (resource for one in guardrail if one.effect == "Allow" for resource in one.resource)
    named = [resource.split(":", 4) for resource in allowed]
    here = (
        parts[-1].rpartition("/")[2] for parts in named if len(parts) < _ARN_PARTS or parts[2] in {"*", region}
    )
    return [VpnGatewayId(text) for text in here if VpnGatewayId.form.fullmatch(text)]


def _candidates(
    expected: Iterable[VpnGatewayId], listed: Listing[VpnGateway] | ProblemDetails
) -> tuple[VpnGatewayId, ...]:
    """Choose gateways to ask about: those that the identity is meant for, then those that it sees."""
    seen = [gateway.gateway_id for gateway in listed.entries] if isinstance(listed, Listing) else []
    return tuple(dict.fromkeys((*expected, *seen)))[:MOST_GATEWAYS]


async def _results(
    probes: Probes, credential: Credential, region: RegionId, gateways: Sequence[VpnGatewayId]
) -> OperationAnswer:
    """Ask for results of these gateways at once, of nobody's where none is known; one that may be read is enough.

    It is a denial only if each of them is denied: one that is not answered about might be the one.
    """
    asked = gateways or (NO_GATEWAY,)
    outcomes = await asyncio.gather(*(probes.results(credential, region, one) for one in asked))
    found = [
        _answer(_RESULTS, outcome).changed(tried_on=one if gateways else None, no_such_gateway=not gateways)
        for one, outcome in zip(asked, outcomes, strict=True)
    ]
    return min(found, key=lambda one: _TELLING.index(one.answer))


def _a_connection(listed: Listing[VpnConnection] | ProblemDetails) -> VpnConnection | None:
    return listed.entries[0] if isinstance(listed, Listing) and listed.entries else None


async def _tunnels(
    probes: Probes, credential: Credential, region: RegionId, connection: VpnConnection | None
) -> OperationAnswer:
    if connection is None:
        return OperationAnswer(operation=_TUNNELS, answer=Answer.NOT_ASKED)
    return _answer(_TUNNELS, await probes.tunnels(credential, region, connection))


def _answer(operation: str, outcome: ProblemDetails | Listing[Any] | Denial | Any) -> OperationAnswer:
    if not isinstance(outcome, ProblemDetails):
        told_by = outcome.request_id if isinstance(outcome, Listing | DiagnosisReport) else None
        return OperationAnswer(operation=operation, answer=Answer.PASSED, request_id=told_by)
    return OperationAnswer(
        operation=operation,
        answer=_meaning(outcome),
        reason=outcome.code,
        request_id=outcome.facts.get("request_id"),
    )


def _meaning(problem: ProblemDetails) -> Answer:
    if is_denial(problem) or refuses_the_credential(problem.code):
        return Answer.REFUSED
    if not problem.is_from_the_cloud or treatment(problem).retry == "later":
        return Answer.UNKNOWN
    return Answer.PASSED
