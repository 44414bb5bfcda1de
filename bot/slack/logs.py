"""What Slack's libraries may write to the log: no payloads, and no tokens in what is left."""

import logging

from bot.explain.accidents import told
from bot.model.tokens import without_tokens

# slack_bolt logs a whole request at INFO when its signature is wrong (middleware/request_verification); slack_sdk
# logs whole messages at DEBUG only.
LEAST_LEVELS = {"slack_sdk": logging.INFO, "slack_bolt": logging.WARNING}


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


class _Gate(logging.Handler):
    """Hands records of its level and above to the root's handlers, as the root would have got them."""

    def emit(self, record: logging.LogRecord) -> None:
        record.msg, record.args = without_tokens(record.getMessage()), None
        if record.exc_info:
            error = record.exc_info[1]
            record.exc_text = told(error) if error else None
            record.exc_info = None
        root = logging.getLogger()
        if root.isEnabledFor(record.levelno):
            root.handle(record)
