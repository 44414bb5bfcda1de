"""The report: a headline, the path and where it breaks, the tunnels, the checks worst first, the small print."""

from collections.abc import Callable, Sequence

from bot.explain.phrases import phrase
from bot.model.report import DiagnosisReport
from bot.model.run import Language, Run
from bot.model.tunnels import Tunnels
from bot.slack.about import identifiers, subject
from bot.slack.blocks import Element, divider, header, line, rich_text, small_print, words
from bot.slack.checks import as_lines, as_table, in_full
from bot.slack.findings import Finding, Findings
from bot.slack.limits import Block, most_that_fits
from bot.slack.message import Message, notification
from bot.slack.path import Outcome, Path
from bot.slack.path_picture import path_parts
from bot.slack.private import missing_result
from bot.slack.tunnels import tunnel_blocks
from bot.slack.verdict import NO_TUNNELS, headline, sign

Normal = Callable[[Sequence[Finding], Language], list[Block]]


def report_message(
    run: Run,
    report: DiagnosisReport,
    preface: Sequence[Element] = (),
    tunnels: Tunnels = NO_TUNNELS,
    buttons: Sequence[Block] = (),
) -> Message:
    """Render a report, finished or not, within Slack's limits; what is left out is the least bad, and is counted.

    `preface` are lines that belong above the checks: why there is no more than this. `tunnels` is what was seen
    of the connection's tunnels after the diagnosis, `buttons` the blocks that end the message.
    """
    found = Findings.of(report.items, run.language)
    said = headline(run, report, found, tunnels)
    top = [
        header(f"{sign(run, tunnels)} {said}"),
        rich_text(subject(run), *preface, *_attached(run)),
        *_path(Path.of(report, tunnels), run, report, found),
        *tunnel_blocks(tunnels, run.language),
    ]
    bottom = [divider(), identifiers(run, report), *buttons]

    def within(normal: Normal) -> list[Block]:
        return most_that_fits(len(found.ordered), lambda count: shown(count, normal))

    def shown(count: int, normal: Normal) -> list[Block]:
        worst, rest = found.told(count)
        checks = [in_full(finding, run.language) for finding in worst]
        left_out = _left_out(len(found.ordered) - count, run.language)
        return [*top, *checks, *normal(rest, run.language), *left_out, *bottom]

    text = notification(phrase("report.text", run.language, gateway_id=run.request.gateway_id, headline=said))
    blocks, classic = within(as_table), within(as_lines)
    return Message(text=text, blocks=blocks, classic_blocks=None if classic == blocks else classic)


def _attached(run: Run) -> list[Element]:
    return [line(words(phrase("report.attached", run.language)))] if run.attached else []


def _path(path: Path | None, run: Run, report: DiagnosisReport, found: Findings) -> list[Block]:
    """Make the block of the path, and of what a good result does not prove and what was not looked at."""
    parts = [] if path is None else path_parts(path, run.language)
    keys = (_not_proved(path, found), missing_result(run, report))
    parts += [line(words(phrase(key, run.language))) for key in keys if key is not None]
    return [rich_text(*parts)] if parts else []


def _not_proved(path: Path | None, found: Findings) -> str | None:
    if not found.ordered or found.attention or (path is not None and path.outcome is Outcome.BROKEN):
        return None
    if path is not None and path.outcome is Outcome.PASSES:
        return "report.good_and_passes"
    return "report.good_and_up" if path is not None and path.tunnel_up else "report.good_but_down"


def _left_out(count: int, language: Language) -> list[Block]:
    if count == 0:
        return []
    return [small_print([phrase("note.cut", language, count=count), phrase("note.see_console", language)])]
