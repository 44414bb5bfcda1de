"""Which address serves which product in which region, by the rules of the vendor's own SDKs.

Source: `_endpoint_map` and `_endpoint_rule` of alibabacloud_vpc20160428 7.2.2 and alibabacloud_sts20150401 1.2.0
(github.com/aliyun/alibabacloud-python-sdk). Left out of their maps are `rus-west-1-pop`, whose name has not the
form of a region's, and what we take for the vendor's own: cn-edge-1, cn-yushanfang, cn-zhangbei, eu-west-1-oxs and
those with `-inner`, `-internal-`, `-test-`, `-nebula` or a data centre (`-b01`, `-c01`, `-d01`, `-a01`) in their
names. One rule is ours: central addresses are on the internet, so they do not count where those inside VPCs are
asked for. A region never becomes a host name unless it has the form of one: that is what `RegionId` is for.
"""

from enum import StrEnum

import httpx

from bot.model.ids import RegionId
from bot.model.problem import Problem

_DOMAIN = "aliyuncs.com"


class Product(StrEnum):
    """The products that are called; each value is the first part of its host names."""

    VPC = "vpc"
    STS = "sts"
    RAM = "ram"


# Regions that a product serves from its central address; every other region has one of its own.
_CENTRAL: dict[Product, frozenset[str]] = {
    Product.VPC: frozenset(
        {
            "ap-northeast-2-pop",
            "cn-beijing-finance-pop",
            "cn-beijing-gov-1",
            "cn-fujian",
            "cn-hangzhou",
            "cn-hangzhou-finance",
            "cn-hongkong-finance-pop",
            "cn-north-2-gov-1",
            "cn-shanghai-finance-1",
            "cn-shenzhen-finance-1",
            "cn-wuhan",
        }
    ),
    Product.STS: frozenset(
        {
            "ap-northeast-2-pop",
            "ap-south-1",
            "ap-southeast-2",
            "cn-beijing-finance-pop",
            "cn-beijing-gov-1",
            "cn-fujian",
            "cn-hongkong-finance-pop",
            "cn-wuhan",
        }
    ),
}


class Endpoints:
    """The vendor's addresses, or one base URL for all products: the emulator, or a proxy."""

    def __init__(self, base_url: str | None = None, inside_vpc: RegionId | None = None) -> None:
        """Use the addresses inside VPCs if the bot runs in one, of the region `inside_vpc`.

        Raises Problem("settings.invalid") for a base URL that is no address, or that carries a password.
        """
        self._base_url = None if base_url is None else _checked(base_url)
        self._inside_vpc = inside_vpc

    def url(self, product: Product, region: RegionId | None = None) -> str:
        """Return the URL to call, with a slash at its end; without a region the product's central one.

        Inside a VPC there is nothing central: what has no region is asked in that of the VPC. RAM has an address
        on the internet only.
        """
        if self._base_url is not None:
            return self._base_url
        if product is Product.RAM:
            return f"https://{product}.{_DOMAIN}/"
        if self._inside_vpc is not None:
            return f"https://{product}-vpc.{region or self._inside_vpc}.{_DOMAIN}/"
        if region is None or region in _CENTRAL[product]:
            return f"https://{product}.{_DOMAIN}/"
        return f"https://{product}.{region}.{_DOMAIN}/"


def _checked(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        what = "an address such as http://127.0.0.1:8080, without a user, a password or a query"
        raise Problem("settings.invalid", name="VPN_DIAGNOSE_ALIBABA_ENDPOINT", what=what)
    return f"{str(url).rstrip('/')}/"
