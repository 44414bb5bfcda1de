import pytest

from bot.emulators.slack.player import NotPlayed
from tests.emulators.slack.playground import ALICE, INCIDENT, MALLORY, OPEN, PRIVATE, Json, Playground


def answering(answer: Json) -> object:
    async def give(request: object) -> Json:
        del request
        return answer

    return give


async def test_a_command_carries_what_slack_sends(slack: Playground) -> None:
    async with slack.app() as taken:
        await slack.player.command("vpn-1 vco-1")

    payload = taken[0].payload
    assert (payload["team_id"], payload["user_id"], payload["user_name"]) == ("T0EMULATED", ALICE, "alice")
    assert (payload["channel_id"], payload["channel_name"]) == (INCIDENT, "incident")
    assert (payload["command"], payload["text"]) == ("/vpn-diagnose", "vpn-1 vco-1")
    assert payload["response_url"].startswith(slack.url)
    assert payload["is_enterprise_install"] == "false"


@pytest.mark.parametrize(("channel", "name"), [(PRIVATE, "privategroup"), ("D0ALICE", "directmessage")])
async def test_the_name_of_what_is_not_public_is_kept_back(slack: Playground, channel: str, name: str) -> None:
    async with slack.app() as taken:
        await slack.player.command(channel=channel)

    assert taken[0].payload["channel_name"] == name


async def test_somebody_from_another_company_brings_their_own_team(slack: Playground) -> None:
    async with slack.app() as taken:
        await slack.player.command(user="U0PARTNER", channel="C0SHARED")

    assert taken[0].payload["team_id"] == "T0PARTNER"


async def test_somebody_who_left_types_no_more(slack: Playground) -> None:
    with pytest.raises(NotPlayed, match="deactivated"):
        await slack.player.command(user="U0DORA")


async def test_a_command_that_is_not_the_apps_never_reaches_it(slack: Playground) -> None:
    async with slack.app() as taken:
        outcome = await slack.player.command(command="/deploy")

    assert taken == []
    assert outcome["shown"] == ["/deploy is not a valid command."]


@pytest.mark.parametrize(
    ("user", "channel"),
    [
        ("U0NOBODY", INCIDENT),
        ("U0VPNBOT", INCIDENT),
        (MALLORY, PRIVATE),
        (MALLORY, "D0ALICE"),
        (ALICE, "C0NOWHERE"),
    ],
)
async def test_people_cannot_be_where_they_are_not(slack: Playground, user: str, channel: str) -> None:
    with pytest.raises(NotPlayed):
        await slack.player.command(user=user, channel=channel)


async def test_an_ack_with_text_is_seen_by_the_asker_alone(slack: Playground) -> None:
    async with slack.app(answering({"text": "not mapped"})):  # type: ignore[arg-type]
        await slack.player.command()

    (private,) = await slack.player.private_messages(user=ALICE)
    assert (private["text"], private["seen_only_by"]) == ("not mapped", ALICE)
    assert await slack.player.private_messages(user=MALLORY) == []


async def test_an_ack_may_speak_to_the_whole_channel(slack: Playground) -> None:
    async with slack.app(answering({"text": "all of you", "response_type": "in_channel"})):  # type: ignore[arg-type]
        await slack.player.command(channel=OPEN)

    assert [m["text"] for m in await slack.player.messages(OPEN)] == ["all of you"]


async def test_an_ack_that_slack_would_not_show_is_an_error_the_person_sees(slack: Playground) -> None:
    async with slack.app(answering({"blocks": [{"type": "nonsense"}]})):  # type: ignore[arg-type]
        outcome = await slack.player.command()

    assert outcome["shown"] == ['/vpn-diagnose failed with the error "invalid_blocks"']


async def test_a_mention_reaches_the_bot_with_its_thread(slack: Playground) -> None:
    root = (await slack.player.say("alert"))["message"]["ts"]
    async with slack.app() as taken:
        await slack.player.mention("help", thread_ts=root)

    event = taken[0].payload["event"]
    assert (event["type"], event["text"], event["thread_ts"]) == ("app_mention", "<@U0VPNBOT> help", root)
    assert taken[0].payload["authorizations"][0]["user_id"] == "U0VPNBOT"


async def test_a_mention_where_the_bot_is_not_stays_unheard(slack: Playground) -> None:
    async with slack.app() as taken:
        outcome = await slack.player.mention("help", channel=OPEN)

    assert taken == []
    assert outcome["message"]["text"] == "<@U0VPNBOT> help"


async def test_a_shortcut_on_a_message_brings_the_whole_message(slack: Playground) -> None:
    ts = (await slack.player.say("vpn-1 is down"))["message"]["ts"]
    async with slack.app() as taken:
        await slack.player.shortcut("vpn_diagnose_message", channel=INCIDENT, message_ts=ts)

    payload = taken[0].payload
    assert (payload["type"], payload["callback_id"]) == ("message_action", "vpn_diagnose_message")
    assert (payload["message"]["text"], payload["channel"]["id"]) == ("vpn-1 is down", INCIDENT)
    assert payload["response_url"]


async def test_a_global_shortcut_knows_of_no_channel(slack: Playground) -> None:
    async with slack.app() as taken:
        await slack.player.shortcut("vpn_diagnose")

    assert taken[0].payload["type"] == "shortcut"
    assert not {"channel", "message", "response_url"} & set(taken[0].payload)


async def test_nothing_can_be_said_under_a_message_that_is_not_there(slack: Playground) -> None:
    for thread_ts in ("1700000000.000100", "nonsense"):
        with pytest.raises(NotPlayed):
            await slack.player.say("x", thread_ts=thread_ts)


async def test_nothing_is_said_in_an_archived_channel(slack: Playground) -> None:
    with pytest.raises(NotPlayed):
        await slack.player.say("x", channel="C0ARCHIVED")


async def test_a_reply_to_a_reply_goes_under_the_root(slack: Playground) -> None:
    root = (await slack.player.say("root"))["message"]["ts"]
    reply = (await slack.player.say("reply", thread_ts=root))["message"]["ts"]
    last = (await slack.player.say("last", thread_ts=reply))["message"]

    assert last["thread_ts"] == root


async def test_a_mention_comes_with_the_blocks_that_slacks_client_writes(slack: Playground) -> None:
    async with slack.app() as taken:
        await slack.player.mention("1 &lt; 2 <@U0BOB>!")

    ((block,),) = [taken[0].payload["event"]["blocks"]]
    (section,) = block["elements"]
    assert section["elements"] == [
        {"type": "user", "user_id": "U0VPNBOT"},
        {"type": "text", "text": " 1 < 2 "},
        {"type": "user", "user_id": "U0BOB"},
        {"type": "text", "text": "!"},
    ]


async def test_a_visit_to_the_home_is_told_with_what_stands_there(slack: Playground) -> None:
    async with slack.app() as taken:
        await slack.player.open_home()
        view = {"type": "home", "blocks": [{"type": "divider"}]}
        await slack.web.views_publish(user_id=ALICE, view=view)
        await slack.player.open_home()
        await slack.player.open_home("messages")

    first, second, third = (delivered.payload["event"] for delivered in taken)
    assert (first["type"], first["user"], first["tab"], first["channel"]) == (
        "app_home_opened", ALICE, "home", "D0ALICE",
    )  # fmt: skip
    assert "view" not in first
    assert second["view"]["blocks"][0]["type"] == "divider"
    assert (third["tab"], "view" in third) == ("messages", False)
    home = await slack.player.home()
    assert home is not None
    assert await slack.player.home(MALLORY) is None
