"""What holds up a start is said to the asker: nothing is started, why, until when it is tried, nothing to do."""

from datetime import timedelta

import pytest

from bot.model.problem import ProblemDetails
from bot.model.run import Language
from bot.slack.delay import delay_message
from tests.slack.parsed_by_slack import flaws, texts
from tests.slack.scenes import NOON, a_run

AWAY = ProblemDetails(code="cloud.timeout", facts={"operation": "AssumeRole"})
UNTIL = NOON + timedelta(minutes=10)


def test_it_says_that_nothing_is_started_why_and_until_when_it_is_tried() -> None:
    message = delay_message(a_run(), AWAY, UNTIL, "en")

    said = texts(message.blocks)
    assert "Your diagnosis of vpn-bp1k4m9x2q7r5t8w3z6n has not been started yet" in said
    assert "Alibaba Cloud did not answer in time (AssumeRole)." in said
    assert "nothing for you to do" in said
    assert f"'timestamp': {int(UNTIL.timestamp())}" in str(message.blocks)
    assert "running" not in said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_slack_takes_it_with_blocks_and_without(language: Language) -> None:
    message = delay_message(a_run(), AWAY, UNTIL, language)

    assert not list(flaws(message.blocks))
    assert message.plain == message.text
    assert "vpn-bp1k4m9x2q7r5t8w3z6n" in message.text
