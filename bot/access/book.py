"""The book: access.yml, which says who may diagnose and as whom, read strictly and whole or not at all.

Whatever could be read in two ways is refused, because a slip in this file lets somebody in who should not be.
"""

import hashlib
from collections.abc import Collection
from pathlib import Path

from bot.access.entries import AnyIdentifier, Entry, file_problem, nearest, parse, shown
from bot.access.files import read_trusted
from bot.access.identity import Identity, read_identities
from bot.model.ids import ChannelId, GroupId, Identifier, TeamId, UserId
from bot.model.value import Value

_LARGEST = 2 * 1024 * 1024  # bytes; 10,000 people take 0.3 MB

_LOOKS: dict[type[Identifier], tuple[str, str]] = {
    TeamId: (
        "the ID of a Slack workspace",
        "In a browser, Slack's address shows it: app.slack.com/client/T0123ABCD",
    ),
    UserId: ("a Slack person's ID", "In Slack: the person's profile, ⋮, Copy member ID. It looks like U0123ABCD"),
    GroupId: (
        "the ID of a Slack user group",
        "In Slack: People, User groups, ⋮, Copy group ID. It looks like S0123ABCD",
    ),
    ChannelId: (
        "a channel's ID",
        "In Slack: the channel's name, About, at the very bottom. It looks like C0123ABCD",
    ),
}


class Book(Value):
    """The whole file. `users` and `groups` give, by workspace and ID, the name of an identity.

    `channels` are those in which the bot may be asked, empty for all. `version_hash` is the file's SHA-256 in hex,
    as sha256sum prints it.
    """

    version_hash: str
    workspaces: frozenset[TeamId]
    identities: dict[str, Identity]
    users: dict[TeamId, dict[UserId, str]]
    groups: dict[TeamId, dict[GroupId, str]]
    channels: frozenset[ChannelId]


def load_book(path: Path) -> Book:
    """Read access.yml; Problem("settings.access_file") says file, line, what is wrong and what would be right."""
    hint = "VPN_DIAGNOSE_ACCESS_FILE names the file; start from access.example.yml"
    content = read_trusted(
        path, at_most=_LARGEST, refuse=lambda reason: file_problem(path, f"the file {reason}", hint)
    )
    fields = parse(content, path).fields(
        required=("version", "workspaces", "identities"), optional=("users", "groups", "channels")
    )
    if fields["version"].literal() != "1":
        raise fields["version"].refusal("this version of the format is not known", "Write version: 1")
    workspaces = _read_ids(fields["workspaces"], TeamId)
    if not workspaces:
        raise fields["workspaces"].refusal("no workspace is listed, so nobody could ask", _LOOKS[TeamId][1])
    identities = read_identities(fields["identities"])
    return Book(
        version_hash=hashlib.sha256(content).hexdigest(),
        workspaces=workspaces,
        identities=identities,
        users=_read_mapping(fields.get("users"), UserId, workspaces, identities),
        groups=_read_mapping(fields.get("groups"), GroupId, workspaces, identities),
        channels=_read_channels(fields.get("channels")),
    )


def _read_channels(entry: Entry | None) -> frozenset[ChannelId]:
    return _read_ids(entry.fields(required=("allow",))["allow"], ChannelId) if entry else frozenset()


def _read_ids(entry: Entry, form: type[AnyIdentifier]) -> frozenset[AnyIdentifier]:
    return frozenset(_read_id(item, item.text(), form) for item in entry.items())


def _read_mapping(
    entry: Entry | None,
    form: type[AnyIdentifier],
    workspaces: frozenset[TeamId],
    identities: Collection[str],
) -> dict[TeamId, dict[AnyIdentifier, str]]:
    mapping: dict[TeamId, dict[AnyIdentifier, str]] = {team: {} for team in workspaces}
    for key, value in entry.pairs() if entry else ():
        team, member = _read_member(key, form, workspaces)
        if member in mapping[team]:
            raise key.refusal(f"{member} of {team} is there twice", "Keep one of the lines")
        mapping[team][member] = _read_identity_name(value, identities)
    return mapping


def _read_member(
    key: Entry, form: type[AnyIdentifier], workspaces: frozenset[TeamId]
) -> tuple[TeamId, AnyIdentifier]:
    """Read `U0123ABCD`, or with its workspace `T0123ABCD/U0123ABCD`: an ID means nothing without one."""
    team_text, slash, member_text = key.text().rpartition("/")
    member = _read_id(key, member_text, form)
    if not slash and len(workspaces) == 1:
        return next(iter(workspaces)), member
    if not slash:
        hint = f"With several workspaces each line names its own: T0123ABCD/{member}"
        raise key.refusal(f"the workspace of {member} is not said", hint)
    team = _read_id(key, team_text, TeamId)
    if team not in workspaces:
        raise key.refusal(f"{team} is not one of the workspaces", nearest(team, workspaces))
    return team, member


def _read_id(entry: Entry, text: str, form: type[AnyIdentifier]) -> AnyIdentifier:
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


def _read_identity_name(entry: Entry, identities: Collection[str]) -> str:
    name = entry.text()
    if name not in identities:
        raise entry.refusal(f"there is no identity {shown(name)}", nearest(name, identities))
    return name
