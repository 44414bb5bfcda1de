"""References to secrets: access.yml names where one is kept, and it is read when it is used."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import SecretStr

from bot.access.files import read_trusted
from bot.model.ids import Identifier
from bot.model.problem import Problem

_LONGEST = 8192  # bytes; an STS token, the longest of them, has some 1,000

# What goes into a header or a query: a line break inside would fail later, in an error that quotes the value.
_VALUE = re.compile(r"[\x21-\x7e]+")


class SecretReference(Identifier):
    """Where a secret is kept: `env:NAME`, or `file:PATH` beside access.yml or absolute."""

    form = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f\x7f]{1,4000}")
    __slots__ = ()


def resolve(reference: str, environ: Mapping[str, str], directory: Path) -> SecretStr:
    """Read the secret now, without the line break at its end; reading a file may take a moment.

    Raises Problem("access.secret_missing") with `reference` and `reason`, never with anything of the value.
    """

    def refuse(reason: str) -> Problem:
        return Problem("access.secret_missing", reference=reference, reason=reason)

    kind, _, place = reference.partition(":")
    if kind == "env":
        if place not in environ:
            raise refuse("is not set")
        text = environ[place]
    elif kind == "file" and place:
        text = _read(directory / place, refuse)
    else:
        raise Problem("access.secret_missing", reference="", reason="is not of the form env:NAME or file:PATH")
    text = text.rstrip("\r\n")
    if not _VALUE.fullmatch(text):
        raise refuse("is empty" if not text else "holds spaces, line breaks or other characters no secret has")
    return SecretStr(text)


def _read(path: Path, refuse: Callable[[str], Problem]) -> str:
    content = read_trusted(path, at_most=_LONGEST, refuse=refuse)
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        # Not `from`: the error carries the secret.
        raise refuse("is not plain text") from None
