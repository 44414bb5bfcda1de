"""Read the arguments of a Web API call, from a form, JSON or the query, as Slack does."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from bot.emulators.control import parse_json
from bot.emulators.slack.refused import Refused

MOST_FORM_FIELDS = 200
_TS = re.compile(r"\d{1,12}\.\d{6}")
_TRUE = frozenset({"1", "true", "yes", "on"})


class Arguments:
    """Arguments by name, read as the type that is wanted; raises Refused where one has another."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = {name: value for name, value in given.items() if value is not None}

    def as_dict(self) -> dict[str, Any]:
        return dict(self._given)

    def text(self, name: str) -> str | None:
        value = self._given.get(name)
        if value is None or isinstance(value, str):
            return value
        raise invalid(f"must provide a string [json-pointer:/{name}]")

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise invalid(f"missing required field: {name}")
        return value

    def ts(self, name: str) -> str | None:
        """Give a timestamp such as `1763899200.000100`; None if there is none."""
        value = self.text(name)
        if value and not _TS.fullmatch(value):
            raise invalid(f"invalid timestamp [json-pointer:/{name}]")
        return value or None

    def flag(self, name: str) -> bool:
        value = self._given.get(name, False)
        return value if isinstance(value, bool) else str(value).lower() in _TRUE

    def number(self, name: str) -> int | None:
        value = self._given.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int | str) or not re.fullmatch(r"\d{1,9}", str(value)):
            raise invalid(f"must provide an integer [json-pointer:/{name}]")
        return int(value)

    def structure(self, name: str, error: str) -> Any:
        """Give an object or array, which a form holds as JSON; raises Refused(error) if it is none."""
        value = self._given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return parse_json(value) if value else None
        except ValueError as broken:
            raise Refused(error) from broken


def invalid(flaw: str) -> Refused:
    return Refused.because("invalid_arguments", [flaw])


def read_arguments(
    method: str, query: Mapping[str, str], content_type: str, body: bytes, *, takes_json: bool
) -> Arguments:
    """Read a call's arguments; those of the body win over the query's.

    Slack ignores a JSON body of methods whose page does not list `application/json`.
    Errors as in docs.slack.dev/apis/web-api: invalid_json, json_not_object, invalid_form_data, invalid_post_type.
    """
    given: dict[str, Any] = dict(query)
    if method == "POST" and body:
        match content_type:
            case "application/json":
                given |= _json(body) if takes_json else {}
            case "application/x-www-form-urlencoded":
                given |= _form(body)
            case _:
                raise Refused("invalid_post_type")
    return Arguments(given)


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = parse_json(body)
    except ValueError as error:
        raise Refused("invalid_json") from error
    if not isinstance(parsed, dict):
        raise Refused("json_not_object")
    return parsed


def _form(body: bytes) -> dict[str, Any]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FORM_FIELDS))
    except ValueError as error:
        raise Refused("invalid_form_data") from error
