"""httpx's calls over aiohttp's connections: half of the work a call, by a library that the bot stands on anyway.

What httpx's own transport promises is kept: the bytes of the address as they were signed, each failure in httpx's
terms, time limits for connecting and reading, no redirects and no unfolding.
"""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager

import aiohttp
import httpx
from yarl import URL

from bot.alibaba.proxies import Proxies

# aiohttp's failures in httpx's terms; the first row that fits counts.
FAILURES: tuple[tuple[type[Exception], type[httpx.RequestError]], ...] = (
    (aiohttp.ClientProxyConnectionError, httpx.ProxyError),
    (aiohttp.ClientHttpProxyError, httpx.ProxyError),
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
)


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Calls over one pool of connections, TLS as `context` has it."""

    def __init__(self, context: ssl.SSLContext, proxies: Proxies, limits: httpx.Limits) -> None:
        self._context = context
        self._proxies = proxies
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the answer as soon as its headers are there."""
        if self._session is None:
            self._session = self._opened()
        with _failures_translated(request):
            response = await self._session.request(
                request.method,
                # Encoded already: aiohttp would decode some of it, and what is signed would not be what is sent.
                URL(str(request.url), encoded=True),
                headers=dict(request.headers.items()),  # as it is, aiohttp would look each name up anew
                data=await request.aread() or None,
                allow_redirects=False,
                proxy=self._proxies.leading_to(request.url.scheme, request.url.host),
                timeout=_timeout(request.extensions.get("timeout", {})),
            )
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Body(request, response))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=self._context,
            limit=self._limits.max_connections or 0,
            keepalive_timeout=self._limits.keepalive_expiry,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=["Content-Type"],  # an empty body has none, and whatever is sent should be signed
        )


class _Body(httpx.AsyncByteStream):
    """The rest of an answer."""

    def __init__(self, request: httpx.Request, response: aiohttp.ClientResponse) -> None:
        self._request = request
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _failures_translated(self._request):
            async for chunk in self._response.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        self._response.close()  # read to its end, it has given its connection back already; else that is closed


def _timeout(limits: Mapping[str, float | None]) -> aiohttp.ClientTimeout:
    """Return the limits of httpx in seconds; those for the pool and for connecting are one in aiohttp."""
    connect_s, pool_s = limits.get("connect"), limits.get("pool")
    both_s = None if connect_s is None or pool_s is None else connect_s + pool_s
    return aiohttp.ClientTimeout(connect=both_s, sock_connect=connect_s, sock_read=limits.get("read"))


@contextmanager
def _failures_translated(request: httpx.Request) -> Iterator[None]:
    try:
        yield
    except aiohttp.ClientError as error:
        # Not from the error: some of aiohttp's say the whole address, with external IDs and tokens in it.
        raise in_httpx_terms(error)(type(error).__name__, request=request) from None


def in_httpx_terms(error: aiohttp.ClientError) -> type[httpx.RequestError]:
    return next(httpx_s for aiohttp_s, httpx_s in FAILURES if isinstance(error, aiohttp_s))
