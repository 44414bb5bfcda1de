"""The Slack app's manifest says what Slack accepts and what the code does, no more and no less."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.commands.check import NEEDED_SCOPES
from bot.emulators.slack.functions import DIAGNOSE, USER_CONTEXT, Parameter
from bot.emulators.slack.workspace import EXAMPLE
from bot.listeners import ROUTES
from bot.listeners.function_payload import FUNCTION_EXECUTED
from bot.listeners.home import HOME_OPENED
from bot.listeners.replies import COMMAND
from bot.slack.functions import CALLBACK_ID

ROOT = Path(__file__).parents[1]

# The scopes a bot token needs for each method that the code calls, by the method's own page
# (docs.slack.dev/reference/methods/METHOD). `apps.connections.open` is called with the app-level token.
READS_HISTORY = frozenset({"channels:history", "groups:history", "im:history"})
SCOPES_OF = {
    "apps_connections_open": frozenset[str](),
    "auth_test": frozenset[str](),
    "chat_getPermalink": frozenset[str](),
    "chat_postEphemeral": frozenset({"chat:write"}),
    "chat_postMessage": frozenset({"chat:write"}),
    "chat_update": frozenset({"chat:write"}),
    "conversations_history": READS_HISTORY,
    "conversations_info": frozenset({"channels:read", "groups:read"}),
    "conversations_open": frozenset({"im:write"}),
    "conversations_replies": READS_HISTORY,
    "functions_completeError": frozenset[str](),
    "functions_completeSuccess": frozenset[str](),
    "files_completeUploadExternal": frozenset({"files:write"}),
    "files_getUploadURLExternal": frozenset({"files:write"}),
    "usergroups_users_list": frozenset({"usergroups:read"}),
    "users_info": frozenset({"users:read"}),
    "views_open": frozenset[str](),
    "views_publish": frozenset[str](),
    "views_update": frozenset[str](),
}

# The scopes that Slack wants for an event, by the event's own page (docs.slack.dev/reference/events/EVENT).
SCOPES_OF_EVENT = {"app_home_opened": frozenset[str](), "app_mention": frozenset({"app_mentions:read"})}

WEB_API_METHOD = re.compile(
    r"(apps|auth|bots|chat|conversations|files|functions|pins|reactions|team|usergroups|users|views)_[a-zA-Z_]+"
)


@pytest.fixture
def manifest() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
    return parsed


@pytest.fixture
def rules() -> Draft7Validator:
    return Draft7Validator(json.loads((ROOT / "tests/data/slack_manifest.schema.json").read_text()))


def test_slack_accepts_the_manifest(manifest: dict[str, Any], rules: Draft7Validator) -> None:
    mistakes = [error.message for error in rules.iter_errors(manifest)]

    assert mistakes == []


def test_the_rules_notice_what_slack_would_refuse(manifest: dict[str, Any], rules: Draft7Validator) -> None:
    manifest["features"]["slash_commands"][0]["command"] = "vpn-diagnose"
    manifest["settings"]["sockets"] = True

    assert len(list(rules.iter_errors(manifest))) == 2


def test_the_manifest_for_http_differs_by_addresses(manifest: dict[str, Any], rules: Draft7Validator) -> None:
    address = "https://vpn-diagnose.example.com/slack/events"
    manifest["features"]["slash_commands"][0]["url"] = address
    manifest["settings"]["interactivity"]["request_url"] = address
    manifest["settings"].setdefault("event_subscriptions", {})["request_url"] = address
    manifest["settings"]["socket_mode_enabled"] = False

    assert list(rules.iter_errors(manifest)) == []


def test_the_command_is_the_one_that_is_listened_to(manifest: dict[str, Any]) -> None:
    commands = [command["command"] for command in manifest["features"]["slash_commands"]]

    assert commands == [COMMAND]


def test_the_scopes_are_those_that_the_code_needs(manifest: dict[str, Any]) -> None:
    called = set(web_api_methods_called())

    unknown = called - SCOPES_OF.keys()
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    heard = (SCOPES_OF_EVENT[event] for event in events)
    needed = {"commands"}.union(*(SCOPES_OF[method] for method in called - unknown), *heard)

    assert unknown == set(), "say in SCOPES_OF which scopes these methods need"
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed


def test_an_optional_scope_is_in_both_lists(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]

    assert set(scopes["bot_optional"]) < set(scopes["bot"])


def test_what_is_not_optional_is_what_the_check_asks_for(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]

    assert set(scopes["bot"]) - set(scopes["bot_optional"]) == NEEDED_SCOPES


def test_the_shortcuts_are_those_that_are_listened_to(manifest: dict[str, Any]) -> None:
    shortcuts = manifest["features"]["shortcuts"]

    assert {shortcut["callback_id"] for shortcut in shortcuts} == set(ROUTES.shortcuts)
    emulated = [each.model_dump() for each in EXAMPLE.app.shortcuts]
    assert [{name: each[name] for name in ("name", "type", "callback_id")} for each in shortcuts] == emulated


def test_the_events_are_those_that_are_listened_to(manifest: dict[str, Any]) -> None:
    subscribed = manifest["settings"]["event_subscriptions"]["bot_events"]

    assert set(subscribed) == ROUTES.events.keys() - {FUNCTION_EXECUTED}


def test_there_is_a_home_where_it_is_drawn(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["app_home"]["home_tab_enabled"] is (HOME_OPENED in ROUTES.events)


def test_a_direct_message_can_be_delivered(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["app_home"]["messages_tab_enabled"]


def test_the_step_is_the_one_that_is_listened_to(manifest: dict[str, Any]) -> None:
    assert list(manifest["functions"]) == [CALLBACK_ID]


def test_slack_takes_the_step_for_one_of_workflow_builder(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]

    assert (settings["org_deploy_enabled"], settings["function_runtime"]) == (True, "remote")
    assert FUNCTION_EXECUTED not in settings.get("event_subscriptions", {}).get("bot_events", [])


def test_slack_is_asked_to_vouch_for_whoever_starts_the_step(manifest: dict[str, Any]) -> None:
    inputs = manifest["functions"][CALLBACK_ID]["input_parameters"]

    assert inputs["properties"]["started_by"]["type"] == USER_CONTEXT
    assert "started_by" in inputs["required"]
    assert "slack#/types/user_id" not in {each["type"] for each in inputs["properties"].values()}


def test_the_step_is_emulated_as_it_is_declared(manifest: dict[str, Any]) -> None:
    declared = manifest["functions"][CALLBACK_ID]

    assert (DIAGNOSE.title, DIAGNOSE.description) == (declared["title"], declared["description"])
    assert _named(DIAGNOSE.inputs) == _as_declared(declared["input_parameters"])
    assert _named(DIAGNOSE.outputs) == _as_declared(declared["output_parameters"])


def _named(parameters: tuple[Parameter, ...]) -> dict[str, tuple[str, bool]]:
    return {each.name: (each.type, each.is_required) for each in parameters}


def _as_declared(parameters: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    required = parameters["required"]
    return {name: (each["type"], name in required) for name, each in parameters["properties"].items()}


def web_api_methods_called() -> Iterator[str]:
    """Yield the names of the Web API methods that the bot takes from the SDK's client, to call or to hand on."""
    for file in (ROOT / "bot").rglob("*.py"):
        if "emulators" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and WEB_API_METHOD.fullmatch(node.attr) and _is_client(node.value):
                yield node.attr


def _is_client(node: ast.expr) -> bool:
    return ast.unparse(node).endswith("client")
