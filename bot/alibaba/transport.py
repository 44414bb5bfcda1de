"""The connections that every call shares, and what their failures mean to people.

cloud.unreachable     not connected: name, network, proxy, TLS
cloud.timeout         connected, but no answer in time
cloud.interrupted     broken off after sending: it is not known whether the call took effect
cloud.not_understood  answered in another tongue
"""

from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from typing import cast

import httpx

from bot.model.problem import Problem

# Bytes of the largest answer that is read: a whole page of connections is some 200 kB.
LARGEST_ANSWER = 2 * 1024 * 1024

# Seconds; no single wait is longer.
TIMEOUT = httpx.Timeout(connect=5.0, read=10.0, write=5.0, pool=5.0)

_EXTENSIONS = {"timeout": TIMEOUT.as_dict()}

# The first row that fits counts. What httpx leaves unmapped (a TLS failure while reading) is an OSError.
MEANINGS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "cloud.unreachable"),
    (httpx.TimeoutException, "cloud.timeout"),
    (httpx.ConnectError, "cloud.unreachable"),
    (httpx.ProxyError, "cloud.unreachable"),
    (httpx.UnsupportedProtocol, "cloud.unreachable"),
    (httpx.TooManyRedirects, "cloud.redirected"),
    (httpx.DecodingError, "cloud.not_understood"),
    (httpx.RequestError, "cloud.interrupted"),
    (OSError, "cloud.interrupted"),
)


def build_http() -> httpx.AsyncBaseTransport:
    """Build the one pool of connections: bounded in every wait, TLS verified, proxies from the environment.

    It is a transport and not a client: nothing follows redirects, keeps cookies (calls of different people
    share connections and nothing else) or logs addresses, which hold external IDs and session policies.

    Raises Problem("settings.invalid") for a proxy that cannot be one, and for certificates that cannot be read.
    """
    # Loaded here: most of what importing this package would take, and needed by nobody who calls nothing.
    from bot.alibaba.aiohttp_transport import AiohttpTransport
    from bot.alibaba.proxies import Proxies

    limits = httpx.Limits(max_connections=100, keepalive_expiry=30)
    try:
        context = httpx.create_ssl_context()
    except OSError:
        what = "a file or a folder with certificates in PEM"
        raise Problem("settings.invalid", name="SSL_CERT_FILE or SSL_CERT_DIR", what=what) from None
    return AiohttpTransport(context, Proxies(), limits)


def post(url: httpx.URL, headers: dict[str, str]) -> httpx.Request:
    """Lay out a call: everything is in its address and headers."""
    return httpx.Request("POST", url, headers=headers, extensions=_EXTENSIONS)


@contextmanager
def failures_named(operation: str, host: str) -> Iterator[None]:
    """Turn the failures of a call into Problems with the facts `operation` and `host`."""
    try:
        yield
    except tuple(kind for kind, _ in MEANINGS) as error:
        raise Problem(meaning(error), operation=operation, host=host) from without_request(error, host)


def without_request(error: Exception, host: str) -> Exception:
    """Return a failure with nothing left of its request but the host, nor of what it came from.

    The address and the headers hold external IDs and tokens, and whoever reports errors follows their causes.
    """
    if isinstance(error, httpx.RequestError):
        error.request = httpx.Request("POST", httpx.URL(scheme="https", host=host))
    error.__cause__ = error.__context__ = None
    return error


def meaning(error: Exception) -> str:
    return next(code for kind, code in MEANINGS if isinstance(error, kind))


async def read_bounded(response: httpx.Response, operation: str) -> bytes:
    """Read an answer and close it; raises Problem("cloud.not_understood") beyond `LARGEST_ANSWER` bytes.

    Compressed answers are refused as well: we ask for none, and a small one can unfold without bound.
    """
    body = bytearray()
    stream = cast("httpx.AsyncByteStream", response.stream)  # asyncio's transports give no other kind
    async with aclosing(stream):
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _too_much(response, operation)
        async for chunk in stream:
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise _too_much(response, operation)
    return bytes(body)


def _too_much(response: httpx.Response, operation: str) -> Problem:
    return Problem("cloud.not_understood", operation=operation, http_status=response.status_code)
