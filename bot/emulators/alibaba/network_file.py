"""Read network.yml: strictly, and with the file and line of whatever is wrong in it."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.network_rules import broken_rules
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
    """Make a network of the text of a file; raises Mistake."""
    document = parse(text)
    try:
        network = Network.model_validate(document.data)
    except ValidationError as error:
        raise _first(document, _told(error.errors())) from None
    broken = dict(broken_rules(network))
    if broken:
        raise _first(document, broken)
    return network


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


def _told(errors: Sequence[ErrorDetails]) -> dict[Place, str]:
    """Put errors into words. A list that is too short only because its items are wrong is not told."""
    told = {tuple(error["loc"]): _in_words(error) for error in errors if error["type"] != "too_short"}
    return told or {tuple(error["loc"]): _in_words(error) for error in errors}


def _in_words(error: ErrorDetails) -> str:
    """Say what is wrong without repeating the value, which may be a secret."""
    where = ".".join(str(step) for step in error["loc"] if isinstance(step, str)) or "the file"
    match error["type"]:
        case "extra_forbidden":
            return f"{where}: there is no such key"
        case "missing":
            return f"{where} is missing"
        case "string_type":
            return f"{where} should be text; put it in quotes"
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"
