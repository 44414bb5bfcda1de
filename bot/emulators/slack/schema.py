"""A small language for shapes of JSON, whose complaints read as Slack's own do.

A check gets a value and the JSON pointer to it, and yields a sentence for each flaw.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[Any, str], Iterator[str]]


def flaw(complaint: str, pointer: str) -> str:
    return f"{complaint} [json-pointer:{pointer}]"


def anything(value: Any, pointer: str) -> Iterator[str]:
    del value, pointer
    yield from ()


def boolean(value: Any, pointer: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield flaw("must provide a boolean", pointer)


def string(most: int, least: int = 1) -> Check:
    """Want a string of so many characters."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield flaw("must provide a string", pointer)
        elif len(value) > most:
            yield flaw(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            yield flaw(f"must be more than {least - 1} characters", pointer)

    return check


def integer(least: int, most: int) -> Check:
    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield flaw("must provide an integer", pointer)
        elif not least <= value <= most:
            yield flaw(f"must be between {least} and {most}", pointer)

    return check


def one_of(*allowed: str) -> Check:
    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str) or value not in allowed:
            yield flaw(f"must be one of: {', '.join(allowed)}", pointer)

    return check


def array(item: Check, most: int, least: int = 1) -> Check:
    """Want an array of so many items, each of one shape."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield flaw("must provide an array", pointer)
            return
        if len(value) > most:
            yield flaw(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            yield flaw(f"no less than {least} items allowed", pointer)
        for index, each in enumerate(value[:most]):
            yield from item(each, f"{pointer}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Want an object with these fields and no others; a field that is null counts as absent."""
    fields = {**required, **(optional or {})}

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield flaw("must provide an object", pointer)
            return
        for name in required:
            if value.get(name) is None:
                yield flaw(f"missing required field: {name}", pointer)
        for name, inner in value.items():
            if name not in fields:
                yield flaw(f"invalid additional property: {name[:80]}", pointer)
            elif inner is not None:
                yield from fields[name](inner, f"{pointer}/{name}")

    return check


def by_type(shapes: Mapping[str, Check]) -> Check:
    """Want an object whose `type` says which of the shapes it has."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield flaw("must provide an object", pointer)
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            yield flaw("missing required field: type", pointer)
        elif kind not in shapes:
            yield flaw(f"unsupported type: {kind[:80]}", f"{pointer}/type")
        else:
            yield from shapes[kind](value, pointer)

    return check


def nullable(check: Check) -> Check:
    """Want this, or null as an item of an array."""

    def check_or_null(value: Any, pointer: str) -> Iterator[str]:
        if value is not None:
            yield from check(value, pointer)

    return check_or_null


def every(*checks: Check) -> Check:
    """Want what all of the checks want."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        for each in checks:
            yield from each(value, pointer)

    return check
