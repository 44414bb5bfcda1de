from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.emulators.slack import EXAMPLE
from bot.emulators.slack.arguments import Arguments
from bot.emulators.slack.methods import METHODS
from bot.emulators.slack.methods.call import Call
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State
from tests.emulators.slack.playground import ALICE, INCIDENT, Clock, a_view

NAMES = [
    *("channel", "user", "users", "text", "blocks", "attachments", "metadata", "thread_ts", "ts", "message_ts"),
    *("limit", "cursor", "oldest", "latest", "inclusive", "trigger_id", "view", "view_id", "external_id", "hash"),
    *("user_id", "usergroup", "error", "include_all_metadata", "reply_broadcast"),
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=10)
    | st.sampled_from(
        [INCIDENT, ALICE, "D0ALICE", "S0ONCALL", "[]", "{}", "1.000001", a_view(), [{"type": "divider"}]]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=40)
@given(arguments=st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_whatever_is_sent_the_answer_is_an_answer(name: str, arguments: dict[str, Any]) -> None:
    state = State(EXAMPLE, Clock(), lambda size: b"x" * size)

    try:
        answer = METHODS[name].handler(state, Call(Arguments(arguments), "http://127.0.0.1"))
    except Refused as refused:
        answer = refused.answer()

    assert isinstance(answer, dict)
