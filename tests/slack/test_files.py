"""Files that are shared with one person, between the production client and the emulator."""

from typing import TYPE_CHECKING

import pytest

from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.slack.files import UPLOAD, File, share_file

if TYPE_CHECKING:
    from tests.slack.conftest import Slack

REPORT = File("vpn-1.json", '{"名": "值"}\n'.encode())


async def test_a_file_is_shared_where_it_was_said(slack: "Slack") -> None:
    direct = await slack.api.open_direct_message(UserId("U0ALICE"))
    await share_file(slack.api, REPORT, direct)
    (message,) = await slack.player.messages(direct)
    (file,) = message["files"]
    async with slack.session.get(f"{slack.url}{file['url_private']}") as answer:
        content = await answer.read()

    assert (file["name"], file["title"]) == ("vpn-1.json", "vpn-1.json")
    assert content == REPORT.content


@pytest.mark.parametrize("operation", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_what_slack_refuses_is_a_problem(slack: "Slack", operation: str) -> None:
    await slack.player.fault(operation, "error", error="file_uploads_disabled")

    with pytest.raises(Problem, match=r"slack\.file_uploads_disabled"):
        await share_file(slack.api, REPORT, ChannelId("C0INCIDENT"))


@pytest.mark.parametrize(
    ("kind", "code"),
    [("http_500", "slack.not_understood"), ("reset_before", "slack.interrupted"), ("html", "")],
)
async def test_bytes_that_do_not_arrive_are_not_shared(slack: "Slack", kind: str, code: str) -> None:
    await slack.player.fault(UPLOAD, kind)

    with pytest.raises(Problem) as raised:
        await share_file(slack.api, REPORT, ChannelId("C0INCIDENT"))

    assert raised.value.code == (code or "slack.file_not_found")
    assert await slack.texts() == []
