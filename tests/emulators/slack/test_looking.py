import pytest

from bot.emulators.slack.player import NotPlayed, thread_text
from tests.emulators.slack.playground import ALICE, INCIDENT, MALLORY, PRIVATE, Playground


async def test_the_workspace_lists_people_and_channels_but_no_secret(slack: Playground) -> None:
    answer = await slack.session.get(f"{slack.url}/_emulator/workspace")
    text, workspace = await answer.text(), await answer.json()

    assert {person["id"] for person in workspace["people"]} >= {ALICE, MALLORY, "U0GUEST"}
    assert workspace["app"]["commands"] == ["/vpn-diagnose"]
    assert not any(secret in text for secret in ("xoxb-", "xapp-", "signing-secret"))


async def test_a_channel_is_shown_to_its_members_only(slack: Playground) -> None:
    assert await slack.player.messages(PRIVATE, user=ALICE) == []
    for user, channel in ((MALLORY, PRIVATE), (None, "C0NOWHERE")):
        with pytest.raises(NotPlayed):
            await slack.player.messages(channel, user=user)


async def test_a_reset_forgets_all_that_happened_but_keeps_the_connections(slack: Playground) -> None:
    async with slack.app() as taken:
        await slack.posted()
        await slack.player.reset()
        await slack.player.command()

        assert await slack.player.messages(INCIDENT) == []
        assert len(taken) == 1


async def test_a_thread_can_be_read_from_what_is_listed(slack: Playground) -> None:
    root = await slack.posted("2 of 7 checks need attention")
    await slack.posted("DiagnoseId vpndgn-1", thread_ts=root)

    assert "DiagnoseId vpndgn-1" in thread_text(await slack.player.messages(), root)


async def test_one_sees_what_was_called(slack: Playground) -> None:
    await slack.posted()

    assert [call["operation"] for call in await slack.player.calls()] == ["chat.postMessage"]


async def test_all_views_are_listed_with_their_owners(slack: Playground) -> None:
    await slack.open_form()

    assert [view["user_id"] for view in await slack.player.views()] == [ALICE]


async def test_a_person_is_told_where_there_is_something_to_read(slack: Playground) -> None:
    said = await slack.posted()
    await slack.web.chat_postEphemeral(channel=INCIDENT, user=ALICE, text="for you")
    seen = {
        user: (await (await slack.session.get(f"{slack.url}/_emulator/workspace?user={user}")).json())["latest"]
        for user in (ALICE, MALLORY)
    }

    assert seen[MALLORY] == {INCIDENT: said}
    assert seen[ALICE][INCIDENT] > said
