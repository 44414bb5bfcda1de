"""The SDK's client is set up so that it neither repeats itself nor takes a proxy that is not meant for it."""

from collections.abc import Mapping

import pytest

from bot.slack.client import CALL_TIMEOUT_S, build_client, build_session, bypasses, proxy_for

PROXIES: Mapping[str, str] = {"https": "http://proxy.example:3128", "http": "http://proxy.example:3129"}


def _nothing_bypassed(host: str) -> bool:
    del host
    return False


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/api/",
        "http://localhost:8080/api/",
        "http://[::1]:8080/api/",
        "http://slack.localhost/",
    ],
)
def test_this_machine_is_never_reached_through_a_proxy(url: str) -> None:
    assert proxy_for(url, PROXIES, _nothing_bypassed) is None


def test_slack_is_reached_through_the_proxy_of_its_scheme() -> None:
    assert proxy_for("https://slack.com/api/", PROXIES, _nothing_bypassed) == "http://proxy.example:3128"


def test_without_a_proxy_there_is_none() -> None:
    assert proxy_for("https://slack.com/api/", {}, _nothing_bypassed) is None
    assert proxy_for("https://slack.com/api/", {"https": ""}, _nothing_bypassed) is None


def test_what_no_proxy_names_is_reached_directly() -> None:
    asked = []

    def bypassed(host: str) -> bool:
        asked.append(host)
        return True

    assert proxy_for("https://slack.com:443/api/", PROXIES, bypassed) is None
    assert asked == ["slack.com:443"]


def test_no_proxy_is_read_from_the_environment_as_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "slack.com")

    assert bypasses("slack.com:443")
    assert bypasses("wss-primary.slack.com:443")
    assert not bypasses("example.org:443")


async def test_the_environments_proxy_is_not_applied_to_an_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with build_session() as session:
        client = build_client("xoxb-emulator", "http://127.0.0.1:8080/api/", session)

    assert client.proxy is None


async def test_no_call_is_repeated_or_unbounded() -> None:
    async with build_session() as session:
        client = build_client("xoxb-emulator", "https://slack.com/api/", session)

    assert client.retry_handlers == []
    assert session.timeout.total == CALL_TIMEOUT_S
