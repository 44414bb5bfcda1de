"""Renders a comparison: the news first, worst first; what is unchanged in one line."""

from collections.abc import Iterator, Sequence

from bot.explain.phrases import phrase
from bot.model.run import Language, Run
from bot.model.tunnels import Tunnels, TunnelState
from bot.slack.about import BETWEEN, gap, labelled, subject
from bot.slack.blocks import Element, bold, bullets, glue, header, line, moment, rich_text, small_print, words
from bot.slack.checks import LONGEST_NAME
from bot.slack.comparison import Change, Compared, Comparison
from bot.slack.findings import Finding
from bot.slack.limits import OBJECT_TEXT, Block, most_that_fits
from bot.slack.measured import LONGEST_FACT
from bot.slack.message import Message, notification
from bot.slack.tunnels import MOST_TUNNELS, tunnel_name

_SIGNS = {
    Change.WORSE: "🔺",
    Change.BETTER: "✅",
    Change.CHANGED: "🔸",
    Change.NEW: "➕",
    Change.GONE: "➖",
}

# Worst first.
_UP = {False: "compare.tunnel_down", None: "compare.tunnel_unknown", True: "compare.tunnel_up"}


def compare_message(run: Run, earlier: Run | None) -> Message:
    """Render what changed since an earlier run of the same connection, or why that cannot be said.

    The caller has looked whether the viewer may see the earlier one.
    """
    if earlier is None:
        return _impossible(run, "compare.no_earlier")
    if run.report is None or earlier.report is None:
        return _impossible(run, "compare.no_report")
    language = run.language
    comparison = Comparison.of(earlier.report, run.report, language)
    steps = [_tunnel_step(*each, language) for each in _tunnels_changed(earlier.tunnels, run.tunnels)]
    headline = _headline(run, earlier, comparison)
    about = [subject(run), *_when(earlier, run), *_remarks(run, earlier)]
    top = [header(headline), rich_text(*about), *([rich_text(bullets(steps))] if steps else [])]
    news = [each for each in comparison.checks if each.change is not Change.SAME]
    same = _same(comparison, language)

    def shown(count: int) -> list[Block]:
        told = [_told(each, language) for each in news[:count]]
        return [*top, *told, *_left_out(len(news) - count, language), *same]

    return Message(text=_text(run, headline), blocks=most_that_fits(len(news), shown))


def _impossible(run: Run, key: str) -> Message:
    said = phrase(key, run.language)
    title = phrase("compare.headline_impossible", run.language)
    blocks = [rich_text(line(bold(title)), subject(run), line(words(said)))]
    return Message(text=_text(run, title), blocks=blocks)


def _text(run: Run, headline: str) -> str:
    gateway_id = run.request.gateway_id
    return notification(phrase("compare.text", run.language, gateway_id=gateway_id, headline=headline))


def news_in(run: Run, earlier: Run | None) -> str:
    """Count what has changed since an earlier run; the empty text if that is nothing, or cannot be said."""
    if run.report is None or earlier is None or earlier.report is None:
        return ""
    return _counted(run, earlier, Comparison.of(earlier.report, run.report, run.language))


def _headline(run: Run, earlier: Run, comparison: Comparison) -> str:
    news = _counted(run, earlier, comparison)
    if not news:
        return phrase("compare.headline_same", run.language)
    return phrase("compare.headline", run.language, news=news)


def _counted(run: Run, earlier: Run, comparison: Comparison) -> str:
    """Count what has changed: tunnels first, then checks."""
    tunnels = [_UP[now.up] for _, now in _tunnels_changed(earlier.tunnels, run.tunnels)]
    counts = {f"{state}_count": tunnels.count(state) for state in _UP.values()}
    changes = [change for change in Change if change is not Change.SAME]
    counts |= {f"compare.count_{change.value}": len(comparison.of_change(change)) for change in changes}
    news = [phrase(key, run.language, count=count) for key, count in counts.items() if count]
    return phrase("report.list_comma", run.language).join(news)


