"""Which proxy leads to a host, as the environment says it: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY."""

from collections.abc import Mapping
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from bot.model.problem import Problem

# This machine itself is never reached through a proxy, whatever NO_PROXY says, nor is the metadata server of ECS,
# which answers its instance alone, and with a credential.
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1", "100.100.100.200"})


class Proxies:
    """The proxies of an environment, which is read once."""

    def __init__(self, found: Mapping[str, str] | None = None) -> None:
        """Take proxies by scheme (`https`, `http`, `all`), those of the environment if none are given.

        Raises Problem("settings.invalid") for what is no proxy that is spoken to in HTTP, without quoting it.
        """
        found = getproxies() if found is None else found
        self._by_scheme = {
            scheme: _checked(scheme, found[scheme]) for scheme in ("http", "https", "all") if found.get(scheme)
        }

    def leading_to(self, scheme: str, host: str) -> URL | None:
        """Return the proxy on the way to a host, with its password if it has one; None for the direct way."""
        proxy = self._by_scheme.get(scheme) or self._by_scheme.get("all")
        if proxy is None or host in _THIS_MACHINE or proxy_bypass(host):
            return None
        return proxy


def _checked(scheme: str, text: str) -> URL:
    proxy = _read(text)
    if proxy is None:
        raise Problem(
            "settings.invalid",
            name=f"{scheme.upper()}_PROXY",
            what="the address of a proxy that speaks HTTP, such as http://proxy.example:3128, with a user and a"
            " password in Latin letters if it wants them",
        )
    return proxy


def _read(text: str) -> URL | None:
    try:
        text.encode()  # raises for what the environment holds in no known encoding: yarl would leave that out
        proxy = URL(text if "://" in text else f"http://{text}")
        f"{proxy.user}{proxy.password}".encode("latin-1")  # what aiohttp sends them in
    except ValueError:
        return None
    is_one = proxy.scheme in {"http", "https"} and proxy.host and ":" not in (proxy.user or "")
    return proxy if is_one else None
