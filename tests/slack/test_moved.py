"""Whoever gets an answer alone is told why, where they asked, and what would have the next one there."""

import pytest

from bot.explain.catalogue import entries
from bot.explain.phrases import phrase
from bot.model.ids import ChannelId
from bot.model.request import Conversation
from bot.model.run import Language, Run
from bot.slack.message import Message
from bot.slack.messages import ending_message, left_root_message, root_message
from bot.slack.moved import under_why_not_there
from tests.slack.parsed_by_slack import flaws, texts
from tests.slack.scenes import BROKEN, HEALTHY, a_reported_run, a_run

CAUSES = {
    "slack.not_in_channel": "/invite @vpn-diagnose",
    "slack.channel_not_found": "it is private and the bot is not in it",
    "slack.is_archived": "is archived",
    "slack.restricted_action_read_only_channel": "A setting of Slack",
    "slack.access_denied": "A setting of Slack",
    "slack.never_heard_of": "Slack does not let the bot write",
    None: "Slack does not let the bot write",
}


def moved(because: str | None = "slack.is_archived", language: Language = "en") -> Run:
    return a_run(moved_to_dm=True, moved_because=because, language=language)


@pytest.mark.parametrize(("because", "said"), CAUSES.items())
def test_each_cause_is_said_with_what_to_do_and_the_channel(because: str | None, said: str) -> None:
    above = root_message(moved(because)).blocks[0]

    assert said in texts([above])
    assert "the answer comes to you alone" in texts([above])
    assert {"type": "channel", "channel_id": "C0INCIDENT"} in above["elements"][0]["elements"]


def test_a_channel_that_is_open_to_others_is_the_administrators_to_allow() -> None:
    run = moved(None).changed(in_shared_channel=True)

    assert "allow that channel in access.yml" in texts(root_message(run).blocks[:1])


def test_every_code_that_closes_a_channel_has_a_reason_of_its_own() -> None:
    unknown = phrase("moved.unknown", "en")
    closing = [entry | {"key": key} for key, entry in entries(("slack",)).items() if entry.get("closes_channel")]

    codes = [code for entry in closing for code in (entry["key"], *entry.get("also", ()))]
    assert len(codes) >= 8
    assert not [code for code in codes if unknown in texts(root_message(moved(code)).blocks)]


@pytest.mark.parametrize("code", [code for code in CAUSES if code])
def test_what_is_private_anyhow_names_no_way_to_have_the_next_one_there(code: str) -> None:
    note = Message(text="a note", blocks=[], plain="a note")
    above = under_why_not_there(note, ChannelId("C0INCIDENT"), code, "en")

    assert "answer comes to you alone" not in str(above)
    assert "/invite" not in str(above)
    assert "comes to you here" in texts(above.blocks)
    assert {"type": "channel", "channel_id": "C0INCIDENT"} in above.blocks[0]["elements"][0]["elements"]


def test_a_conversation_that_has_no_name_is_not_named() -> None:
    direct = Conversation(channel_id=ChannelId("D0BETWEEN"))
    run = moved("slack.channel_not_found").changed(conversation=direct)

    assert "D0BETWEEN" not in str(root_message(run).blocks)


def test_an_ending_without_a_root_message_says_it_too_and_as_plain_text() -> None:
    message = ending_message(a_reported_run(HEALTHY, moved_to_dm=True, moved_because="slack.is_archived"))

    assert "archived" in texts(message.blocks[:1])
    assert message.plain is not None
    assert message.plain.startswith("That channel is archived")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_stays_behind_tells_how_it_ended_to_the_workspace_alone(language: Language) -> None:
    own = a_reported_run(BROKEN, language, moved_to_dm=True)

    behind = left_root_message(own)
    shared = left_root_message(own.changed(in_shared_channel=True))

    assert "❌" in texts(behind.blocks)
    assert phrase("moved.left", language) in texts(behind.blocks)
    assert phrase("moved.ended", language) in shared.text
    assert "❌" not in str(shared)
    assert "⏳" not in str(shared)
    assert not [flaw for message in (behind, shared) for flaw in flaws(message.blocks)]
