"""What is told of an error that nobody foresaw: its kinds, codes and frames, and never its text.

The text of a foreign error quotes what it stumbled over: the values that pydantic refused, the parameters of a
statement, an address with its password.
"""

import errno
import traceback
from collections.abc import Iterator

from bot.model.problem import Problem

_MOST_ERRORS = 20


def told(error: BaseException) -> str:
    """Return a traceback, what led to the error first; no error in it says more than its kind and its code."""
    return "".join(_parts(error, []))


def _parts(error: BaseException, known: list[BaseException]) -> Iterator[str]:
    if len(known) >= _MOST_ERRORS or any(error is one for one in known):
        return
    known.append(error)
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _parts(earlier, known)
        yield "and then\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_kind(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield "in it\n"
            yield from _parts(one, known)


def _kind(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    code = _code(error)
    return f"{name}: {code}" if code else name


def _code(error: BaseException) -> str | None:
    """Return the code that an error has of those who made it: a list of theirs, which nobody's words are in."""
    if isinstance(error, Problem):
        return str(error)
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or 0)
    # Of SQLite (sqlite.org/rescode.html) and of PostgreSQL (postgresql.org/docs/current/errcodes-appendix.html).
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    return code if isinstance(code, str) else None
