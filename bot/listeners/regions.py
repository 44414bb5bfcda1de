"""Alibaba Cloud's regions by ID with the place each is in, and what somebody meant who wrote one wrongly."""

import difflib
from collections.abc import Iterable

# "Regions and zones" (alibabacloud.com/help/doc-detail/189254.htm) and the endpoint table of the Tag service
# (alibabacloud.com/help/en/resource-management/tag/developer-reference/api-tag-2018-08-28-endpoint), read 2026-11.
# A region that is newer than this list is known as soon as access.yml or the default region names it.
PLACES = {
    "cn-qingdao": "Qingdao",
    "cn-beijing": "Beijing",
    "cn-zhangjiakou": "Zhangjiakou",
    "cn-huhehaote": "Hohhot",
    "cn-wulanchabu": "Ulanqab",
    "cn-hangzhou": "Hangzhou",
    "cn-shanghai": "Shanghai",
    "cn-nanjing": "Nanjing",
    "cn-fuzhou": "Fuzhou",
    "cn-wuhan-lr": "Wuhan",
    "cn-shenzhen": "Shenzhen",
    "cn-heyuan": "Heyuan",
    "cn-guangzhou": "Guangzhou",
    "cn-chengdu": "Chengdu",
    "cn-zhengzhou-jva": "Zhengzhou",
    "cn-hongkong": "Hong Kong",
    "ap-northeast-1": "Tokyo",
    "ap-northeast-2": "Seoul",
    "ap-southeast-1": "Singapore",
    "ap-southeast-2": "Sydney",
    "ap-southeast-3": "Kuala Lumpur",
    "ap-southeast-5": "Jakarta",
    "ap-southeast-6": "Manila",
    "ap-southeast-7": "Bangkok",
    "ap-south-1": "Mumbai",
    "us-east-1": "Virginia",
    "us-west-1": "Silicon Valley",
    "us-southeast-1": "Atlanta",
    "na-south-1": "Mexico",
    "eu-central-1": "Frankfurt",
    "eu-west-1": "London",
    "me-east-1": "Dubai",
    "me-central-1": "Riyadh",
    "cn-hangzhou-finance": "Hangzhou Finance",
    "cn-shanghai-finance-1": "Shanghai Finance",
    "cn-shenzhen-finance-1": "Shenzhen Finance",
    "cn-beijing-finance-1": "Beijing Finance",
    "cn-north-2-gov-1": "Beijing Government",
    "cn-heyuan-acdr-1": "Heyuan ACDR",
}

# How alike two words are at least (difflib's ratio): `cn-hangzou` and `hangzhou` are, an English word is not.
_ALIKE = 0.75


def known_regions(also: Iterable[str] = ()) -> frozenset[str]:
    """Return the public regions and those that the administrator names."""
    return frozenset(PLACES) | frozenset(also)


def nearest_region(text: str, known: frozenset[str]) -> str | None:
    """Return the known region that `text` is a slip of, a zone of, or the place of; None if there is none."""
    lowered = text.lower()
    zone_of = lowered.rpartition("-")[0]
    if zone_of in known:
        return zone_of
    places = {place.lower(): region for region, place in PLACES.items() if region in known}
    words = sorted(known) + sorted(places)
    alike = difflib.get_close_matches(lowered, words, n=1, cutoff=_ALIKE)
    return places.get(alike[0], alike[0]) if alike else None
