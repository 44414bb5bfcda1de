"""Alibaba Cloud's regions by ID with the place each is in, and what somebody meant who wrote one wrongly."""

import difflib
from collections.abc import Iterable

from bot.explain.phrases import phrase, phrases_of
from bot.model.run import Language

_REGIONS = [key.removeprefix("place.").replace("_", "-") for key in phrases_of("place")]


def _places(language: Language) -> dict[str, str]:
    return {region: phrase(f"place.{region.replace('-', '_')}", language) for region in _REGIONS}


PLACES = _places("en")
PLACES_IN_CHINESE = _places("zh")

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
