"""A YAML document as plain data that remembers on which line each part of it stands."""

from collections.abc import Callable
from typing import Any, NamedTuple

import yaml

Place = tuple[str | int, ...]

LONGEST_TEXT = 1024 * 1024

_PLAIN: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": lambda text: text.lower() in {"true", "yes", "on"},
    "tag:yaml.org,2002:null": lambda text: None,  # noqa: ARG005  the other readers need the text
}


class Mistake(Exception):
    """What is wrong in a document, and on which line; 1 is the first."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


class Document(NamedTuple):
    """Plain data, and the line of every part of it."""

    data: Any
    lines: dict[Place, int]

    def line_of(self, place: Place) -> int:
        """Give the line of a part, or of the nearest one around it that is there.

        Where one value stands for a list of one, its place in that list is passed over.
        """
        there: Place = ()
        for step in place:
            if (*there, step) in self.lines:
                there = (*there, step)
            elif step != 0:
                break
        return self.lines[there]


def parse(text: str) -> Document:
    """Parse one document; raises Mistake for bad YAML, for for a key that stands twice, and for aliases."""
    if len(text) > LONGEST_TEXT:
        raise Mistake(1, f"longer than {LONGEST_TEXT} characters")
    try:
        _refuse_aliases(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[Place, int] = {(): 1}
        return Document(_plain(node, (), lines) if node else None, lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Mistake(mark.line + 1 if mark else 1, error.problem or "not YAML") from error
    except yaml.YAMLError as error:
        raise Mistake(1, "holds a character that YAML does not allow") from error
    except RecursionError as error:
        raise Mistake(1, "nested too deep") from error


def _refuse_aliases(text: str) -> None:
    """Refuse what lets a few lines stand for gigabytes."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise Mistake(_line(event), "aliases (*name) are not supported here")


def _plain(node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    lines.setdefault(place, _line(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, index), lines) for index, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise Mistake(_line(key_node), "a key should be one word")
        key = str(key_node.value)
        if key in data:
            raise Mistake(_line(key_node), f"{key} stands here twice")
        lines[*place, key] = _line(key_node)
        data[key] = _plain(value_node, (*place, key), lines)
    return data


def _scalar(node: yaml.Node) -> Any:
    try:
        return _PLAIN.get(node.tag, str)(node.value)
    except ValueError:  # 1:30 and 0x1F are numbers to YAML; here they are text
        return str(node.value)


def _line(marked: yaml.Node | yaml.Event) -> int:
    return marked.start_mark.line + 1 if marked.start_mark else 1
