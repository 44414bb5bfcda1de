from bot.emulators.slack.rooms import MOST_CHANGES, MOST_MESSAGES, MOST_PRIVATE_MESSAGES, Message, Room
from bot.emulators.slack.workspace import Channel
from bot.model.ids import ChannelId


def a_room(*messages: Message) -> Room:
    room = Room(Channel(id=ChannelId("C0TEST"), name="test"))
    for message in messages:
        room.add(message)
    return room


def said(number: int, *, text: str = "x", seen_only_by: str | None = None) -> Message:
    return Message(ts=f"{number}.000001", user="U0ALICE", text=text, seen_only_by=seen_only_by)


def test_a_room_knows_what_has_changed_since() -> None:
    room = a_room(said(1), said(2))
    before = room.revision
    room.add(said(1, text="other"))

    assert room.changed_since(before) == {"1.000001"}
    assert room.changed_since(room.revision) == set()


def test_a_room_says_that_it_no_longer_knows() -> None:
    room = a_room(*(said(number % 7) for number in range(MOST_CHANGES)), *(said(n) for n in range(MOST_CHANGES)))

    assert room.changed_since(1) is None
    assert room.changed_since(room.revision + 1) is None


def test_messages_that_made_room_have_changed() -> None:
    room = a_room(*(said(number) for number in range(MOST_MESSAGES)))
    before = room.revision
    room.add(said(MOST_MESSAGES))

    assert room.changed_since(before) == {"0.000001", f"{MOST_MESSAGES}.000001"}


def test_private_messages_that_made_room_have_changed() -> None:
    room = a_room(*(said(number, seen_only_by="U0ALICE") for number in range(MOST_PRIVATE_MESSAGES)))
    before = room.revision
    room.add(said(9_999, seen_only_by="U0ALICE"))

    assert room.changed_since(before) == {"0.000001", "9999.000001"}
