from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.emulators.slack.workspace import EXAMPLE

Json = dict[str, Any]


@pytest.fixture(scope="module")
def features() -> Json:
    manifest: Json = yaml.safe_load(Path("manifest.yml").read_text(encoding="utf-8"))
    declared: Json = manifest["features"]
    return declared


def test_the_app_that_is_played_has_the_commands_of_the_manifest(features: Json) -> None:
    declared = {command["command"]: command["usage_hint"] for command in features["slash_commands"]}

    assert EXAMPLE.app.usage == declared
    assert set(EXAMPLE.app.commands) == set(declared)


def test_the_app_that_is_played_has_the_shortcuts_of_the_manifest(features: Json) -> None:
    declared = [{key: each[key] for key in ("name", "type", "callback_id")} for each in features["shortcuts"]]

    assert [shortcut.model_dump() for shortcut in EXAMPLE.app.shortcuts] == declared


def test_the_app_that_is_played_has_the_tabs_of_the_manifest(features: Json) -> None:
    tabs = features["app_home"]

    assert EXAMPLE.app.has_home is tabs["home_tab_enabled"]
    assert EXAMPLE.app.reads_messages is not tabs["messages_tab_read_only_enabled"]
