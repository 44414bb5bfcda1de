"""The book: access.yml, which says who may diagnose and as whom, read strictly and whole or not at all.

Whatever could be read in two ways is refused, because a slip in this file lets somebody in who should not be.
"""

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from bot.access.entries import AnyIdentifier, Entry, file_problem, nearest, shown
from bot.access.files import read_trusted
from bot.access.identity import Identity, read_identities
from bot.access.plain_yaml import parse
from bot.access.secrets import SecretReference, resolve
from bot.access.slack_ids import WORKSPACE_HINT, read_id, read_ids
from bot.model.ids import ChannelId, GroupId, RegionId, TeamId, UserId
from bot.model.value import Value

_LARGEST = 2 * 1024 * 1024  # bytes; 10,000 people take 0.3 MB

_HINT = "VPN_DIAGNOSE_ACCESS_FILE names the file; start from access.example.yml"


class Book(Value):
    """The whole file. `users` and `groups` give, by workspace and ID, the name of an identity.

    `channels` are those in which the bot may be asked, empty for all; `shared_channels` those in which it reports
    openly although other organizations read them. `version_hash` is the file's SHA-256 in hex, as sha256sum prints
    it.
    """

    version_hash: str
    workspaces: frozenset[TeamId]
    identities: dict[str, Identity]
    users: dict[TeamId, dict[UserId, str]]
    groups: dict[TeamId, dict[GroupId, str]]
    channels: frozenset[ChannelId]
    shared_channels: frozenset[ChannelId] = frozenset()

    @property
    def version(self) -> str:
        """The first 12 digits of `version_hash`, which is what people are shown."""
        return self.version_hash[:12]

    @property
    def all_groups(self) -> frozenset[GroupId]:
        return frozenset(group for groups in self.groups.values() for group in groups)

    @property
    def regions(self) -> frozenset[RegionId]:
        return frozenset(region for identity in self.identities.values() for region in identity.regions)


def load_book(path: Path, environ: Mapping[str, str] | None = None) -> Book:
    """Read access.yml; Problem("settings.access_file") says file, line, what is wrong and what would be right.

    With `environ` every reference to a secret has to lead to one now.
    """
    return parse_book(read_content(path), path, environ)


def read_content(path: Path) -> bytes:
    """Read the bytes of access.yml; Problem("settings.access_file") for a file that is not to be trusted."""
    return read_trusted(
        path, at_most=_LARGEST, refuse=lambda reason: file_problem(path, f"the file {reason}", _HINT)
    )


def parse_book(content: bytes, path: Path, environ: Mapping[str, str] | None = None) -> Book:
    """Make the book of the bytes that `path` had; see `load_book`."""
    fields = parse(content, path).fields(
        required=("version", "workspaces", "identities"), optional=("users", "groups", "channels")
    )
    if fields["version"].literal() != "1":
        raise fields["version"].refusal("this version of the format is not known", "Write version: 1")
    workspaces = read_ids(fields["workspaces"], TeamId)
    if not workspaces:
        raise fields["workspaces"].refusal("no workspace is listed, so nobody could ask", WORKSPACE_HINT)

    def try_secret(reference: SecretReference) -> None:
        if environ is not None:
            resolve(reference, environ, path.parent)

    identities = read_identities(fields["identities"], try_secret)
    channels, shared_channels = _read_channels(fields.get("channels"))
    return Book(
        version_hash=hashlib.sha256(content).hexdigest(),
        workspaces=workspaces,
        identities=identities,
        users=_read_mapping(fields.get("users"), UserId, workspaces, identities),
        groups=_read_mapping(fields.get("groups"), GroupId, workspaces, identities),
        channels=channels,
        shared_channels=shared_channels,
    )


def _read_channels(entry: Entry | None) -> tuple[frozenset[ChannelId], frozenset[ChannelId]]:
    """Return the channels in which the bot may be asked, and those of other organizations in which it reports."""
    fields = entry.fields(required=(), optional=("allow", "shared")) if entry else {}
    if entry and not fields:
        raise entry.refusal("nothing is said about channels", "Write allow: […], shared: […], or leave it away")
    allowed = read_ids(fields["allow"], ChannelId) if "allow" in fields else frozenset()
    shared = read_ids(fields["shared"], ChannelId) if "shared" in fields else frozenset()
    if allowed and not shared <= allowed:
        odd = min(shared - allowed)
        raise fields["shared"].refusal(f"nobody may ask in {odd}, for it is not in allow", "Add it there as well")
    return allowed, shared


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
    member = read_id(key, member_text, form)
    if not slash and len(workspaces) == 1:
        return next(iter(workspaces)), member
    if not slash:
        hint = f"With several workspaces each line names its own: T0123ABCD/{member}"
        raise key.refusal(f"the workspace of {member} is not said", hint)
    team = read_id(key, team_text, TeamId)
    if team not in workspaces:
        raise key.refusal(f"{team} is not one of the workspaces", nearest(team, workspaces))
    return team, member


def _read_identity_name(entry: Entry, identities: Collection[str]) -> str:
    name = entry.text()
    if name not in identities:
        raise entry.refusal(f"there is no identity {shown(name, identities)}", nearest(name, identities))
    return name
