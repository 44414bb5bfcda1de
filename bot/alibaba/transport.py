"""The HTTP client that every call shares, and what its failures mean to people.

cloud.unreachable     not connected: name, network, proxy, TLS
cloud.timeout         connected, but no answer in time
cloud.interrupted     broken off after sending: it is not known whether the call took effect
cloud.not_understood  answered in another tongue
"""

import logging
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from http.cookiejar import CookieJar

import httpx

from bot.alibaba.aiohttp_transport import AiohttpTransport
from bot.alibaba.proxies import Proxies
from bot.model.problem import Problem

# Bytes of the largest answer that is read: a whole page of connections is some 200 kB.
LARGEST_ANSWER = 2 * 1024 * 1024

CONNECT_S = 5.0
READ_S = 10.0
WRITE_S = 5.0
POOL_S = 5.0

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


class _NoCookies(CookieJar):
    """Keeps none: calls of different people share connections and nothing else."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Leave them in the answer."""


def build_http() -> httpx.AsyncClient:
    """Build the one client: bounded in every wait, TLS verified, no redirects, proxies from the environment."""
    _keep_addresses_out_of_the_log()
    limits = httpx.Limits(max_connections=100, keepalive_expiry=30)
    return httpx.AsyncClient(
        transport=AiohttpTransport(httpx.create_ssl_context(), Proxies(), limits),
        timeout=httpx.Timeout(connect=CONNECT_S, read=READ_S, write=WRITE_S, pool=POOL_S),
        cookies=_NoCookies(),
        follow_redirects=False,
    )


@contextmanager
def failures_named(operation: str, host: str) -> Iterator[None]:
    """Turn the failures of a call into Problems with the facts `operation` and `host`."""
    try:
        yield
    except tuple(kind for kind, _ in MEANINGS) as error:
        raise Problem(meaning(error), operation=operation, host=host) from error


def meaning(error: Exception) -> str:
    return next(code for kind, code in MEANINGS if isinstance(error, kind))


async def read_bounded(response: httpx.Response, operation: str) -> bytes:
    """Read an answer and close it; raises Problem("cloud.not_understood") beyond `LARGEST_ANSWER` bytes.

    Compressed answers are refused as well: we ask for none, and a small one can unfold without bound.
    """
    too_much = Problem("cloud.not_understood", operation=operation, http_status=response.status_code)
    body = bytearray()
    async with aclosing(response):
        if response.headers.get("content-encoding", "identity") != "identity":
            raise too_much
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise too_much
    return bytes(body)


def _keep_addresses_out_of_the_log() -> None:
    """Quiet httpx, which logs every address at INFO: ours hold external IDs and session policies."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
