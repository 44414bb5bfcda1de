"""The SDK's client set up deliberately: one session, a time limit, no retries of its own, the right proxy."""

import logging
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

# Seconds for one whole call; an answer that takes longer is no use to anybody in an incident.
CALL_TIMEOUT_S = 10.0

# Seconds to connect; shorter, so that an unreachable Slack is told from a slow one.
CONNECT_TIMEOUT_S = 5.0


def build_session() -> aiohttp.ClientSession:
    """Open the session that all calls share; within the running loop, and its owner closes it.

    With a session of ours the SDK's own time limit no longer applies, so the limits are the session's.
    """
    limits = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S)
    return aiohttp.ClientSession(timeout=limits, trust_env=False)


def build_client(token: str, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Make the Web API client; `base_url` is Slack's `https://slack.com/api/` or an emulator's.

    No retry handlers: the SDK's default one sends a POST again after a cut connection, which posts twice when
    Slack had taken the first (slack_sdk/http_retry/builtin_async_handlers.py).
    """
    logger = logging.getLogger("slack_sdk.web")
    logger.setLevel(logging.INFO)  # its DEBUG lines hold whole messages
    client = AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=[], logger=logger)
    # Set afterwards: without a proxy the constructor takes HTTPS_PROXY, for loopback too, and ignores NO_PROXY.
    client.proxy = proxy_for(base_url, getproxies(), bypasses)
    return client


def proxy_for(url: str, proxies: Mapping[str, str], bypassed: Callable[[str], bool]) -> str | None:
    """Choose the proxy towards `url`: none to this machine or where NO_PROXY says so; by scheme otherwise.

    `proxies` is what `urllib.request.getproxies` gives, `bypassed` answers for `host:port`.
    """
    parts = urlsplit(url)
    if _is_loopback(parts.hostname or "") or bypassed(parts.netloc):
        return None
    return proxies.get(parts.scheme) or None


def bypasses(host: str) -> bool:
    """Tell whether NO_PROXY names `host:port`, by the rules of the standard library."""
    return bool(proxy_bypass(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
