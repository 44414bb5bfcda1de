"""What an acknowledgement says is complete in both languages and within what Slack takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.emulators.slack.blocks import Surface
from bot.emulators.slack.view_schema import view_flaws
from bot.listeners.command_text import Start, read_command
from bot.listeners.reading import FieldErrors
from bot.listeners.regions import known_regions
from bot.listeners.replies import (
    COMMAND,
    EXAMPLE,
    EXAMPLE_WITH_ADDRESSES,
    MOST_MISTAKES,
    accepted_reply,
    errors_reply,
    form_problem_reply,
    help_reply,
    mistakes_reply,
    problem_reply,
    too_long_reply,
)
from bot.model.ids import UserId
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Language
from bot.slack.limits import fits

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])
NOT_MAPPED = Problem("access.not_mapped", team_id="T0EMULATED", user_id="U0MALLORY").details


def texts(part: Any) -> list[str]:
    """List the words in blocks, as they stand one after another."""
    if isinstance(part, list):
        return [text for inner in part for text in texts(inner)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    return own + [text for inner in part.values() for text in texts(inner)]


@pytest.mark.parametrize("example", [EXAMPLE, EXAMPLE_WITH_ADDRESSES])
def test_the_examples_work(example: str) -> None:
    assert isinstance(read_command(example, known_regions(), None), Start)


@LANGUAGES
def test_help_shows_every_way(language: Language) -> None:
    said = texts(help_reply(language)["blocks"])

    commands = {f"{COMMAND} {text}" for text in ("help", EXAMPLE, EXAMPLE_WITH_ADDRESSES)}
    assert {COMMAND, *commands} <= set(said)
    assert "@vpn-diagnose" in said[-1]


@LANGUAGES
def test_in_a_thread_nobody_is_told_to_type_a_command(language: Language) -> None:
    mistakes = (Problem("form.word_unknown", value="x").details, Problem("form.word_unknown", value="y").details)
    bot = UserId("U0VPNBOT")
    for reply in (
        help_reply(language, bot),
        mistakes_reply(mistakes[:1], language, bot),
        mistakes_reply(mistakes, language, bot),
        too_long_reply(language, bot),
    ):
        assert COMMAND not in str(reply)
        assert {"type": "user", "user_id": bot} in [
            element for part in reply["blocks"][0]["elements"] for element in part["elements"]
        ]


@LANGUAGES
def test_a_problem_says_what_happened_what_to_do_and_who_can_mend_it(language: Language) -> None:
    reply = problem_reply(NOT_MAPPED, language)

    said = " ".join(texts(reply["blocks"]))
    assert reply["response_type"] == "ephemeral"
    assert "U0MALLORY" in said
    assert "T0EMULATED" in said
    assert ("Who can mend it" in said) == (language == "en")


def test_a_fault_is_said_with_its_error_id() -> None:
    details = ProblemDetails(code="bot.unexpected", facts={"error_id": "0badc0de"})

    assert "0badc0de" in " ".join(texts(problem_reply(details, "en")["blocks"]))
    assert "0badc0de" in " ".join(texts(form_problem_reply(details, "en")["view"]["blocks"]))


@LANGUAGES
def test_words_that_are_not_known_are_named_in_one_sentence(language: Language) -> None:
    unknown = [Problem("form.word_unknown", value=word).details for word in ("my", "vpn", "broke")]
    twice = Problem("form.word_repeated", value="vpn-2").details
    said = mistakes_reply((unknown[0], twice, *unknown[1:]), language)["text"]

    assert [said.count(f"“{word}”") for word in ("my", "vpn", "broke", "vpn-2")] == [1, 1, 1, 1]
    assert said.count("/vpn-diagnose help") == 1
    assert said.index("my") < said.index("vpn-2")


@LANGUAGES
def test_more_mistakes_than_anybody_reads_are_counted(language: Language) -> None:
    problems = tuple(Problem("form.word_unknown", value=f"word{number}").details for number in range(25))

    said = " ".join(texts(mistakes_reply(problems, language)["blocks"]))
    assert f"word{MOST_MISTAKES - 1}" in said
    assert f"word{MOST_MISTAKES}" not in said
    assert "15" in said


@pytest.mark.parametrize(
    ("code", "field"), [("access.guardrail", "gateway_id"), ("bot.not_stored", "destination_ip")]
)
def test_what_can_be_sent_again_keeps_the_form(code: str, field: str) -> None:
    reply = form_problem_reply(ProblemDetails(code=code), "en")

    assert reply["response_action"] == "errors"
    assert set(reply["errors"]) == {field}


@LANGUAGES
def test_any_other_problem_takes_the_place_of_the_form(language: Language) -> None:
    reply = form_problem_reply(NOT_MAPPED, language)

    assert reply["response_action"] == "update"
    assert view_flaws(reply["view"], Surface.MODAL) == []


FOREIGN = st.text(max_size=3_000)


@given(values=st.lists(FOREIGN, min_size=1, max_size=15))
def test_whatever_was_typed_the_answer_is_within_slacks_limits(values: list[str]) -> None:
    problems = tuple(Problem("form.word_unknown", value=value).details for value in values)

    reply = mistakes_reply(problems, "en")

    assert fits(reply["blocks"])
    assert len(reply["text"]) <= 4_000


@pytest.mark.parametrize("also", [(), ("here",)])
@pytest.mark.parametrize(
    ("language", "asked"), [("en", "Did you mean “history”?"), ("zh", "您是否想输入“history”？")]
)
def test_what_was_meant_is_asked(also: tuple[str, ...], language: Language, asked: str) -> None:
    slip = Problem("form.word_unknown", value="histoory", suggestion="history").details
    others = [Problem("form.word_unknown", value=word).details for word in also]

    assert asked in mistakes_reply((slip, *others), language)["text"]
    assert asked[:7] not in mistakes_reply((Problem("form.word_unknown", value="x").details,), language)["text"]


@given(value=FOREIGN)
def test_an_error_beside_a_field_is_short_whatever_was_typed(value: str) -> None:
    errors = FieldErrors(by_field={"region": Problem("form.region_unknown", value=value).details})

    assert len(errors_reply(errors, "en")["errors"]["region"]) <= 301


@pytest.mark.parametrize(
    ("language", "here", "alone"), [("en", "channel", "direct messages"), ("zh", "频道", "私信")]
)
def test_what_is_said_at_once_holds_wherever_the_answer_goes(language: Language, here: str, alone: str) -> None:
    said = accepted_reply(language)["text"]

    assert here in said
    assert alone in said
