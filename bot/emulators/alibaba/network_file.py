"""Read network.yml: strictly, and with the file and line of whatever is wrong in it."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.network_change import changed
from bot.emulators.alibaba.network_check import Wrong, checked_network
from bot.emulators.alibaba.yaml_document import Document, Mistake, Place, parse
from bot.model.problem import Problem


def load_network(path: Path | None = None) -> Network:
    """Read a network, without a path the one that comes with the emulator.

    Raises Problem `settings.network_file` with the facts `file`, `line` and `what`.
    """
    name = str(path) if path else "network.yml"
    try:
        return read_network(_text(path))
    except Mistake as mistake:
        raise Problem("settings.network_file", file=name, line=mistake.line, what=mistake.what) from mistake


def read_network(text: str) -> Network:
    """Make a network of the text of a file, and try its scenarios on it; raises Mistake."""
    document = parse(text)
    try:
        network = checked_network(document.data)
        _try_scenarios(network)
    except Wrong as wrong:
        raise _first(document, wrong.mistakes) from None
    return network


def _try_scenarios(network: Network) -> None:
    for name, scenario in network.scenarios.items():
        try:
            changed(network, scenario.change)
        except Wrong as wrong:
            raise Wrong({("scenarios", name): f"scenario {name}: {wrong}"}) from None


def _text(path: Path | None) -> str:
    packaged = files(__package__) / "network.yml"
    try:
        return (path or packaged).read_text(encoding="utf-8")
    except OSError as error:
        raise Mistake(1, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Mistake(1, "is not text in UTF-8") from error


def _first(document: Document, mistakes: Mapping[Place, str]) -> Mistake:
    """Choose the mistake that comes first in the file, and say how many more there are."""
    by_line = sorted((document.line_of(place), what) for place, what in mistakes.items())
    line, what = by_line[0]
    return Mistake(line, what if len(by_line) == 1 else f"{what} (and {len(by_line) - 1} more)")
