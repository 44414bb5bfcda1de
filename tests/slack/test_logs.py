"""Slack's libraries do not log what people and Slack say."""

import logging
from collections.abc import Iterator

import pytest

from bot.slack.logs import LEAST_LEVELS, quiet_libraries

TOKEN = "xoxb-1-planted"


@pytest.fixture(autouse=True)
def _restored_loggers() -> Iterator[None]:
    kept = {name: logging.getLogger(name) for name in LEAST_LEVELS}
    before = {name: (logger.level, logger.propagate, logger.handlers) for name, logger in kept.items()}
    yield
    for name, logger in kept.items():
        logger.level, logger.propagate, logger.handlers = before[name]
    logging.getLogger("slack_bolt.Planted").setLevel(logging.NOTSET)


@pytest.mark.parametrize("name", ["slack_sdk.socket_mode.planted", "slack_bolt.Planted"])
def test_payloads_stay_out_of_the_log_though_all_of_it_is_at_debug(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    quiet_libraries()
    caplog.set_level(logging.DEBUG)
    logging.getLogger(name).setLevel(logging.DEBUG)  # as Bolt does when the root logger is at DEBUG

    logging.getLogger(name).debug("body: %s", "trigger_id=1.2.3")

    assert caplog.records == []


def test_a_body_with_a_bad_signature_stays_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    quiet_libraries()
    caplog.set_level(logging.DEBUG)

    logging.getLogger("slack_bolt.AsyncRequestVerification").info("Invalid request signature (body: trigger_id=1)")

    assert caplog.records == []


def test_warnings_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    quiet_libraries()
    quiet_libraries()

    logging.getLogger("slack_sdk.socket_mode.aiohttp").warning("Failed to send a ping message (%s)", "s_1")

    assert caplog.messages == ["Failed to send a ping message (s_1)"]


def test_a_token_in_a_warning_or_its_traceback_is_struck_out(caplog: pytest.LogCaptureFixture) -> None:
    quiet_libraries()
    try:
        int(TOKEN)
    except ValueError:
        logging.getLogger("slack_sdk.web").exception("at %s", "wss://wss.slack.com/link/?ticket=planted&app_id=1")

    assert "planted" not in caplog.text
    assert "ValueError" in caplog.text
    assert "app_id=1" in caplog.text


def test_the_roots_level_still_counts(caplog: pytest.LogCaptureFixture) -> None:
    quiet_libraries()
    caplog.set_level(logging.ERROR)

    logging.getLogger("slack_bolt.AsyncApp").warning("Unhandled request")

    assert caplog.records == []
