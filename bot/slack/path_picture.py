"""The path as a reader gets it: where it breaks as a sentence, a picture, and who reaches whom in words.

The picture has a station on each line, its sign first, and under it what is known of it: a screen reader reads it
from top to bottom, and 34 columns are what a phone shows without breaking lines.
"""

from collections.abc import Iterator

from bot.explain.phrases import phrase
from bot.model.report import ResultLevel
from bot.model.run import Language
from bot.slack.blocks import Element, bold, bullets, line, preformatted
from bot.slack.columns import cut_to_columns
from bot.slack.path import Outcome, Path
from bot.slack.probes import Probes
from bot.slack.stations import Condition, Stop
from bot.slack.verdict import SIGNS, UNPROVEN

# A phone in portrait shows about so many columns of the typewriter face.
WIDEST = 34

_SIGNS = {
    Condition.WORKS: SIGNS[ResultLevel.NORMAL],
    Condition.IMPAIRED: SIGNS[ResultLevel.WARNING],
    Condition.BROKEN: SIGNS[ResultLevel.ERROR],
    Condition.UNKNOWN: UNPROVEN,
}

# Drawn before what is said of a station, down to the next one: solid where traffic was seen to pass.
_PASSES, _BREAKS, _UNPROVED, _END = "│", "╳", "┊", " "

_PROBED = {ResultLevel.NORMAL: "answers", ResultLevel.WARNING: "lossy", ResultLevel.ERROR: "silent"}


def path_parts(path: Path, language: Language) -> list[Element]:
    """Make the parts of a rich_text block: the sentence first, for whoever reads no further."""
    said = list(_reachability(path, language))
    parts = [line(bold(where_it_breaks(path, language))), preformatted(picture(path, language))]
    return [*parts, bullets(said)] if said else parts


def where_it_breaks(path: Path, language: Language) -> str:
    """Say in a sentence what can be said of the whole."""
    comma = phrase("report.list_comma", language)
    stations = comma.join(phrase(f"path.{stop.station.value}", language) for stop in path.suspects)
    facts = _given(source=path.private.source, destination=path.private.target)
    return phrase(f"path.{_sentence(path)}", language, stations=stations, **facts)


def picture(path: Path, language: Language) -> list[str]:
    """Draw the stations from the VPC to the data centre, two lines each, at most 34 columns wide."""
    return [text for stop in path.stops for text in _drawn(stop, path, language)]


def _sentence(path: Path) -> str:
    match path.outcome:
        case Outcome.PASSES if path.private.level is ResultLevel.WARNING:
            return "passes_lossy"
        case Outcome.PASSES if path.impaired:
            return "passes_impaired"
        case Outcome.BROKEN if path.peer_silent:
            return "broken_peer_silent"
        case Outcome.UNPLACED | Outcome.UNTESTED if path.tunnel_up:
            return f"{path.outcome.value}_with_tunnel"
        case _:
            return path.outcome.value


def _drawn(stop: Stop, path: Path, language: Language) -> Iterator[str]:
    name = phrase(f"path.{stop.station.value}", language)
    mark = f" {phrase(_mark(path), language)}" if stop is path.marked else ""
    yield cut_to_columns(f"{_SIGNS[stop.condition]} {name[0].upper()}{name[1:]}{mark}", WIDEST)
    note = phrase(f"path.note_{stop.note}", language, **stop.facts)
    yield cut_to_columns(f"{_line_down(stop, path)}  {note}", WIDEST)


def _mark(path: Path) -> str:
    is_certain = path.outcome is Outcome.BROKEN and not path.peer_silent
    return "path.here" if is_certain else "path.perhaps_here"


def _line_down(stop: Stop, path: Path) -> str:
    if stop is path.stops[-1]:
        return _END
    if stop.condition is Condition.BROKEN:
        return _BREAKS
    return _PASSES if path.private.come_back else _UNPROVED


def _reachability(path: Path, language: Language) -> Iterator[str]:
    """Say who reaches whom, as far as it was tested."""
    public, private = path.public, path.private
    if public.level in _PROBED:
        yield _reach("public", public, language, address=public.target)
    if private.level in _PROBED:
        yield _reach("private", private, language, source=private.source, destination=private.target)


def _reach(kind: str, probes: Probes, language: Language, **addresses: str | None) -> str:
    key = f"path.{kind}_{_PROBED[probes.level or ResultLevel.ERROR]}"
    return phrase(key, language, **_given(**addresses, loss=probes.loss, rtt=probes.rtt))


def _given(**facts: str | None) -> dict[str, str]:
    return {name: text for name, text in facts.items() if text is not None}
