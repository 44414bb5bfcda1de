"""A signed body is parsed to what Slack meant, within bounds, and nothing in it raises."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.body import DEEPEST, MOST_FIELDS, parse_body
from bot.web.guard import Refusal

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def test_a_command_is_a_form() -> None:
    body = urlencode({"command": "/vpn-diagnose", "text": "", "user_id": "U0ALICE"}).encode()

    assert parse_body(FORM, body) == {"command": "/vpn-diagnose", "text": "", "user_id": "U0ALICE"}


def test_an_interaction_is_json_in_a_field() -> None:
    body = urlencode({"payload": json.dumps({"type": "view_submission"})}).encode()

    assert parse_body(FORM, body) == {"type": "view_submission"}


def test_an_event_is_json() -> None:
    assert parse_body(JSON, b'{"type": "event_callback"}') == {"type": "event_callback"}


@pytest.mark.parametrize(
    "field",
    [
        pytest.param({"channel_name": "payload-oncall"}, id="a channel's name"),
        pytest.param({"text": "payload"}, id="the text"),
        pytest.param({"user_name": "payload"}, id="a person's name"),
    ],
)
def test_the_word_payload_in_a_command_is_only_a_word(field: dict[str, str]) -> None:
    fields = {"command": "/vpn-diagnose"} | field

    assert parse_body(FORM, urlencode(fields).encode()) == fields


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param(JSON, b"{", id="broken JSON"),
        pytest.param(JSON, b"[]", id="a JSON list"),
        pytest.param(JSON, b"", id="nothing as JSON"),
        pytest.param(JSON, b'{"a": NaN}', id="a number that JSON does not have"),
        pytest.param(JSON, b'{"a": ' + b"9" * 5000 + b"}", id="a number without end"),
        pytest.param(JSON, b"[" * 100_000, id="brackets without end"),
        pytest.param(JSON, b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), id="too deep"),
        pytest.param(JSON, b'{"a": "\xff"}', id="not UTF-8"),
        pytest.param(FORM, b"payload=notjson", id="a payload that is no JSON"),
        pytest.param(FORM, b"payload=%5B%5D", id="a payload that is a list"),
        pytest.param(FORM, b"payload=", id="an empty payload"),
        pytest.param(FORM, b"a=%ff", id="a field that is not UTF-8"),
        pytest.param(FORM, b"&".join(b"a=1" for _ in range(MOST_FIELDS + 1)), id="too many fields"),
    ],
)
def test_what_is_no_payload_is_refused(content_type: str, body: bytes) -> None:
    assert parse_body(content_type, body) == Refusal(status=400, reason="body")


def test_the_deepest_payload_is_still_read() -> None:
    body = b'{"a":' * (DEEPEST - 1) + b"{}" + b"}" * (DEEPEST - 1)

    assert isinstance(parse_body(JSON, body), dict)


@given(content_type=st.sampled_from([FORM, JSON, ""]), body=st.binary(max_size=300))
def test_any_bytes_become_a_payload_or_a_refusal(content_type: str, body: bytes) -> None:
    assert isinstance(parse_body(content_type, body), dict | Refusal)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=10,
)


@given(payload=st.dictionaries(st.text(), VALUES, max_size=4))
def test_every_object_that_slack_could_send_arrives_unchanged(payload: dict[str, Any]) -> None:
    assert parse_body(JSON, json.dumps(payload).encode()) == payload
    assert parse_body(FORM, urlencode({"payload": json.dumps(payload)}).encode()) == payload


@given(text=st.text("ab=&+%25F", max_size=40))
def test_a_form_is_read_as_the_standard_library_reads_it(text: str) -> None:
    try:
        expected = dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except ValueError:
        expected = None

    read = parse_body(FORM, text.encode())

    assert read == (Refusal(status=400, reason="body") if expected is None else expected)


@given(fields=st.dictionaries(st.text(min_size=1).filter(lambda name: name != "payload"), st.text(), max_size=5))
def test_every_command_that_slack_could_send_arrives_unchanged(fields: dict[str, str]) -> None:
    assert parse_body(FORM, urlencode(fields).encode()) == fields
