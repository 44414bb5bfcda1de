from typing import Any

import pytest

from bot.emulators.slack import limits
from tests.emulators.slack.playground import (
    ALICE,
    ARCHIVED,
    BOT,
    INCIDENT,
    MALLORY,
    OPEN,
    PRIVATE,
    Playground,
    plain,
    refusal,
)


async def test_a_message_stands_in_the_channel_under_the_bots_name(slack: Playground) -> None:
    answer = await slack.web.chat_postMessage(channel=INCIDENT, text="hello", blocks=[{"type": "divider"}])

    (message,) = await slack.player.messages()
    assert (answer["ts"], answer["channel"]) == (message["ts"], INCIDENT)
    assert (message["text"], message["user"], message["bot_id"]) == ("hello", BOT, "B0VPNBOT")
    assert message["blocks"][0]["block_id"]


async def test_timestamps_rise_although_the_clock_stands_still(slack: Playground) -> None:
    stamps = [await slack.posted() for _ in range(5)]

    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NOWHERE", "channel_not_found"),
        (PRIVATE, "channel_not_found"),
        (OPEN, "not_in_channel"),
        (ARCHIVED, "is_archived"),
        ("U0NOBODY", "channel_not_found"),
        (BOT, "channel_not_found"),
    ],
)
async def test_where_the_bot_may_not_speak_it_is_told_why(slack: Playground, channel: str, error: str) -> None:
    assert (await refusal(slack.web.chat_postMessage(channel=channel, text="x")))["error"] == error


async def test_posting_to_a_person_opens_their_direct_message(slack: Playground) -> None:
    answer = await slack.web.chat_postMessage(channel=ALICE, text="for you")

    assert answer["channel"] == "D0ALICE"
    assert [m["text"] for m in await slack.player.messages("D0ALICE", user=ALICE)] == ["for you"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * (limits.LONGEST_TEXT + 1)}, "msg_too_long"),
        ({"text": "x", "blocks": "no json"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [{"type": "unheard_of"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        (
            {"text": "x", "blocks": [{"type": "section", "text": plain("y" * 3000)} for _ in range(5)]},
            "msg_blocks_too_long",
        ),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"text": "x", "attachments": ["no object"]}, "invalid_attachments"),
        ({"text": "x", "metadata": "no json"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": ["no object"]}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "run"}}, "invalid_metadata_schema"),
        ({"text": "x", "metadata": {"event_type": "", "event_payload": {}}}, "invalid_metadata_schema"),
        (
            {"text": "x", "metadata": {"event_type": "run", "event_payload": {"a": "x" * 20_000}}},
            "metadata_too_large",
        ),
        ({"text": "x", "thread_ts": "yesterday"}, "invalid_arguments"),
    ],
)
async def test_a_message_beyond_slacks_limits_is_refused(
    slack: Playground, content: dict[str, Any], error: str
) -> None:
    answer = await refusal(slack.web.api_call("chat.postMessage", json={"channel": INCIDENT, **content}))

    assert answer["error"] == error
    assert await slack.player.messages() == []


async def test_what_is_wrong_with_blocks_is_said_with_a_pointer_to_it(slack: Playground) -> None:
    blocks = [{"type": "header", "text": plain("x" * 151)}]

    answer = await refusal(slack.web.chat_postMessage(channel=INCIDENT, text="x", blocks=blocks))

    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_a_reply_goes_under_its_root_even_when_it_names_another_reply(slack: Playground) -> None:
    root = await slack.posted("root")
    reply = await slack.posted("one", thread_ts=root)
    await slack.posted("two", thread_ts=reply)

    (message,) = await slack.player.messages()
    assert [r["text"] for r in message["replies"]] == ["one", "two"]
    assert message["reply_count"] == 2


async def test_a_reply_to_nothing_lands_in_the_channel(slack: Playground) -> None:
    await slack.posted("lost", thread_ts="1700000000.000100")

    assert [m["text"] for m in await slack.player.messages()] == ["lost"]


async def test_a_broadcast_reply_stands_in_thread_and_channel(slack: Playground) -> None:
    root = await slack.posted("root")
    await slack.posted("all see", thread_ts=root, reply_broadcast=True)

    messages = await slack.player.messages()
    assert [m["text"] for m in messages] == ["root", "all see"]
    assert [r["text"] for r in messages[0]["replies"]] == ["all see"]


async def test_an_update_replaces_what_it_names(slack: Playground) -> None:
    ts = await slack.posted("before", blocks=[{"type": "divider"}])
    await slack.web.chat_update(
        channel=INCIDENT, ts=ts, text="after", blocks=[{"type": "header", "text": plain("x")}]
    )

    (message,) = await slack.player.messages()
    assert (message["text"], message["blocks"][0]["type"]) == ("after", "header")
    assert message["edited"]["user"] == BOT


async def test_an_update_with_text_alone_takes_the_blocks_away(slack: Playground) -> None:
    ts = await slack.posted("before", blocks=[{"type": "divider"}])
    await slack.web.chat_update(channel=INCIDENT, ts=ts, text="after")

    assert "blocks" not in (await slack.player.messages())[0]


async def test_an_update_of_metadata_alone_leaves_text_and_blocks(slack: Playground) -> None:
    ts = await slack.posted(
        "before", blocks=[{"type": "divider"}], metadata={"event_type": "a", "event_payload": {}}
    )
    metadata = {"event_type": "b", "event_payload": {}}
    await slack.web.api_call("chat.update", json={"channel": INCIDENT, "ts": ts, "metadata": metadata})

    (message,) = await slack.player.messages()
    assert (message["text"], message["blocks"][0]["type"]) == ("before", "divider")
    assert message["metadata"]["event_type"] == "b"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"text": "x" * (limits.LONGEST_UPDATED_TEXT + 1)}, "msg_too_long"),
        ({}, "no_text"),
        ({"ts": "1700000000.000100", "text": "x"}, "message_not_found"),
    ],
)
async def test_an_update_can_be_refused(slack: Playground, content: dict[str, Any], error: str) -> None:
    ts = await slack.posted()
    arguments = {"channel": INCIDENT, "ts": ts, **content}

    assert (await refusal(slack.web.api_call("chat.update", json=arguments)))["error"] == error


