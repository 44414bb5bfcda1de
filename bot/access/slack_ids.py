"""Slack's IDs as they are written in access.yml, and the mistakes that are usual there."""

from bot.access.entries import AnyIdentifier, Entry, shown
from bot.model.ids import ChannelId, GroupId, Identifier, TeamId, UserId

SLACKBOT = "USLACKBOT"
"""Slack's own bot, in every workspace; Slack says that it is none (github.com/slackapi/bolt-js/issues/794)."""

WORKSPACE_HINT = "In a browser, Slack's address shows it: app.slack.com/client/T0123ABCD"
_PERSON_HINT = "In Slack: the person's profile, ⋮, Copy member ID. It looks like U0123ABCD"

_LOOKS: dict[type[Identifier], tuple[str, str]] = {
    TeamId: ("the ID of a Slack workspace", WORKSPACE_HINT),
    UserId: ("a Slack person's ID", _PERSON_HINT),
    GroupId: (
        "the ID of a Slack user group",
        "In Slack: People, User groups, ⋮, Copy group ID. It looks like S0123ABCD",
    ),
    ChannelId: (
        "a channel's ID",
        "In Slack: the channel's name, About, at the very bottom. It looks like C0123ABCD",
    ),
}


def read_ids(entry: Entry, form: type[AnyIdentifier]) -> frozenset[AnyIdentifier]:
    """Read a list of different IDs; Problem("settings.access_file") if it is anything else."""
    return frozenset(read_id(item, item.text(), form) for item in entry.distinct())


def read_id(entry: Entry, text: str, form: type[AnyIdentifier]) -> AnyIdentifier:
    """Read `text`, which stands in `entry`; Problem("settings.access_file") says where the right ID is found."""
    if text == SLACKBOT:
        raise entry.refusal(f"{SLACKBOT} is Slack's own bot and nobody", _PERSON_HINT)
    try:
        return form(text)
    except ValueError as error:
        wanted, hint = _LOOKS[form]
        raise entry.refusal(f"{shown(text)} is {_taken_for(text)}not {wanted}", hint) from error


def _taken_for(text: str) -> str:
    """Name the usual mistakes, none of which identifies anybody for certain."""
    if "@" in text:
        return "an e-mail address or a name, which can change hands, "
    if "*" in text:
        return "a wildcard, "
    return "a name, " if text.startswith("#") else ""
