import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.book import Book, load_book
from bot.access.identity import AccessKey, RoleToAssume
from bot.model.problem import Problem

Load = Callable[[str], Book]
Refused = Callable[[str], dict[str, str]]

SMALL = """\
version: 1
workspaces: [T0ONE]
identities:
  lab:
    access_key: {id: env:KEY_ID, secret: env:KEY}
"""
TWO_WORKSPACES = SMALL.replace("[T0ONE]", "[T0ONE, T0TWO]")


def test_the_example_is_a_book() -> None:
    book = load_book(Path(__file__).parents[2] / "access.example.yml")

    assert isinstance(book.identities["network-oncall"].source, RoleToAssume)
    assert isinstance(book.identities["lab"].source, AccessKey)
    assert book.users == {"T0123ABCD": {"U0123ABCD": "network-oncall"}}
    assert book.groups == {"T0123ABCD": {"S0123ABCD": "network-oncall"}}
    assert book.channels == {"C0123ABCD", "C0456EFGH"}
    assert book.shared_channels == {"C0456EFGH"}


def test_users_groups_and_channels_may_be_left_away(load: Load) -> None:
    book = load(SMALL)

    assert book.users == {"T0ONE": {}}
    assert book.groups == {"T0ONE": {}}
    assert book.channels == frozenset()


def test_an_empty_list_of_channels_is_everywhere(load: Load) -> None:
    assert load(SMALL + "channels: {allow: []}\n").channels == frozenset()


def test_channels_of_every_kind_can_be_allowed(load: Load) -> None:
    book = load(SMALL + "channels: {allow: [C0A, G0B, D0C]}\n")

    assert book.channels == {"C0A", "G0B", "D0C"}


def test_a_shared_channel_is_open_to_reports(load: Load) -> None:
    book = load(SMALL + "channels: {shared: [C0A]}\n")

    assert book.channels == frozenset()
    assert book.shared_channels == {"C0A"}


def test_the_version_is_what_sha256sum_prints(load: Load) -> None:
    book = load(SMALL)

    assert book.version_hash == hashlib.sha256(SMALL.encode()).hexdigest()
    assert book.version == book.version_hash[:12]


def test_groups_and_regions_are_known_as_a_whole(load: Load) -> None:
    regions = SMALL.replace("    access_key", "    regions: [cn-hangzhou, cn-qingdao]\n    access_key")
    book = load(regions + "groups: {S0A: lab, S0B: lab}\n")

    assert book.all_groups == {"S0A", "S0B"}
    assert book.regions == {"cn-hangzhou", "cn-qingdao"}


def test_a_person_of_one_workspace_may_be_written_with_it(load: Load) -> None:
    assert load(SMALL + "users: {T0ONE/U0A: lab}\n").users == {"T0ONE": {"U0A": "lab"}}


def test_the_same_id_is_another_person_in_another_workspace(load: Load) -> None:
    book = load(TWO_WORKSPACES + "users: {T0ONE/U0A: lab}\ngroups: {T0TWO/S0A: lab}\n")

    assert book.users == {"T0ONE": {"U0A": "lab"}, "T0TWO": {}}
    assert book.groups == {"T0ONE": {}, "T0TWO": {"S0A": "lab"}}


