"""What Slack's answers tell of our token and of our clock."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.model.ids import UserId
from bot.model.problem import Problem
from bot.slack.api import SlackApi
from bot.slack.client import build_client
from bot.slack.directory import Directory
from bot.slack.heard import Heard
from tests.slack.conftest import Slack


def an_hour_ahead() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


async def test_a_token_that_slack_refuses_is_remembered_until_it_is_taken_again(slack: Slack) -> None:
    heard = Heard()
    client = build_client("xoxb-emulator", f"{slack.url}/api/", slack.session)
    api, directory = SlackApi(client, heard=heard), Directory(client, heard)
    await slack.player.fault("users.info", "error", error="token_revoked")

    with pytest.raises(Problem):
        await directory.account(UserId("U0ALICE"))
    refused = heard.refused
    await api.auth_test()

    assert (refused, heard.refused) == ("slack.token_revoked", None)


async def test_another_refusal_says_nothing_of_the_token(slack: Slack) -> None:
    heard = Heard()
    directory = Directory(build_client("xoxb-emulator", f"{slack.url}/api/", slack.session), heard)

    with pytest.raises(Problem):
        await directory.account(UserId("U0NOBODY"))

    assert heard.refused is None


async def test_the_date_of_an_answer_tells_how_far_off_our_clock_is(slack: Slack) -> None:
    heard = Heard(an_hour_ahead)
    api = SlackApi(build_client("xoxb-emulator", f"{slack.url}/api/", slack.session), heard=heard)
    before = heard.ahead
    await api.auth_test()

    assert before is None
    assert heard.ahead is not None
    assert abs(heard.ahead - timedelta(hours=1)) < timedelta(seconds=30)
