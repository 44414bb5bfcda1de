"""Where the console shows a gateway: on the site on which the account was opened.

An account belongs to the Chinese site (aliyun.com) or the international (alibabacloud.com), and cannot log in on
the other; either can have gateways in any region. So the site has to be told, and by the region it is guessed.

The address of the list of gateways, read November 2026 in pages of either site:
https://vpc.console.alibabacloud.com/vpn/ap-southeast-1/vpns and https://vpc.console.aliyun.com/vpn/cn-shanghai/vpns.
"""

from typing import Literal

from bot.model.ids import RegionId

Site = Literal["china", "international"]

_CONSOLES: dict[Site, str] = {
    "china": "https://vpc.console.aliyun.com",
    "international": "https://vpc.console.alibabacloud.com",
}

# The regions of the mainland begin so; Hong Kong's name does too.
_MAINLAND = "cn-"
_HONG_KONG = "cn-hongkong"


def console_url(region: RegionId, site: Site | None = None) -> str:
    """Give the address of the region's VPN gateways, on the site that is likelier for it if none is told."""
    return f"{_CONSOLES[site or _likely(region)]}/vpn/{region}/vpns"


def _likely(region: RegionId) -> Site:
    mainland = region.startswith(_MAINLAND) and region != _HONG_KONG
    return "china" if mainland else "international"
