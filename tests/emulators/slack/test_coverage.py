from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.emulators.slack import payloads
from bot.emulators.slack.blocks import CHECKED, UNCHECKED
from bot.emulators.slack.methods import METHODS

PROMISED: dict[str, dict[str, Any]] = yaml.safe_load(
    Path("bot/emulators/slack/coverage.yml").read_text(encoding="utf-8")
)
WORDS = {"exact", "partial", "absent"}


def played(section: str) -> set[str]:
    return {name for name, entry in PROMISED[section].items() if entry["played"] != "absent"}


def test_every_method_that_is_played_is_promised_and_no_other() -> None:
    assert played("methods") == set(METHODS)


def test_every_block_that_is_taken_is_promised_and_no_other() -> None:
    assert played("blocks") == set(CHECKED) | UNCHECKED


def test_a_block_whose_inside_is_not_checked_is_not_called_exact() -> None:
    assert {name for name in UNCHECKED if PROMISED["blocks"][name]["played"] == "exact"} == set()


def test_every_payload_that_is_made_is_promised() -> None:
    made = {name for name in vars(payloads) if not name.startswith(("_", "in_")) and name.islower()}
    functions = {name for name in made if callable(getattr(payloads, name))}

    assert {name.replace("slash_command", "slash_commands") for name in functions} <= played("deliveries")


@pytest.mark.parametrize("section", PROMISED)
def test_what_is_partial_says_what_is_missing(section: str) -> None:
    for name, entry in PROMISED[section].items():
        assert entry["played"] in WORDS, name
        assert bool(entry.get("missing")) == (entry["played"] == "partial"), name