MISTAKES = [
    pytest.param(
        SMALL + "users: {U0A: lab}\nusers: {}\n", 7, "users is there twice", "line 6", id="section twice"
    ),
    pytest.param(
        SMALL + "user: {U0A: lab}\n", 6, "the key user is not known", "users was meant", id="unknown section"
    ),
    pytest.param(SMALL.replace("version: 1\n", ""), 1, "the key version is missing", "version:", id="no version"),
    pytest.param(
        SMALL.replace("version: 1", "version: 2"), 1, "version: this version", "version: 1", id="other version"
    ),
    pytest.param(SMALL.replace("version: 1", "version: [1]"), 1, "version: this", "version: 1", id="odd version"),
    pytest.param(
        SMALL.replace("[T0ONE]", "[]"), 2, "workspaces: no workspace", "app.slack.com", id="no workspace"
    ),
    pytest.param(SMALL.replace("[T0ONE]", "T0ONE"), 2, "text where a list", "[first", id="a workspace, no list"),
    pytest.param(
        SMALL.replace("T0ONE", "U0ONE"), 2, "U0ONE is not the ID", "app.slack.com", id="no workspace's ID"
    ),
    pytest.param(
        SMALL + "users:\n  U0A: lab\n  U0A: lab\n", 8, "users: U0A is there twice", "line 7", id="user twice"
    ),
    pytest.param(
        SMALL + "users:\n  U0A: lab\n  T0ONE/U0A: lab\n",
        8,
        "U0A of T0ONE is there twice",
        "one",
        id="user in two ways",
    ),
    pytest.param(
        SMALL + "users: {ann@example.com: lab}\n", 6, "an e-mail address or a name", "Copy member ID", id="e-mail"
    ),
    pytest.param(SMALL + "users: {'@ann': lab}\n", 6, "'s ID", "Copy member ID", id="handle"),
    pytest.param(SMALL + "users: {ann: lab}\n", 6, "is not a Slack person's ID", "Copy member ID", id="name"),
    pytest.param(SMALL + "users: {'*': lab}\n", 6, "a wildcard, not", "Copy member ID", id="everybody"),
    pytest.param(SMALL + "users: {U0*: lab}\n", 6, "a wildcard, not", "Copy member ID", id="many"),
    pytest.param(SMALL + "users: {S0A: lab}\n", 6, "S0A is not a Slack person", "U0123", id="group as user"),
    pytest.param(SMALL + "users: {u0a: lab}\n", 6, "is not a Slack person", "U0123", id="small letters"),
    pytest.param(SMALL + "users: {B0A: lab}\n", 6, "B0A is not a Slack person", "U0123", id="bot"),
    pytest.param(
        SMALL + "users: {U0٣: lab}\n", 6, "is not a Slack person", "U0123", id="digits of another script"
    ),
    pytest.param(SMALL + "users: {12: lab}\n", 6, "a number where text belongs", "quotes", id="number as user"),
    pytest.param(SMALL + "users: [U0A]\n", 6, "a list where a mapping belongs", "key: value", id="list of users"),
    pytest.param(SMALL + "users:\n", 6, "users: nothing where a mapping", "{}", id="nothing after users"),
    pytest.param(
        SMALL + "users: {U0A: la}\n", 6, "users.U0A: there is no identity la", "lab was meant", id="no identity"
    ),
    pytest.param(SMALL + "users: {U0A: [lab]}\n", 6, "users.U0A: a list where text", "text", id="two identities"),
    pytest.param(SMALL + "users: {U0A: 1}\n", 6, "users.U0A: a number", "quotes", id="number as identity"),
    pytest.param(SMALL + "users: {T0TWO/U0A: lab}\n", 6, "T0TWO is not one of", "T0ONE", id="unlisted workspace"),
    pytest.param(SMALL + "users: {X/U0A: lab}\n", 6, "X is not the ID of a Slack workspace", "app", id="no team"),
    pytest.param(
        TWO_WORKSPACES + "users: {U0A: lab}\n",
        6,
        "the workspace of U0A is not said",
        "T0123ABCD/U0A",
        id="whose user",
    ),
    pytest.param(
        TWO_WORKSPACES + "groups: {S0A: lab}\n",
        6,
        "the workspace of S0A is not said",
        "T0123ABCD/S0A",
        id="whose group",
    ),
    pytest.param(
        SMALL + "groups: {U0A: lab}\n", 6, "U0A is not the ID of a Slack user group", "S0123", id="no group"
    ),
    pytest.param(
        SMALL + "groups: {'@team': lab}\n", 6, "not the ID of a Slack user group", "S0", id="group by name"
    ),
    pytest.param(
        SMALL + "channels: {allow: ['#vpn']}\n", 6, "a name, not a channel's ID", "C0", id="channel by name"
    ),
    pytest.param(
        SMALL + "channels: {allow: }\n", 6, "nothing where a list belongs", "[]", id="allow without a value"
    ),
    pytest.param(SMALL + "channels: {deny: [C0A]}\n", 6, "the key (not shown) is not known", "allow", id="deny"),
    pytest.param(SMALL + "channels: {}\n", 6, "channels: nothing is said", "allow:", id="channels of nothing"),
    pytest.param(
        SMALL + "channels:\n  allow: [C0A]\n  shared: [C0B]\n",
        8,
        "channels.shared: nobody may ask in C0B",
        "there as well",
        id="shared and not allowed",
    ),
    pytest.param(SMALL + "channels: {shared: C0A}\n", 6, "text where a list", "[first", id="a channel, no list"),
    pytest.param(SMALL + "channels: {allow: [C0A, C0A]}\n", 6, "C0A is there twice", "line 6", id="channel twice"),
    pytest.param(
        SMALL.replace("[T0ONE]", "[T0ONE, T0ONE]"), 2, "T0ONE is there twice", "line 2", id="workspace twice"
    ),
    pytest.param(
        SMALL.replace("    access_key", "    regions: [cn-a, cn-a]\n    access_key"),
        5,
        "cn-a is there twice",
        "line 5",
        id="region twice",
    ),
    pytest.param(
        SMALL + "  lab:\n    access_key: {}\n", 6, "(not shown) is there twice", "line 4", id="identity twice"
    ),
    pytest.param(SMALL + "users: {USLACKBOT: lab}\n", 6, "Slack's own bot", "Copy member ID", id="Slackbot"),
    pytest.param(SMALL + "users: {!!str U0A: lab}\n", 6, "tags (!)", "quotes", id="tag"),
    pytest.param(SMALL + "users: {*: lab}\n", 6, "this is not YAML", "a *", id="everybody, unquoted"),
    pytest.param(SMALL + "users:\n\tU0A: lab\n", 7, "this is not YAML", "a tab", id="tab"),
    pytest.param(SMALL + "<<: {users: {U0A: lab}}\n", 6, "a merge key (<<)", "text", id="merge"),
    pytest.param(SMALL + "users: {U0A: lab}\n---\n", 7, "another document", "line above", id="second document"),
    pytest.param(
        SMALL + "channels: [C0A]\n", 6, "a list where a mapping belongs", "key: value", id="channels as list"
    ),
]


