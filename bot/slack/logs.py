"""What Slack's libraries may write to the log: no payloads, and no tokens in what is left."""

import logging
import re

# slack_bolt logs a whole request at INFO when its signature is wrong (middleware/request_verification); slack_sdk
# logs whole messages at DEBUG only.
LEAST_LEVELS = {"slack_sdk": logging.INFO, "slack_bolt": logging.WARNING}

# Slack's tokens (docs.slack.dev/authentication/tokens), the ticket in a Socket Mode address, and the address of a
# response_url, which anybody may post to for 30 minutes.
_SECRETS = re.compile(
    r"\bx(?:ox[a-z]|app)(?:\.xox[a-z])?-[\w.-]+|(?<=ticket=)[^&\s'\")]+|(?<=hooks\.slack\.com/)[\w/-]+"
)
_FORMATTER = logging.Formatter()


def quiet_libraries() -> None:
    """Keep Slack's libraries from logging what people and Slack say; call it once, before Bolt's app is made.

    A level alone does not hold: Bolt gives each of its loggers the root's level when it makes them
    (slack_bolt/logger/__init__.py). So their records are stopped on the way up, whichever level their logger has.
    """
    for name, level in LEAST_LEVELS.items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.propagate = False
        logger.handlers = [_Gate(level)]


def without_secrets(text: str) -> str:
    return _SECRETS.sub("[secret]", text)


class _Gate(logging.Handler):
    """Hands records of its level and above to the root's handlers, as the root would have got them."""

    def emit(self, record: logging.LogRecord) -> None:
        record.msg, record.args = without_secrets(record.getMessage()), None
        if record.exc_info:
            record.exc_text = without_secrets(_FORMATTER.formatException(record.exc_info))
            record.exc_info = None
        root = logging.getLogger()
        if root.isEnabledFor(record.levelno):
            root.handle(record)
