"""The log of the HTTP server, which says what kind of thing went wrong and quotes no byte of a request.

aiohttp writes down a request that it cannot read as an error, with a traceback and with the bytes it stumbled over
(aiohttp/web_protocol.py, handle_error and start): anybody could fill the log and write into it, and what people
typed would stand there.
"""

import logging
import traceback

from aiohttp import web
from aiohttp.http import HttpProcessingError

log = logging.getLogger(__name__)

# What aiohttp raises for a request that is no HTTP, and for a body that is not in the form that its headers say.
_STRANGERS_FAULT = (HttpProcessingError, web.RequestPayloadError)


class _WithoutRequests(logging.Filter):
    """Puts a line of ours in the place of a record that comes with an exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        kind = type(error).__name__
        if isinstance(error, _STRANGERS_FAULT):
            log.info("refused what is no request (%s)", kind)
        else:
            # The frames and not the text of the error, which may quote the request.
            log.error(
                "unexpected %s in the HTTP door\n%s", kind, "".join(traceback.format_tb(error.__traceback__))
            )
        return False


def server_log() -> logging.Logger:
    """Return the logger to hand to aiohttp; above DEBUG, where a line may quote a request without an exception."""
    logger = logging.getLogger(f"{__name__}.aiohttp")
    logger.setLevel(logging.INFO)
    if not logger.filters:
        logger.addFilter(_WithoutRequests())
    return logger
