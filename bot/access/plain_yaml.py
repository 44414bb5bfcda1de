"""YAML without what makes one thing in a file mean another: no anchors, no tags, one document, bounded depth."""

import re
from pathlib import Path

import yaml

from bot.access.entries import Entry, file_problem
from bot.model.problem import Problem

# libyaml where PyYAML was built with it (all its wheels are): 10,000 lines in 0.1 s instead of 0.6 s.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# A condition in a guardrail is the deepest thing there is: 8. The bound keeps the parser's recursion harmless.
_DEEPEST = 12

# YAML's printable characters (yaml.org/spec/1.1, c-printable); the parser says of others only that there is one.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_SYNTAX_HINT = "Look here and at the line above: a tab, spaces at the beginning, a colon, an open quote, a * or &"


def parse(content: bytes, file: Path) -> Entry:
    """Parse one YAML document without anchors and deep nesting, or raise Problem("settings.access_file")."""
    try:
        text = content.decode("utf-8-sig")
        _check_shape(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except UnicodeDecodeError:
        # Not `from`: the error carries the file's content.
        raise file_problem(file, "the file is not UTF-8 text", "Save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        # Not `from`: the parser's error quotes the line, and a secret may have been pasted into it.
        raise _not_yaml(error, file) from None
    if node is None:
        raise file_problem(file, "the file is empty", "Start from access.example.yml")
    return Entry(file, node, "")


def _check_shape(text: str, file: Path) -> None:
    unprintable = _UNPRINTABLE.search(text)
    if unprintable:
        line = text.count("\n", 0, unprintable.start()) + 1
        raise file_problem(file, "there is a character that YAML does not allow", "Type the line anew", line=line)
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        _check_event(event, file)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise file_problem(file, "nested too deeply", "Look at access.example.yml", line=_line(event))


def _check_event(event: yaml.Event, file: Path) -> None:
    """Refuse what would make one thing of the file mean another: aliases, and tags, which name types."""
    if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
        what, hint = "anchors (&) and aliases (*) are not read here", "Write it out; there are no wildcards either"
    elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
        what, hint = "tags (!) are not read here", "Write the value alone, in quotes if it is text"
    else:
        return
    raise file_problem(file, what, hint, line=_line(event))


def _line(event: yaml.Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark else None


def _not_yaml(error: yaml.MarkedYAMLError, file: Path) -> Problem:
    line = error.problem_mark.line + 1 if error.problem_mark else None
    return file_problem(file, f"this is not YAML: {error.problem}", _SYNTAX_HINT, line=line)
