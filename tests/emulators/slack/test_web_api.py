import asyncio
import io

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.slack import EXAMPLE
from tests.emulators.slack.playground import INCIDENT, Playground, playing, refusal


async def test_the_official_client_finds_out_who_it_is_and_what_it_may(slack: Playground) -> None:
    answer = await slack.web.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0EMULATED", "U0VPNBOT", "B0VPNBOT")
    assert "chat:write" in answer.headers["X-OAuth-Scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xapp-emulator", "not_allowed_token_type")],
)
async def test_a_bad_token_is_refused(slack: Playground, token: str, error: str) -> None:
    client = AsyncWebClient(token, base_url=f"{slack.url}/api/", session=slack.session)

    assert (await refusal(client.auth_test()))["error"] == error


async def test_a_bot_token_opens_no_connection(slack: Playground) -> None:
    assert (await refusal(slack.web.apps_connections_open(app_token="xoxb-emulator")))["error"] == (
        "not_allowed_token_type"
    )


async def test_a_missing_scope_names_what_is_needed_and_what_is_there() -> None:
    async with playing(EXAMPLE.granting("commands")) as slack:
        answer = await refusal(slack.web.chat_postMessage(channel=INCIDENT, text="x"))

        assert (answer["error"], answer["needed"], answer["provided"]) == (
            "missing_scope",
            "chat:write",
            "commands",
        )


async def test_the_token_may_be_a_field_of_the_form_but_not_of_json(slack: Playground) -> None:
    address, given = f"{slack.url}/api/auth.test", {"token": "xoxb-emulator"}
    form = await (await slack.session.post(address, data=given)).json()
    in_json = await (await slack.session.post(address, json=given)).json()

    assert form["ok"] is True
    assert in_json["error"] == "not_authed"


async def test_structures_are_taken_from_a_form_as_json(slack: Playground) -> None:
    form = {"token": "xoxb-emulator", "channel": INCIDENT, "blocks": '[{"type": "divider"}]', "text": "x"}
    answer = await (await slack.session.post(f"{slack.url}/api/chat.postMessage", data=form)).json()

    assert answer["message"]["blocks"][0]["type"] == "divider"


async def test_a_json_body_is_not_read_where_slack_does_not_read_it(slack: Playground) -> None:
    headers = {"Authorization": "Bearer xoxb-emulator"}
    address = f"{slack.url}/api/users.info"
    answer = await (await slack.session.post(address, json={"user": "U0ALICE"}, headers=headers)).json()

    assert answer["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[]", "application/json", "json_not_object"),
        (b"[" * 10_000, "application/json", "invalid_json"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "application/json", "invalid_json"),
        (b'{"a": NaN}', "application/json", "invalid_json"),
        (b'{"a": 1e999}', "application/json", "invalid_json"),
        (b"\xff=\xfe", "application/x-www-form-urlencoded", "invalid_form_data"),
        (b"a=1&" * 1000, "application/x-www-form-urlencoded", "invalid_form_data"),
        (b"<xml/>", "text/xml", "invalid_post_type"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_in_words(
    slack: Playground, body: bytes, content_type: str, error: str
) -> None:
    headers = {"Authorization": "Bearer xoxb-emulator", "Content-Type": content_type}
    response = await slack.session.post(f"{slack.url}/api/chat.postMessage", data=body, headers=headers)

    assert (response.status, (await response.json())["error"]) == (200, error)


async def test_a_huge_body_is_refused_before_it_is_read(slack: Playground) -> None:
    response = await slack.session.post(f"{slack.url}/api/chat.postMessage", data=io.BytesIO(b"x" * 2_000_000))

    assert response.status == 413


@pytest.mark.parametrize("value", [1, [], {}, True, ["C0INCIDENT"], {"id": 1}])
@pytest.mark.parametrize("name", ["channel", "text", "thread_ts"])
async def test_a_value_of_the_wrong_type_is_an_invalid_argument(
    slack: Playground, name: str, value: object
) -> None:
    arguments = {"channel": INCIDENT, "text": "x", name: value}

    answer = await refusal(slack.web.api_call("chat.postMessage", json=arguments))

    assert answer["error"] == "invalid_arguments"
    assert name in answer["response_metadata"]["messages"][0]


async def test_a_token_of_strange_bytes_is_no_trouble(slack: Playground) -> None:
    host, _, port = slack.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /api/auth.test HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert b"invalid_auth" in answer


async def test_an_unknown_method_is_said_to_be_unknown(slack: Playground) -> None:
    assert (await refusal(slack.web.api_call("chat.shout")))["error"] == "unknown_method"


async def test_api_test_gives_back_what_it_was_given(slack: Playground) -> None:
    assert (await slack.web.api_test(foo="bar"))["args"]["foo"] == "bar"
    assert (await refusal(slack.web.api_test(error="my_error")))["error"] == "my_error"


async def test_throttling_says_how_long_to_wait(slack: Playground) -> None:
    await slack.player.fault("chat.postMessage", "throttle", seconds=7)

    with pytest.raises(SlackApiError) as refused:
        await slack.posted()

    assert refused.value.response.status_code == 429
    assert refused.value.response["error"] == "ratelimited"
    assert refused.value.response.headers["Retry-After"] == "7"


@pytest.mark.parametrize(("kind", "status"), [("http_500", 500), ("http_503", 503)])
async def test_slack_can_be_down(slack: Playground, kind: str, status: int) -> None:
    await slack.player.fault("*", kind)

    with pytest.raises(SlackApiError) as refused:
        await slack.posted()

    assert refused.value.response.status_code == status


async def test_the_ledger_knows_who_called_what_and_with_what_outcome(slack: Playground) -> None:
    ts = await slack.posted("hello")
    await refusal(slack.web.chat_postMessage(channel="C0NOWHERE", text="x"))

    posted, refused = await slack.player.calls("chat.postMessage")
    assert (posted["caller"], posted["outcome"], posted["facts"]["ts"]) == ("bot", "ok", ts)
    assert (refused["outcome"], refused["facts"]["channel"]) == ("channel_not_found", "C0NOWHERE")
