"""The part of `vpn-diagnose check` about identities: the bot's own, and each of access.yml, by real calls."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.commands.outcomes import Outcome, Outcomes
from bot.explain.denials import remedy_words
from bot.explain.problems import explain
from bot.explain.sentences import together
from bot.model.decision import Answer
from bot.model.denial import Denial
from bot.model.ids import UserId, VpnGatewayId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Requester
from bot.model.standing import OperationAnswer, Standing
from bot.slack.standing import guardrail_lines

if TYPE_CHECKING:
    from bot.access.base import Base
    from bot.access.base_source import BaseSource
    from bot.access.book import Book
    from bot.access.issuing import Issuer
    from bot.access.probes import Probes
    from bot.alibaba.sts import StsApi
    from bot.model.run import Language
    from bot.settings import Settings

# Whose name the sessions bear that this command opens: nobody's, so that ActionTrail shows them for what they are.
NOBODY = UserId("U00CHECK")

OWN = "the bot's own identity"

# From here on Slack's requests are refused for their age, long before Alibaba Cloud refuses the bot's
# (docs.slack.dev/authentication/verifying-requests-from-slack).
FARTHEST_CLOCK_S = 300

MOST_LINES = 10
"""Of the lines of access.yml that lead to an identity so many are named."""

# Without this one a diagnosis would be started that nobody could read.
INDISPENSABLE = "GetVpnGatewayDiagnoseResult"

_ADVICE = {
    Answer.REFUSED: "; vpn-diagnose policy prints what its role needs",
    Answer.UNKNOWN: f"; not known whether it may {INDISPENSABLE}, so try again",
}

_NOWHERE = (
    f"; {INDISPENSABLE} was tried on a gateway that does not exist, for none is known here, and a role that is"
    " narrowed to named gateways answers like this too: name one in its guardrail or by --gateway. vpn-diagnose"
    " policy prints what its role needs"
)


async def try_identities(
    settings: "Settings",
    environ: Mapping[str, str],
    book: "Book | None",
    outcomes: Outcomes,
    gateways: Sequence[VpnGatewayId] = (),
) -> None:
    """Open a session as each identity and try every operation with it; nothing is started and nothing changed.

    `gateways` are those that the identities are meant for, whatever their region.
    """
    from bot.access.issuing import Issuer
    from bot.access.probes import Probes
    from bot.access.sparing import Sparing
    from bot.alibaba.endpoints import Endpoints
    from bot.alibaba.ram import RamApi
    from bot.alibaba.rpc import RpcClient
    from bot.alibaba.sts import StsApi
    from bot.alibaba.transport import build_http
    from bot.alibaba.tunnels import TunnelApi
    from bot.alibaba.vpn import VpnApi
    from bot.app.sources import new_nonce, now

    async with build_http() as http:
        rpc = RpcClient(http, Endpoints(settings.alibaba_endpoint, settings.inside_vpc), now, new_nonce)
        sts = StsApi(rpc)
        base = await _try_base(settings, sts, http, outcomes)
        issuer = Issuer(sts, base, environ, settings.access_file.parent)
        all_of_it = Sparing(at_once=1, in_the_long_run=1)
        probes = Probes(VpnApi(rpc), sts, RamApi(rpc), TunnelApi(rpc), all_of_it)
        identities = sorted(book.identities) if book else ()
        found = [await _standing(settings, book, name, issuer, probes, gateways) for name in identities if book]
        last_used = await _last_used(settings)
        for standing in found:
            lines = _lines(book, standing.identity) if book else []
            outcomes.note(_outcome(standing, lines, last_used.get(standing.identity), outcomes.language))
        _note_clock(found, rpc.clock_ahead_by, outcomes)
        if base is not None:
            await base.close()


async def _try_base(settings: "Settings", sts: "StsApi", http: Any, outcomes: Outcomes) -> "Base | None":
    """Find the bot's own identity and ask the cloud who it is; return it even if the cloud does not like it."""
    from bot.access.base import base_of
    from bot.access.base_source import base_source
    from bot.alibaba.ecs_metadata import EcsMetadata
    from bot.app.sources import now

    try:
        source = base_source(settings)
    except Problem as problem:
        outcomes.note(Outcome(OWN, good=False, detail=explain(problem.details, outcomes.language).in_full))
        return None
    if source is None:
        missing = "not set, so only identities with an access key of their own can be used"
        outcomes.note(Outcome(OWN, good=True, detail=missing))
        return None
    base = base_of(source, sts, EcsMetadata(http, settings.ecs_metadata_url).credential, now)
    await outcomes.add(OWN, _caller(base, sts, source))
    return base


async def _caller(base: "Base", sts: "StsApi", source: "BaseSource") -> str:
    caller = await sts.get_caller_identity(await base.credential())
    return f"{caller.arn}, from {source.described()}"


