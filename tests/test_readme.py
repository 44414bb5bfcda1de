"""What the README promises is so: the examples work, and every scope, setting and command in it exists."""

import re
import tomllib
from pathlib import Path

import yaml

from bot.access.book import load_book
from bot.cli import COMMANDS
from bot.settings import variables

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_example_of_access_yml_is_accepted(tmp_path: Path) -> None:
    [example] = (block for block in blocks("yaml") if "identities:" in block)
    file = tmp_path / "access.yml"
    file.write_text(example)

    book = load_book(file)

    assert book.users
    assert book.groups


def test_every_scope_of_the_manifest_is_explained() -> None:
    scopes = yaml.safe_load((ROOT / "manifest.yml").read_text())["oauth_config"]["scopes"]

    unexplained = [
        scope for scope in scopes["bot"] if not re.search(rf"^\|.*`{scope}`", README, flags=re.MULTILINE)
    ]

    assert unexplained == []


def test_every_setting_that_is_named_exists() -> None:
    texts = README + (ROOT / ".env.example").read_text() + (ROOT / "Dockerfile").read_text()
    named = set(re.findall(r"\b(?:VPN_DIAGNOSE|ALIBABA_CLOUD|SLACK)_[A-Z_]+[A-Z]\b", texts))

    assert named <= variables().keys()


def test_every_command_that_is_named_exists() -> None:
    named = set(re.findall(r"`vpn-diagnose ([a-z]+)", README))

    assert named <= COMMANDS.keys()


def test_every_file_that_is_linked_exists() -> None:
    texts = [
        README,
        *((ROOT / name).read_text() for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")),
    ]
    links = {link for text in texts for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text)}

    missing = [link for link in links if not (ROOT / link).exists()]

    assert missing == []


def test_every_part_is_on_the_map() -> None:
    parts = {path.name for path in (ROOT / "bot").iterdir() if path.name not in {"__init__.py", "__pycache__"}}
    map_of_parts = (ROOT / "ARCHITECTURE.md").read_text()

    missing = [part for part in parts if part not in map_of_parts]

    assert missing == []


def test_the_changelog_has_unreleased_on_top_and_the_version_below() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()

    unreleased, *released = re.findall(r"^## (\S+)", changelog, flags=re.MULTILINE)

    assert unreleased == "Unreleased"
    assert not released or released[0] == version
