"""Settings from the environment."""

import traceback
from pathlib import Path

import pytest

from bot.model.problem import Problem
from bot.settings import PREFIX, Settings, environment, variables


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.read({})

    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url.get_secret_value() == "sqlite:///vpn-diagnose.db"
    assert (settings.host, settings.port, settings.language) == ("127.0.0.1", 3000, "en")


def test_a_variable_set_to_nothing_counts_as_not_set() -> None:
    settings = Settings.read({"VPN_DIAGNOSE_PORT": "", "SLACK_APP_TOKEN": ""})

    assert settings.port == 3000
    assert settings.slack_app_token is None


def test_an_unknown_name_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(Problem, match=r"settings\.unknown") as caught:
        Settings.read({"VPN_DIAGNOSE_DEFAULT_REGON": "cn-hangzhou"})

    assert caught.value.facts == {
        "name": "VPN_DIAGNOSE_DEFAULT_REGON",
        "suggestion": "VPN_DIAGNOSE_DEFAULT_REGION",
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("VPN_DIAGNOSE_PORT", "99999"),
        ("VPN_DIAGNOSE_PORT", "http"),
        ("VPN_DIAGNOSE_LANGUAGE", "de"),
        ("VPN_DIAGNOSE_CONSOLE", "japan"),
        ("VPN_DIAGNOSE_POLL_EVERY_S", "0.0123"),
        ("VPN_DIAGNOSE_POLL_EVERY_S", "nan"),
        ("VPN_DIAGNOSE_DEFAULT_REGION", "Hangzhou"),
        ("VPN_DIAGNOSE_ALIBABA_ENDPOINT", "ftp://example.com"),
        ("VPN_DIAGNOSE_INSIDE_VPC", "yes"),
        ("SLACK_API_URL", "slack.com/api"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(Problem, match=r"settings\.invalid") as caught:
        Settings.read({name: text})

    assert caught.value.facts["name"] == name
    assert text not in caught.value.facts["what"]


@pytest.mark.parametrize("name", ["VPN_DIAGNOSE_DEFAULT_REGION", "VPN_DIAGNOSE_INSIDE_VPC"])
def test_a_region_is_asked_for_in_words(name: str) -> None:
    with pytest.raises(Problem) as caught:
        Settings.read({name: "Hangzhou"})

    assert caught.value.facts["what"] == "the ID of a region, for example cn-hangzhou"


def test_no_secret_is_shown() -> None:
    canary = "xoxb-canary"
    names = ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"]

    settings = Settings.read(dict.fromkeys([*names, "ALIBABA_CLOUD_SECURITY_TOKEN"], canary))

    assert canary not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET"),
    ],
    ids=["no bot token", "no way in"],
)
def test_what_is_missing_to_serve_is_named(environ: dict[str, str], name: str) -> None:
    with pytest.raises(Problem, match=r"settings\.missing") as caught:
        Settings.read(environ).needed_to_serve()

    assert caught.value.facts == {"name": name}


@pytest.mark.parametrize("way_in", ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"])
def test_a_bot_token_and_one_way_in_are_enough(way_in: str) -> None:
    Settings.read({"SLACK_BOT_TOKEN": "xoxb-1", way_in: "x"}).needed_to_serve()


def test_every_variable_has_a_meaning_and_its_prefix_is_ours_or_the_vendors() -> None:
    for name, field in variables().items():
        assert field.description
        assert name.startswith((PREFIX, "SLACK_", "ALIBABA_CLOUD_"))


def test_an_env_file_that_is_no_text_is_refused_without_its_content(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SLACK_BOT_TOKEN=planted\xff\n")
    with pytest.raises(Problem) as caught:
        environment({}, tmp_path)

    assert caught.value.facts["name"] == ".env"
    assert "planted" not in "".join(traceback.format_exception(caught.value)).replace("=planted", "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("VPN_DIAGNOSE_HOST", "a..b"),
        ("VPN_DIAGNOSE_HOST", "a" * 64),
        ("SLACK_API_URL", "http://[::1/api/"),
        ("SLACK_API_URL", "http:///api/"),
        ("SLACK_API_URL", "http://slack.example:99999/api/"),
        ("VPN_DIAGNOSE_ALIBABA_ENDPOINT", "http://a..b"),
    ],
)
def test_an_address_that_nothing_can_be_found_at_is_refused(name: str, text: str) -> None:
    with pytest.raises(Problem, match=r"settings\.invalid") as caught:
        Settings.read({name: text})

    assert caught.value.facts["name"] == name
    assert text not in str(caught.value.facts)


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=from-file\nVPN_DIAGNOSE_PORT=4000\nEMPTY\n")

    merged = environment({"VPN_DIAGNOSE_PORT": "5000"}, tmp_path)

    assert merged == {"SLACK_BOT_TOKEN": "from-file", "VPN_DIAGNOSE_PORT": "5000"}


def test_no_env_file_is_needed(tmp_path: Path) -> None:
    assert environment({"A": "b"}, tmp_path) == {"A": "b"}
