"""Ways in besides the command: an alert's menu, the bot's name in the incident's thread, and the bot's Home."""

from typing import Any

from bot.explain.phrases import phrase
from bot.listeners.offer import OPEN_OFFERED_FORM
from bot.listeners.shortcut import CALLBACK_ID
from bot.slack.home import OPEN_FORM
from tests.journeys.world import HEALTHY, World, part_of
from tests.slack.parsed_by_slack import texts

Json = dict[str, Any]

GATEWAY, CONNECTION, REGION = HEALTHY.split()
TYPED = {"region": REGION, "gateway_id": GATEWAY, "connection_id": CONNECTION}


async def answered_in(world: World, root_ts: str, channel: str = "C0INCIDENT") -> list[Json]:
    """Wait for the report under a message, and return its replies."""

    async def reported() -> list[Json]:
        roots = [root for root in await world.player.messages(channel) if root["ts"] == root_ts]
        replies: list[Json] = roots[0].get("replies", []) if roots else []
        return replies if "ending" in map(part_of, replies) else []

    return await world.player.until(reported, 20)


async def told_alone(world: World, said: str) -> Json:
    async def seen() -> list[Json]:
        return [one for one in await world.player.private_messages(user="U0ALICE") if said in str(one)]

    return (await world.player.until(seen))[-1]


async def test_from_an_alert_to_the_report_in_its_thread(world: World) -> None:
    async with world.bot():
        text = f"tunnel down: {GATEWAY} {CONNECTION} ({REGION})"
        alert = (await world.player.say(text, user="U0BOB"))["message"]
        outcome = await world.player.shortcut(CALLBACK_ID, channel="C0INCIDENT", message_ts=alert["ts"])
        (view,) = outcome["views"]
        sent = await world.player.submit(view["id"], {})
        replies = await answered_in(world, alert["ts"])

    assert sent["closed"] is True
    assert [part_of(reply) for reply in replies] == ["root", "started", "ending"]
    assert len(await world.player.messages()) == 1
    assert len(await world.cloud_calls("DiagnoseVpnGateway")) == 1


async def test_in_the_thread_of_an_incident_by_the_bots_name(world: World) -> None:
    async with world.bot():
        incident = (await world.player.say("the data centre is away"))["message"]
        await world.player.mention(HEALTHY, thread_ts=incident["ts"])
        await world.player.delivery(redeliver=3)
        replies = await answered_in(world, incident["ts"])

    assert [part_of(reply) for reply in replies] == ["", "root", "started", "ending"]
    assert await world.player.private_messages() == []
    assert len(await world.cloud_calls("DiagnoseVpnGateway")) == 1


async def test_a_name_alone_brings_a_button_and_the_button_the_form(world: World) -> None:
    async with world.bot():
        incident = (await world.player.say("the data centre is away"))["message"]
        await world.player.mention(GATEWAY, thread_ts=incident["ts"])
        offer = await told_alone(world, phrase("mention.open_form", "en"))
        pressed = await world.player.click(OPEN_OFFERED_FORM, channel="C0INCIDENT", message_ts=offer["ts"])
        (view,) = pressed["views"]
        await world.player.submit(view["id"], TYPED)
        replies = await answered_in(world, incident["ts"])

    assert [part_of(reply) for reply in replies] == ["", "root", "started", "ending"]


async def test_from_the_home_to_a_channel_and_back(world: World) -> None:
    async with world.bot():
        await world.player.open_home()
        empty = await drawn(world, phrase("home.none", "en"))
        (view,) = (await world.player.click(OPEN_FORM, view_id=empty["id"]))["views"]
        without = await world.player.submit(view["id"], TYPED)
        sent = await world.player.submit(view["id"], TYPED | {"channel": "C0INCIDENT"})
        await world.ending()
        await world.player.open_home()
        full = await drawn(world, GATEWAY)

    assert "channel" in without["errors"]
    assert sent["closed"] is True
    assert phrase("history.open", "en") in texts(full["blocks"])


async def test_a_mention_of_somebody_who_is_not_mapped_is_answered_to_them_alone(world: World) -> None:
    async with world.bot():
        incident = (await world.player.say("the data centre is away"))["message"]
        await world.player.mention(HEALTHY, user="U0MALLORY", thread_ts=incident["ts"])

        async def told() -> list[Json]:
            return await world.player.private_messages(user="U0MALLORY")

        await world.player.until(told)

    (root,) = await world.player.messages()
    assert [reply["user"] for reply in root["replies"]] == ["U0MALLORY"]
    assert await world.cloud_calls() == []


async def drawn(world: World, said: str) -> Json:
    async def shown() -> list[Json]:
        home = await world.player.home()
        return [home] if home and said in texts(home["blocks"]) else []

    return (await world.player.until(shown))[0]
