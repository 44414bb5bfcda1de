"""Alibaba Cloud's regions by ID with the place each is in, and what somebody meant who wrote one wrongly."""

import difflib
import re
from collections.abc import Iterable

from bot.explain.phrases import phrase
from bot.explain.regions import PUBLIC_REGIONS
from bot.model.run import Language


def _places(language: Language) -> dict[str, str]:
    return {region: phrase(f"place.{region.replace('-', '_')}", language) for region in PUBLIC_REGIONS}


PLACES = _places("en")
PLACES_IN_CHINESE = _places("zh")

_BY_PLACE = {place.lower(): region for places in (PLACES, PLACES_IN_CHINESE) for region, place in places.items()}

# In running text a place may be part of another name (`Asia/Shanghai`, `hangzhou.example.com`, `New Mexico`), or
# say when it is, or where the other end of a tunnel is (`北京时间`, `the Shanghai office`). Longer names first.
_NAMES = sorted(_BY_PLACE, key=len, reverse=True)
_PLACE = re.compile(
    rf"(?:(?<![a-z0-9_./@-])(?<!new )(?<!west )(?:{'|'.join(name for name in _NAMES if name.isascii())})"
    r"(?![a-z0-9_/@-]|\.[a-z0-9])"
    rf"|{'|'.join(name for name in _NAMES if not name.isascii())})"
    r"(?! ?(?:standard time|time|office|branch|site|data ?cent|idc|时间|分公司|分部|总部|办公|机房))"
)

# How alike two words are at least (difflib's ratio): `cn-hangzou` and `hangzhou` are, an English word is not.
_ALIKE = 0.75


def known_regions(also: Iterable[str] = ()) -> frozenset[str]:
    """Return the public regions and those that the administrator names."""
    return frozenset(PLACES) | frozenset(also)


def region_named(text: str, known: frozenset[str]) -> str | None:
    """Return the known region of exactly this ID or place, in either language; a slip is none."""
    lowered = text.lower()
    if text.isascii() and lowered in known:
        return lowered
    places = (*PLACES.items(), *PLACES_IN_CHINESE.items())
    return next((region for region, place in places if place.lower() == lowered and region in known), None)


def regions_placed(text: str, known: frozenset[str]) -> frozenset[str]:
    """Return the known regions whose places are named in running text, in either language."""
    return known & {_BY_PLACE[place] for place in _PLACE.findall(text.lower())}


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