async def _standing(
    settings: "Settings",
    book: "Book",
    name: str,
    issuer: "Issuer",
    probes: "Probes",
    gateways: Sequence[VpnGatewayId],
) -> Standing:
    from bot.access.standing import standing_of
    from bot.app.sources import now

    requester = Requester(team_id=min(book.workspaces), user_id=NOBODY)
    identity = book.identities[name]
    region, known = settings.default_region, lambda _: gateways
    return await standing_of(identity, requester, issuer.issue, probes, now, region, known)


async def _last_used(settings: "Settings") -> dict[str, str]:
    """Say when each identity was last used, as far as a trail tells; what is wrong with it is said elsewhere."""
    from bot.store.audit_reading import audit_trail

    try:
        async with audit_trail(settings.database_url.get_secret_value()) as trail:
            return await trail.last_used()
    except Problem:
        return {}


def _lines(book: "Book", name: str) -> list[str]:
    """Return the IDs, people's and user groups', whose lines in access.yml lead to an identity."""
    people = {str(who) for of_team in book.users.values() for who, has in of_team.items() if has == name}
    groups = {str(who) for of_team in book.groups.values() for who, has in of_team.items() if has == name}
    return sorted(people | groups)


def _outcome(standing: Standing, lines: list[str], last_used: str | None, language: "Language") -> Outcome:
    name, about = f"identity {standing.identity}", _about(standing, lines, last_used, language)
    found = standing.model_dump(mode="json") | {"mapped_by": lines, "last_used": last_used}
    if standing.problem is not None:
        detail = f"{_why_none(standing.problem, standing.denial, language)} ({about})"
        return Outcome(name, good=False, detail=detail, found=found)
    tried = next((one.answer for one in standing.operations if one.operation == INDISPENSABLE), Answer.NOT_ASKED)
    nowhere = any(one.no_such_gateway and one.answer is Answer.REFUSED for one in standing.operations)
    advice = _NOWHERE if nowhere else _ADVICE.get(tried, "")
    detail = f"{_what_works(standing)}{advice} ({about})"
    return Outcome(name, good=tried is Answer.PASSED, detail=detail, found=found)


def _about(standing: Standing, lines: list[str], last_used: str | None, language: "Language") -> str:
    """Say what access.yml says of an identity, and when it was last used."""
    more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
    mapped = f"mapped by {', '.join(lines[:MOST_LINES])}{more}" if lines else "mapped by no line"
    regions = f"regions {', '.join(standing.regions)}" if standing.regions else "any region"
    guardrail = "; ".join(guardrail_lines(standing.guardrail, language))
    used = f"last allowed a diagnosis at {last_used}" if last_used else "no diagnosis in the audit trail"
    return "; ".join((mapped, regions, f"guardrail: {guardrail}" if guardrail else "no guardrail", used))


def _why_none(problem: ProblemDetails, denial: Denial | None, language: "Language") -> str:
    """Say why there are no credentials; where RAM denied them, who was denied what, and what would allow it."""
    explained = explain(problem, language)
    if denial is None:
        return explained.in_full
    words = remedy_words(denial, language)
    policy = json.dumps(json.loads(words.document)) if words.document else None
    return together((*words.before, policy, *words.after, explained.reference))


def _what_works(standing: Standing) -> str:
    said = [f"a session, as {standing.principal}; tried in {standing.region}"]
    for answer, words in (
        (Answer.PASSED, "passed"),
        (Answer.REFUSED, "denied"),
        (Answer.UNKNOWN, "no clear answer"),
        (Answer.NOT_ASKED, "not tried"),
    ):
        listed = [_named(one) for one in standing.operations if one.answer is answer]
        said += [f"{words}: {', '.join(listed)}"] if listed else []
    return "; ".join(said)


def _named(tried: OperationAnswer) -> str:
    if tried.answer not in {Answer.REFUSED, Answer.UNKNOWN}:
        return tried.operation
    ids = [
        f"on {tried.tried_on}" if tried.tried_on else "",
        tried.reason or "",
        f"RequestId {tried.request_id}" if tried.request_id else "",
    ]
    return f"{tried.operation} ({', '.join(filter(None, ids))})"


def _note_clock(found: list[Standing], by_answers: timedelta | None, outcomes: Outcomes) -> None:
    """Say how far our clock is off, by a session's end or, where there is none, by the time of an answer."""
    ahead_s = next((one.clock_ahead_s for one in found if one.clock_ahead_s is not None), None)
    if ahead_s is None and by_answers is not None:
        ahead_s = by_answers.total_seconds()
    if ahead_s is None:
        outcomes.note(Outcome("clock", good=True, detail="not compared: Alibaba Cloud has told no time"))
        return
    figures = {"ahead_s": round(ahead_s, 1)}
    if abs(ahead_s) < FARTHEST_CLOCK_S:
        said = f"{ahead_s:+.1f} s from Alibaba Cloud's"
        outcomes.note(Outcome("clock", good=True, detail=said, found=figures))
        return
    off = ProblemDetails(code="settings.clock", facts={"seconds": f"{abs(ahead_s):.0f}"})
    outcomes.note(Outcome("clock", good=False, detail=explain(off, outcomes.language).in_full, found=figures))
