from typing import Any

import pytest

from bot.emulators.slack import EXAMPLE
from tests.emulators.slack.playground import ALICE, BOT, INCIDENT, OPEN, PRIVATE, Playground, playing, refusal

RUN = {"event_type": "vpn_diagnose_run", "event_payload": {"run_id": "1"}}


async def test_what_a_channel_is_can_be_seen_from_outside(slack: Playground) -> None:
    info = (await slack.web.conversations_info(channel=OPEN, include_num_members=True))["channel"]

    assert (info["name"], info["is_member"], info["num_members"]) == ("network", False, 2)


async def test_a_channel_shared_with_another_company_is_marked(slack: Playground) -> None:
    assert (await slack.web.conversations_info(channel="C0SHARED"))["channel"]["is_ext_shared"] is True


@pytest.mark.parametrize(
    ("channel", "flags"),
    [
        ("C0INCIDENT", set()),
        ("C0SHARED", {"is_shared", "is_ext_shared"}),
        ("C0PENDING", {"is_pending_ext_shared"}),
        ("C0ORG", {"is_shared", "is_org_shared"}),
    ],
)
async def test_every_kind_of_sharing_has_its_mark(slack: Playground, channel: str, flags: set[str]) -> None:
    info = (await slack.web.conversations_info(channel=channel))["channel"]

    assert {name for name, value in info.items() if "shared" in name and value} == flags


async def test_a_private_channel_does_not_exist_for_those_outside(slack: Playground) -> None:
    assert (await refusal(slack.web.conversations_info(channel=PRIVATE)))["error"] == "channel_not_found"


async def test_members_come_in_pages(slack: Playground) -> None:
    first = await slack.web.conversations_members(channel=INCIDENT, limit=4)
    second = await slack.web.conversations_members(
        channel=INCIDENT, limit=4, cursor=first["response_metadata"]["next_cursor"]
    )

    everybody = ["U0ALICE", "U0MALLORY", "U0GUEST", BOT, "U0BOB", "U0SOLO", "U0LIN"]
    assert [*first["members"], *second["members"]] == everybody
    assert second["response_metadata"]["next_cursor"] == ""


async def test_the_official_clients_own_paging_works(slack: Playground) -> None:
    for number in range(5):
        await slack.posted(str(number))
    seen = []
    async for page in await slack.web.conversations_history(channel=INCIDENT, limit=2):
        seen += [m["text"] for m in page["messages"]]

    assert seen == ["4", "3", "2", "1", "0"]


async def test_history_knows_of_threads_but_does_not_show_them(slack: Playground) -> None:
    root = await slack.posted("root")
    await slack.posted("reply", thread_ts=root)

    (message,) = (await slack.web.conversations_history(channel=INCIDENT))["messages"]
    assert (message["text"], message["reply_count"], message["thread_ts"]) == ("root", 1, root)


async def test_metadata_is_shown_only_to_those_who_ask(slack: Playground) -> None:
    await slack.posted("root", metadata=RUN)
    without = await slack.web.conversations_history(channel=INCIDENT)
    asked = await slack.web.conversations_history(channel=INCIDENT, include_all_metadata=True)

    assert "metadata" not in without["messages"][0]
    assert asked["messages"][0]["metadata"] == RUN


async def test_oldest_and_latest_leave_their_own_moment_out_unless_inclusive(slack: Playground) -> None:
    one, two, three = [await slack.posted(name) for name in ("one", "two", "three")]
    between: dict[str, Any] = {"channel": INCIDENT, "oldest": one, "latest": three}

    exclusive = (await slack.web.conversations_history(**between))["messages"]
    inclusive = (await slack.web.conversations_history(**between, inclusive=True))["messages"]

    assert [m["ts"] for m in exclusive] == [two]
    assert [m["ts"] for m in inclusive] == [three, two, one]


async def test_a_thread_begins_with_its_root_whatever_is_asked_for(slack: Playground) -> None:
    root = await slack.posted("root")
    first = await slack.posted("first", thread_ts=root)
    await slack.posted("second", thread_ts=root, metadata=RUN)

    thread = await slack.web.conversations_replies(
        channel=INCIDENT, ts=root, oldest=first, include_all_metadata=True
    )

    assert [m["text"] for m in thread["messages"]] == ["root", "second"]
    assert thread["messages"][1]["metadata"] == RUN


async def test_a_thread_can_be_found_by_one_of_its_replies(slack: Playground) -> None:
    root = await slack.posted("root")
    reply = await slack.posted("reply", thread_ts=root)
    thread = await slack.web.conversations_replies(channel=INCIDENT, ts=reply)

    assert [m["text"] for m in thread["messages"]] == ["root", "reply"]


async def test_the_replies_of_a_deleted_root_are_not_found(slack: Playground) -> None:
    root = await slack.posted("root")
    reply = await slack.posted("reply", thread_ts=root)
    await slack.web.chat_delete(channel=INCIDENT, ts=root)

    for ts in (root, reply):
        answer = await refusal(slack.web.conversations_replies(channel=INCIDENT, ts=ts))
        assert answer["error"] == "thread_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": OPEN}, "not_in_channel"),
        ({"channel": INCIDENT, "limit": 1000}, "invalid_limit"),
        ({"channel": INCIDENT, "limit": "many"}, "invalid_arguments"),
        ({"channel": INCIDENT, "limit": -1}, "invalid_arguments"),
        ({"channel": INCIDENT, "cursor": "%%%"}, "invalid_cursor"),
        ({"channel": INCIDENT, "cursor": "bm9wZQ=="}, "invalid_cursor"),
        ({"channel": INCIDENT, "oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"channel": INCIDENT, "latest": "9" * 500}, "invalid_ts_latest"),
    ],
)
async def test_history_can_be_refused(slack: Playground, arguments: dict[str, Any], error: str) -> None:
    assert (await refusal(slack.web.conversations_history(**arguments)))["error"] == error


async def test_the_scope_that_is_needed_depends_on_the_kind_of_channel() -> None:
    async with playing(EXAMPLE.granting("channels:history", "chat:write")) as slack:
        await slack.posted("x")
        await slack.posted("y", channel=ALICE)
        public = await slack.web.conversations_history(channel=INCIDENT)
        direct = await refusal(slack.web.conversations_history(channel="D0ALICE"))

        assert public["ok"] is True
        assert (direct["error"], direct["needed"]) == ("missing_scope", "im:history")


async def test_a_direct_message_is_opened_for_one_person(slack: Playground) -> None:
    short = await slack.web.conversations_open(users=ALICE)
    full = await slack.web.conversations_open(users=ALICE, return_im=True)

    assert short["channel"] == {"id": "D0ALICE"}
    assert (full["channel"]["is_im"], full["channel"]["user"]) == (True, ALICE)


@pytest.mark.parametrize(
    ("users", "error"),
    [("", "users_list_not_supplied"), ("U0NOBODY", "user_not_found"), ("U0ALICE,U0MALLORY", "invalid_arguments")],
)
async def test_a_direct_message_with_nobody_is_refused(slack: Playground, users: str, error: str) -> None:
    assert (await refusal(slack.web.conversations_open(users=users)))["error"] == error
