"""The log of an emulator's HTTP server: a request that cannot be read is the client's affair, a failure is ours.

aiohttp writes both down as errors with a traceback (aiohttp/web_protocol.py, handle_error and start).
"""

import logging

from aiohttp import web
from aiohttp.http import HttpProcessingError

# No HTTP, a body that is not in the form that its headers promise, a client that has gone.
_CLIENTS_AFFAIR = (HttpProcessingError, web.RequestPayloadError, ConnectionError)


class _OwnFailuresOnly(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], _CLIENTS_AFFAIR))


def server_log() -> logging.Logger:
    """Return the logger to hand to aiohttp."""
    logger = logging.getLogger(f"{__name__}.aiohttp")
    logger.setLevel(logging.INFO)  # DEBUG quotes every request that is no HTTP
    if not logger.filters:
        logger.addFilter(_OwnFailuresOnly())
    return logger
