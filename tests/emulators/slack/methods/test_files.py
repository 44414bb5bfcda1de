"""Files, brought by the official client and by hand."""

from io import BytesIO
from typing import Any

import pytest

from bot.emulators.slack import EXAMPLE
from tests.emulators.slack.playground import INCIDENT, OPEN, Playground, playing, refusal

CONTENT = '{"Schema": "vpn-diagnose/report/1"}\n'


async def an_upload(slack: Playground, content: bytes = b"hello", **more: Any) -> tuple[str, str]:
    answer = await slack.web.files_getUploadURLExternal(filename="a.json", length=len(content), **more)
    return str(answer["upload_url"]), str(answer["file_id"])


async def brought(slack: Playground, url: str, content: bytes = b"hello") -> tuple[int, str]:
    async with slack.session.post(url, data=content) as answer:
        return answer.status, await answer.text()


async def test_the_official_client_shares_a_file_in_a_channel(slack: Playground) -> None:
    root = await slack.posted()
    answer = await slack.web.files_upload_v2(
        filename="report.json", content=CONTENT, channel=INCIDENT, initial_comment="Here", thread_ts=root
    )
    ((message,),) = [one["replies"] for one in await slack.player.messages(INCIDENT)]
    (file,) = message["files"]
    async with slack.session.get(answer["file"]["url_private"]) as shown:
        content = await shown.text()

    assert (file["name"], file["title"], file["size"]) == ("report.json", "report.json", len(CONTENT))
    assert (message["text"], message["user"]) == ("Here", EXAMPLE.app.bot_user_id)
    assert content == CONTENT


async def test_a_file_in_direct_messages_is_seen_there(slack: Playground) -> None:
    opened = await slack.web.conversations_open(users="U0ALICE")
    await slack.web.files_upload_v2(filename="a.json", content=CONTENT, channel=opened["channel"]["id"])

    (message,) = await slack.player.messages(opened["channel"]["id"])
    assert message["files"][0]["name"] == "a.json"


async def test_without_a_channel_a_file_is_nobody_elses(slack: Playground) -> None:
    url, file_id = await an_upload(slack)
    await brought(slack, url)
    answer = await slack.web.files_completeUploadExternal(files=[{"id": file_id, "title": "A"}])

    assert answer["files"][0]["title"] == "A"
    assert await slack.player.messages(INCIDENT) == []


async def test_an_address_is_good_for_one_upload(slack: Playground) -> None:
    url, _ = await an_upload(slack)

    assert await brought(slack, url) == (200, "OK - 5")
    assert await brought(slack, url) == (400, "used_url")


async def test_an_address_is_for_as_many_bytes_as_were_said(slack: Playground) -> None:
    url, _ = await an_upload(slack)

    assert await brought(slack, url, b"more than was said") == (400, "length_mismatch")


async def test_an_address_that_nobody_was_given_takes_nothing(slack: Playground) -> None:
    url, _ = await an_upload(slack)

    assert (await brought(slack, f"{url}x"))[0] == 404


async def test_an_address_is_not_good_for_ever(slack: Playground) -> None:
    url, _ = await an_upload(slack)
    slack.clock.forward(hours=1)

    assert await brought(slack, url) == (400, "expired_url")


async def test_the_bytes_may_come_in_a_form(slack: Playground) -> None:
    url, file_id = await an_upload(slack)
    async with slack.session.post(url, data={"filename": BytesIO(b"hello")}) as answer:
        status = answer.status
    await slack.web.files_completeUploadExternal(files=[{"id": file_id}], channel_id=INCIDENT)

    assert status == 200


async def test_what_was_not_brought_cannot_be_shared(slack: Playground) -> None:
    _, file_id = await an_upload(slack)

    call = slack.web.files_completeUploadExternal(files=[{"id": file_id}], channel_id=INCIDENT)
    assert (await refusal(call))["error"] == "file_not_found"


async def test_a_file_is_completed_once(slack: Playground) -> None:
    url, file_id = await an_upload(slack)
    await brought(slack, url)
    await slack.web.files_completeUploadExternal(files=[{"id": file_id}], channel_id=INCIDENT)

    call = slack.web.files_completeUploadExternal(files=[{"id": file_id}], channel_id=INCIDENT)
    assert (await refusal(call))["error"] == "file_not_found"


@pytest.mark.parametrize(("channel", "error"), [(OPEN, "not_in_channel"), ("C0NOWHERE", "channel_not_found")])
async def test_where_the_bot_may_not_write_it_shares_nothing(slack: Playground, channel: str, error: str) -> None:
    url, file_id = await an_upload(slack)
    await brought(slack, url)

    call = slack.web.files_completeUploadExternal(files=[{"id": file_id}], channel_id=channel)
    assert (await refusal(call))["error"] == error


@pytest.mark.parametrize(
    ("length", "more", "error"),
    [
        pytest.param(0, {}, "missing_argument", id="nothing"),
        pytest.param(1_000_001, {}, "file_upload_size_restricted", id="too much"),
        pytest.param(1_000_001, {"snippet_type": "json"}, "snippet_too_large", id="too much for a snippet"),
    ],
)
async def test_some_sizes_are_refused(slack: Playground, length: int, more: dict[str, str], error: str) -> None:
    call = slack.web.files_getUploadURLExternal(filename="a.json", length=length, **more)

    assert (await refusal(call))["error"] == error


@pytest.mark.parametrize("files", [None, [], "x", [{"title": "no id"}], [1]])
async def test_files_of_another_shape_are_refused(slack: Playground, files: Any) -> None:
    call = slack.web.api_call("files.completeUploadExternal", json={"files": files})

    assert (await refusal(call))["error"] == "invalid_arguments"


async def test_it_needs_the_scope() -> None:
    without = EXAMPLE.granting(*(scope for scope in EXAMPLE.app.scopes if scope != "files:write"))
    async with playing(without) as narrow:
        call = narrow.web.files_getUploadURLExternal(filename="a.json", length=1)
        answer = await refusal(call)

    assert (answer["error"], answer["needed"]) == ("missing_scope", "files:write")
