"""How a run stands: in a few words for the root message, as a headline for the report."""

from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.explain.sentences import together
from bot.model.problem import ProblemDetails
from bot.model.report import DiagnosisReport, ResultLevel
from bot.model.run import Language, Run, RunState
from bot.model.tunnels import Tunnels
from bot.slack.findings import Finding, Findings
from bot.slack.limits import ELLIPSIS

# Signs differ in shape and not only in colour, and the words beside them say the same.
SIGNS = {
    ResultLevel.ERROR: "❌",
    ResultLevel.WARNING: "⚠️",
    ResultLevel.UNKNOWN: "❔",
    ResultLevel.NORMAL: "✅",
}
UNPROVEN, FAILED, REFUSED, UNDER_WAY, APART = "⚪", "❌", "⛔", "⏳", "✉️"

# A headline is read at a glance; the others follow below it.
MOST_NAMES = 3

# Nobody has looked at the tunnels.
NO_TUNNELS = Tunnels()

# A run that has failed without saying why; it cannot be, and if it is, people are told.
UNEXPLAINED = ProblemDetails(code="bot.unexpected")


def sign(run: Run, tunnels: Tunnels = NO_TUNNELS) -> str:
    """Give the sign of a run's state; of a report it is that of the worst check, or of a tunnel that is down."""
    match run.state:
        case RunState.REFUSED:
            return REFUSED
        case RunState.FAILED:
            return FAILED
        case RunState.REPORTED:
            return _sign_of_report(_findings(run), tunnels)
        case _:
            return UNDER_WAY


def state(run: Run, tunnels: Tunnels = NO_TUNNELS) -> str:
    """Say how far the run is or how it ended, without names of checks."""
    match run.state:
        case RunState.REPORTED:
            return _with_tunnels(_verdict(run), tunnels, run.language)
        case RunState.REFUSED:
            return phrase("root.ended_refused", run.language, title=problem_title(run))
        case RunState.FAILED if run.report is not None:
            return _counted("root.ended_partial", run, run.report.finished_count, run.report.total_count)
        case RunState.FAILED:
            return phrase("root.ended_failed", run.language, title=problem_title(run))
        case _:
            return _progress(run)


def headline(run: Run, report: DiagnosisReport, found: Findings, tunnels: Tunnels = NO_TUNNELS) -> str:
    """Say what matters first; the names of the checks to look at come at the end, where a cut hurts least."""
    said = _headline(run, report, found)
    if not tunnels.down:
        return said
    key = "tunnel.headline_down" if tunnels.up is False else "tunnel.headline_some_down"
    return together((phrase(key, run.language, **_tunnel_counts(tunnels)), said))


def problem_title(run: Run) -> str:
    return explain(run.problem or UNEXPLAINED, run.language).title


def _headline(run: Run, report: DiagnosisReport, found: Findings) -> str:
    counts = {"done": report.finished_count, "total": report.total_count, "count": len(found.attention)}
    names = _names(found.attention, run)
    if run.state is not RunState.REPORTED:
        key = "report.headline_partial_attention" if found.attention else "report.headline_partial"
        return phrase(key, run.language, **counts, names=names)
    if not found.ordered:
        return phrase("report.headline_inconclusive", run.language)
    counts |= {"total": len(found.ordered)}
    if found.attention:
        return phrase("report.headline_attention", run.language, **counts, names=names)
    if found.unproven:
        counts |= {"count": len(found.unproven)}
        names = _names(found.unproven, run)
        return phrase("report.headline_good_unproven", run.language, **counts, names=names)
    return phrase("report.headline_good", run.language, **counts)


def _sign_of_report(found: Findings, tunnels: Tunnels) -> str:
    worst = found.ordered[0].level if found.ordered else None
    if tunnels.up is False:
        return SIGNS[ResultLevel.ERROR]
    if tunnels.down and worst in {None, ResultLevel.NORMAL}:
        return SIGNS[ResultLevel.WARNING]
    return UNPROVEN if worst is None else SIGNS[worst]


def _with_tunnels(said: str, tunnels: Tunnels, language: Language) -> str:
    if not tunnels.down:
        return said
    key = "tunnel.down" if tunnels.up is False else "tunnel.some_down"
    return phrase(
        "root.with_tunnels", language, tunnels=phrase(key, language, **_tunnel_counts(tunnels)), state=said
    )


def _tunnel_counts(tunnels: Tunnels) -> dict[str, int]:
    return {"count": len(tunnels.down), "total": len(tunnels.each)}


def _progress(run: Run) -> str:
    if run.problem is not None:
        return phrase("root.retrying", run.language, title=problem_title(run))
    if run.state is RunState.SUBMITTED:
        return phrase("root.waiting", run.language)
    if run.total_count > 0:
        return _counted("root.running_counted", run, run.finished_count, run.total_count)
    return phrase("root.attached" if run.attached else "root.running", run.language)


def _verdict(run: Run) -> str:
    found = _findings(run)
    if not found.ordered:
        return phrase("root.ended_inconclusive", run.language)
    total = len(found.ordered)
    if found.attention:
        return phrase("root.ended_attention", run.language, count=len(found.attention), total=total)
    if found.unproven:
        return phrase("root.ended_good_unproven", run.language, count=len(found.unproven), total=total)
    return phrase("root.ended_good", run.language, total=total)


def _counted(key: str, run: Run, done: int, total: int) -> str:
    return phrase(key, run.language, done=done, total=total)


def _findings(run: Run) -> Findings:
    return Findings.of(run.report.items if run.report is not None else (), run.language)


def _names(found: tuple[Finding, ...], run: Run) -> str:
    names = [finding.words.title for finding in found[:MOST_NAMES]]
    more = [ELLIPSIS] if len(found) > MOST_NAMES else []
    return phrase("report.list_comma", run.language).join(names + more)