@pytest.mark.parametrize(("text", "line", "what", "hint"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_would_be_right(
    refused: Refused, tmp_path: Path, text: str, line: int, what: str, hint: str
) -> None:
    facts = refused(text)

    assert facts["file"] == str(tmp_path / "access.yml")
    assert facts["line"] == str(line)
    assert what in facts["what"]
    assert hint in facts["hint"]


def test_a_missing_file_says_where_to_begin(tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        load_book(tmp_path / "access.yml")

    assert raised.value.facts["what"] == "the file cannot be read: No such file or directory"
    assert "access.example.yml" in raised.value.facts["hint"]
    assert "line" not in raised.value.facts


def test_a_book_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text(SMALL)
    (tmp_path / "access.yml").chmod(0o666)
    with pytest.raises(Problem) as raised:
        load_book(tmp_path / "access.yml")

    assert raised.value.facts["what"] == "the file may be changed by every user of this machine"


def test_a_book_in_a_folder_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "access.yml").write_text(SMALL)
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(Problem) as raised:
        load_book(tmp_path / "open" / "access.yml")

    assert "may be replaced by every user of this machine" in raised.value.facts["what"]


def test_a_book_in_a_kubernetes_mount_is_read(tmp_path: Path) -> None:
    (tmp_path / "..2026_11_23").mkdir()
    (tmp_path / "..2026_11_23" / "access.yml").write_text(SMALL)
    (tmp_path / "..data").symlink_to("..2026_11_23")
    (tmp_path / "access.yml").symlink_to("..data/access.yml")

    assert load_book(tmp_path / "access.yml").workspaces == {"T0ONE"}


SECRETS = """\
version: 1
workspaces: [T0ONE]
identities:
  lab:
    access_key:
      id: env:KEY_ID
      secret: file:key
  oncall:
    assume_role: acs:ram::1:role/oncall
    external_id: env:EXTERNAL_ID
"""
ENVIRON = {"KEY_ID": "planted", "EXTERNAL_ID": "planted"}


def test_references_that_lead_to_secrets_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "access.yml").write_text(SECRETS)
    (tmp_path / "key").write_text("planted")

    assert load_book(tmp_path / "access.yml", ENVIRON).identities.keys() == {"lab", "oncall"}


@pytest.mark.parametrize(
    ("missing", "line", "what"),
    [
        ("KEY_ID", 6, "identities.lab.access_key.id: env:KEY_ID is not set"),
        ("EXTERNAL_ID", 10, "identities.oncall.external_id: env:EXTERNAL_ID is not set"),
        ("key", 7, "identities.lab.access_key.secret: file:key cannot be read: No such file or directory"),
    ],
)
def test_a_reference_that_leads_to_no_secret_is_told_with_its_line(
    tmp_path: Path, missing: str, line: int, what: str
) -> None:
    (tmp_path / "access.yml").write_text(SECRETS)
    (tmp_path / "key").write_text("planted")
    if missing == "key":
        (tmp_path / "key").unlink()
    with pytest.raises(Problem) as raised:
        load_book(tmp_path / "access.yml", {name: ENVIRON[name] for name in ENVIRON if name != missing})

    assert raised.value.facts["what"] == what
    assert raised.value.facts["line"] == str(line)
    assert "Set that variable or file" in raised.value.facts["hint"]
    assert "planted" not in str(raised.value.facts)


def test_a_huge_book_is_refused(refused: Refused) -> None:
    assert "larger than 2097152 bytes" in refused(SMALL + "#" * 2_100_000)["what"]


@given(st.text(alphabet="abT0U1S:{}[]'\"#&*!|>-?, \n\tédl/", max_size=120))
def test_a_book_with_anything_at_its_end_maps_nobody_to_more_than_its_identities(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.mktemp("book") / "access.yml"
    file.write_text(SMALL + text, encoding="utf-8")
    mapped = _mapped(file)

    assert mapped <= {"lab", "settings.access_file"}


def _mapped(file: Path) -> set[str]:
    try:
        book = load_book(file)
    except Problem as problem:
        return {problem.code}
    return {name for users in book.users.values() for name in users.values()}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("groups: {SECRET: oncall}", id="group"),
        pytest.param("groups: {T0ONE/SECRET: oncall}", id="group of a workspace"),
        pytest.param("users: {SECRET: oncall}", id="person"),
        pytest.param("users: {U0ONE: SECRET}", id="identity of a person"),
        pytest.param("channels: {allow: [SECRET]}", id="channel"),
        pytest.param("channels: {allow: [SECRET, SECRET]}", id="twice"),
        pytest.param("SECRET: here", id="key"),
        pytest.param("identities: {SECRET: {access_key: {id: env:A, secret: env:B}}}", id="name"),
        pytest.param("identities: {lab: {access_key: {id: env:SECRET, secret: SECRET}}}", id="reference"),
        pytest.param("identities: {lab: {access_key: {id: env:A, secret: env:B}, SECRET: here}}", id="field"),
        pytest.param("identities: {lab: {guardrail: [{SECRET: here}]}}", id="statement"),
        pytest.param(
            "identities: {lab: {guardrail: [{Effect: Deny, Action: '*', Resource: SECRET}]}}", id="resource"
        ),
        pytest.param(
            "identities: {lab: {guardrail:"
            " [{Effect: Deny, Action: '*', Resource: '*', Condition: {SECRET: {a: b}}}]}}",
            id="operator",
        ),
    ],
)
@pytest.mark.parametrize(
    "secret", ["xoxb-1111-2222-planted", "LTAI5tPlantedPlantedPlan", "Planted1Planted2Planted3Plant4"]
)
def test_a_secret_in_the_wrong_place_is_told_by_its_line_alone(refused: Refused, wrong: str, secret: str) -> None:
    facts = refused(_with_mistake(wrong.replace("SECRET", secret)))

    assert secret not in str(facts)
    assert "lanted" not in str(facts)
    assert facts["line"] in {"3", "4"}


def _with_mistake(wrong: str) -> str:
    identities = "identities: {oncall: {access_key: {id: env:A, secret: env:B}}}\n"
    return f"version: 1\nworkspaces: [T0ONE]\n{'' if wrong.startswith('identities') else identities}{wrong}\n"