async def test_only_the_bots_own_messages_can_be_changed(slack: Playground) -> None:
    ts = (await slack.player.say("mine"))["message"]["ts"]

    updated = await refusal(slack.web.chat_update(channel=INCIDENT, ts=ts, text="yours"))
    deleted = await refusal(slack.web.chat_delete(channel=INCIDENT, ts=ts))

    assert (updated["error"], deleted["error"]) == ("cant_update_message", "cant_delete_message")


async def test_a_deleted_message_is_gone(slack: Playground) -> None:
    ts = await slack.posted()
    await slack.web.chat_delete(channel=INCIDENT, ts=ts)

    assert await slack.player.messages() == []
    assert (await refusal(slack.web.chat_update(channel=INCIDENT, ts=ts, text="x")))[
        "error"
    ] == "message_not_found"


async def test_an_ephemeral_message_is_seen_by_one_person_only(slack: Playground) -> None:
    await slack.web.chat_postEphemeral(channel=INCIDENT, user=ALICE, text="psst")

    assert [m["text"] for m in await slack.player.private_messages(user=ALICE)] == ["psst"]
    assert await slack.player.private_messages(user=MALLORY) == []
    assert await slack.player.messages() == []


async def test_an_ephemeral_message_cannot_be_changed_afterwards(slack: Playground) -> None:
    ts = (await slack.web.chat_postEphemeral(channel=INCIDENT, user=ALICE, text="psst"))["message_ts"]

    assert (await refusal(slack.web.chat_update(channel=INCIDENT, ts=ts, text="x")))[
        "error"
    ] == "message_not_found"


async def test_an_ephemeral_message_needs_its_reader_in_the_channel(slack: Playground) -> None:
    call = slack.web.chat_postEphemeral(channel="C0PAYLOAD", user=MALLORY, text="psst")

    assert (await refusal(call))["error"] == "user_not_in_channel"


async def test_a_permalink_leads_to_the_emulators_page(slack: Playground) -> None:
    root = await slack.posted()
    reply = await slack.posted("x", thread_ts=root)
    link = (await slack.web.chat_getPermalink(channel=INCIDENT, message_ts=root))["permalink"]
    inner = (await slack.web.chat_getPermalink(channel=INCIDENT, message_ts=reply))["permalink"]

    assert link == f"{slack.url}/archives/{INCIDENT}/p{root.replace('.', '')}"
    assert inner.endswith(f"?thread_ts={root}&cid={INCIDENT}")
    assert (await slack.session.get(link)).status == 200


async def test_there_is_no_permalink_to_nothing(slack: Playground) -> None:
    call = slack.web.chat_getPermalink(channel=INCIDENT, message_ts="1700000000.000100")

    assert (await refusal(call))["error"] == "message_not_found"


@pytest.mark.parametrize(("metadata", "kept"), [({}, None), (None, {"event_type": "a", "event_payload": {}})])
async def test_an_update_takes_metadata_away_only_if_it_says_so(
    slack: Playground, metadata: dict[str, Any] | None, kept: dict[str, Any] | None
) -> None:
    ts = await slack.posted("x", metadata={"event_type": "a", "event_payload": {}})
    arguments = {"channel": INCIDENT, "ts": ts, "text": "y", "metadata": metadata}
    await slack.web.api_call("chat.update", json=arguments)

    assert (await slack.player.messages())[0].get("metadata") == kept


async def test_attachments_are_kept(slack: Playground) -> None:
    await slack.posted("x", attachments=[{"text": "an alert"}])

    assert (await slack.player.messages())[0]["attachments"] == [{"text": "an alert"}]


async def test_what_cannot_be_pressed_gets_no_action_id(slack: Playground) -> None:
    image = {"type": "image", "image_url": "https://x", "alt_text": "x"}
    await slack.posted(blocks=[{"type": "section", "text": plain("x"), "accessory": image, "expand": None}])

    (block,) = (await slack.player.messages())[0]["blocks"]
    assert block["accessory"] == image
    assert "expand" not in block