def _when(earlier: Run, run: Run) -> list[Element]:
    """Say of which two diagnoses this is: their times and their IDs."""
    both = ((phrase("compare.before", run.language), earlier), (phrase("compare.now", run.language), run))
    return [
        line(words(label), *gap(label), moment(each.created_at), *_identified(each, run.language))
        for label, each in both
    ]


def _identified(run: Run, language: Language) -> list[Element]:
    found = labelled(phrase("report.diagnose_id", language), run.diagnose_id)
    return [glue(BETWEEN), *found] if found else []


def _remarks(run: Run, earlier: Run) -> Iterator[Element]:
    if run.request.addresses != earlier.request.addresses:
        yield line(words(phrase("compare.other_addresses", run.language)))
    if not all(each.report is not None and each.report.finished for each in (run, earlier)):
        yield line(words(phrase("compare.not_finished", run.language)))


def _tunnels_changed(before: Tunnels, now: Tunnels) -> list[tuple[TunnelState, TunnelState]]:
    """Give the tunnels that went up or down, as they were and as they are, if both times they were looked at."""
    was = {tunnel.tunnel_id: tunnel for tunnel in before.each}
    both = [(was[each.tunnel_id], each) for each in now.each[:MOST_TUNNELS] if each.tunnel_id in was]
    return [(earlier, each) for earlier, each in both if earlier.up is not each.up]


def _tunnel_step(was: TunnelState, now: TunnelState, language: Language) -> str:
    facts = {"was": phrase(_UP[was.up], language), "now": phrase(_UP[now.up], language)}
    return phrase("compare.tunnel", language, tunnel=tunnel_name(now, language), **facts)


def _told(compared: Compared, language: Language) -> Block:
    change, title = compared.change, compared.finding.words.title
    name = phrase(f"compare.{change.value}", language, title=title)
    steps = [text for text in (_step(compared, language), *_measured(compared, language)) if text]
    parts = [bullets(steps, LONGEST_FACT)] if steps else []
    return rich_text(line(glue(f"{_SIGNS[change]} "), bold(name, LONGEST_NAME)), *parts)


def _step(compared: Compared, language: Language) -> str | None:
    """Say the level before and now; one level if there is only one report that has the check."""
    if compared.change is Change.CHANGED:
        return None
    levels = [_level(each, language) for each in (compared.before, compared.now) if each is not None]
    if len(levels) == 1:
        return levels[0]
    return phrase("compare.step", language, was=levels[0], now=levels[1])


def _measured(compared: Compared, language: Language) -> list[str]:
    """Put what was measured before and now side by side if it is as much, else say what came and went."""
    lost, gained = compared.lost, compared.gained
    if compared.before is None or compared.now is None:
        return [*lost, *gained]
    if len(lost) == len(gained):
        pairs = zip(lost, gained, strict=True)
        return [phrase("compare.step", language, was=was, now=now) for was, now in pairs]
    gone = [phrase("compare.no_more", language, fact=fact) for fact in lost]
    return gone + [phrase("compare.since", language, fact=fact) for fact in gained]


def _level(finding: Finding, language: Language) -> str:
    level = phrase(f"level.{finding.level.value}", language)
    return phrase("compare.unproven", language, level=level) if finding.is_unproven else level


def _same(comparison: Comparison, language: Language) -> list[Block]:
    names = [each.finding.words.title for each in comparison.of_change(Change.SAME)]
    if not names:
        return []
    together = phrase("report.list_comma", language).join(_few(names))
    return [rich_text(line(words(phrase("compare.same", language, names=together), OBJECT_TEXT)))]


def _few(names: Sequence[str]) -> list[str]:
    """Give each name once, with how often it is there."""
    return [name if (times := names.count(name)) == 1 else f"{name} × {times}" for name in dict.fromkeys(names)]


def _left_out(count: int, language: Language) -> list[Block]:
    return [small_print([phrase("note.cut", language, count=count)])] if count else []
