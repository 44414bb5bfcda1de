"""What a message says of a VPN: the IDs, the region and the addresses in its text, its blocks and its attachments.

Anybody and any app may have written it, so it is read within bounds, and what is found only fills in a form.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from bot.listeners.pasted import plain_characters
from bot.listeners.regions import regions_placed
from bot.model.ids import RegionId
from bot.model.value import Value
from bot.slack.views import FormValues

# Slack's own limit is 40,000 characters of text, 50 blocks and 100 attachments; an alert has a few hundred.
MOST_CHARACTERS = 40_000
MOST_PARTS = 3_000

# Where words that people see stand, in messages, attachments, blocks and the elements of rich_text.
_WORDS = ("text", "pretext", "title", "value", "fallback", "title_link", "url", "footer", "alt_text")
# Where there is more of the same; what else may be nested, such as a file or a profile, says nothing here.
_MORE = (
    "text",
    "title",
    "blocks",
    "attachments",
    "fields",
    "elements",
    "accessory",
    "rows",
    "message_blocks",
    "message",
)

# A digit is in every real ID, and not in words such as vpn-gateway; a masked ID ends in several asterisks.
_GATEWAY = re.compile(r"(?<![a-z0-9-])vpn-(?=[a-z]{0,59}[0-9])[a-z0-9]{1,60}(?![a-z0-9-]|\*\*)")
_CONNECTION = re.compile(r"(?<![a-z0-9-])vco-(?=[a-z]{0,59}[0-9])[a-z0-9]{1,60}(?![a-z0-9-]|\*\*)")
_REGION = re.compile(r"(?<![a-z0-9-])[a-z]{2}(?:-[a-z0-9]{1,20}){1,4}(?![a-z0-9-])")
# Not a part of a longer number, nor a range.
_ADDRESS = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\.?[0-9]|/)")
_DESTINATION_FIRST = re.compile(r"\b(?:destination|dest|dst|to|remote|target)\b[^0-9]{0,20}$|目的[^0-9]{0,20}$")
_SOURCE_SECOND = re.compile(r"\b(?:source|src|from|local)\b[^0-9]{0,20}$|源[^0-9]{0,20}$")
_BEFORE = 40

_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


class Found(Value):
    """What a form can begin with; `gateways` are all that were found, of which it begins with the first."""

    values: FormValues
    gateways: tuple[str, ...] = ()


def found_in(message: Mapping[str, Any], known: frozenset[str], default_region: RegionId | None) -> Found:
    """Find it in a message as Slack sends it; `default_region` stands in where no one region is named."""
    text = plain_characters("\n".join(_words(message))).lower()
    gateways = tuple(dict.fromkeys(_GATEWAY.findall(text)))
    connections = tuple(dict.fromkeys(_CONNECTION.findall(text)))
    source, destination = _ends(text)
    values = FormValues(
        region=_region(text, known) or default_region,
        gateway_id=next(iter(gateways), None),
        connection_id=next(iter(connections), None),
        source_ip=source,
        destination_ip=destination,
    )
    return Found(values=values, gateways=gateways)


def _words(message: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts in a message, in the order of its levels, as long as there are not too many."""
    left = MOST_CHARACTERS
    waiting: deque[Any] = deque([message])
    for _ in range(MOST_PARTS):
        if not waiting or left <= 0:
            return
        part = waiting.popleft()
        if isinstance(part, list):
            waiting.extend(part[:MOST_PARTS])
        elif isinstance(part, dict):
            for text in (part.get(name) for name in _WORDS):
                if isinstance(text, str) and text:
                    yield text[: max(left, 0)]
                    left -= len(text)
            waiting.extend(part[name] for name in _MORE if isinstance(part.get(name), dict | list))


def _region(text: str, known: frozenset[str]) -> str | None:
    """Return the one region that is named, by its ID or a zone of it, else by its place; None for several."""
    named = {region for word in _REGION.findall(text) if (region := _region_of(word, known))}
    named = named or set(regions_placed(text, known))
    return named.pop() if len(named) == 1 else None


def _region_of(word: str, known: frozenset[str]) -> str | None:
    if word in known:
        return word
    zone_of = word.rpartition("-")[0]
    return zone_of if zone_of in known else None


def _ends(text: str) -> tuple[str | None, str | None]:
    """Return source and destination if there are exactly two private addresses; the source first unless said."""
    places: dict[str, int] = {}
    for match in _ADDRESS.finditer(text):
        if _is_private(match[0]):
            places.setdefault(match[0], match.start())
    if len(places) != 2:  # noqa: PLR2004 - two ends
        return None, None
    (first, first_at), (second, second_at) = places.items()
    before_first, before_second = _before(text, first_at), _before(text, second_at)
    is_turned = _DESTINATION_FIRST.search(before_first) or _SOURCE_SECOND.search(before_second)
    return (second, first) if is_turned else (first, second)


def _before(text: str, at: int) -> str:
    return text[max(at - _BEFORE, 0) : at]


def _is_private(text: str) -> bool:
    try:
        address = IPv4Address(text)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE)
