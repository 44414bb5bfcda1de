"""What one check measured: the vendor's DiagnoseResultDescription, a text with JSON in it, as a `Detail`.

Source, read November 2026: https://www.alibabacloud.com/help/en/vpc/api-getvpngatewaydiagnoseresult, whose example
escapes the text once more than JSON needs, and has `targetIp` and `srcIp` the right way round; its words have not.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from bot.alibaba.answer import integer_of, number_of, parsed, text_of
from bot.alibaba.redaction import redacted
from bot.model.report import (
    ConfigConsistency,
    ConfigDifference,
    Connectivity,
    Detail,
    Overlap,
    Quota,
    RouteConflict,
    Unreadable,
)
from bot.model.tokens import HIDDEN

# Bounds on what is kept of one check, far above what any real one says.
MOST_PARTS = 50
LONGEST_PART = 200
LONGEST_TEXT = 1000
_LONGEST_DESCRIPTION = 200_000

_MOST_LAYERS = 3  # of text in text; the vendor's example has two

_EVERYTHING_LOST = 100  # percent

_OVERLAP_WORDS = {"destination", "conflictDestination", "conflictNextHop", "relation"}  # and our own "nextHop"
_CIDR = re.compile(r"[0-9a-fA-F.:]{2,45}/[0-9]{1,3}")


def read_detail(name: str, description: Any) -> Detail:
    """Read the description of the check `name`, without secrets; what is not understood becomes `Unreadable`."""
    content = redacted(_unwrapped(description))
    reader = _READERS.get(name.lower())
    detail = reader(content) if reader else None
    return detail or Unreadable(text=_in_words(content, LONGEST_TEXT))


def _unwrapped(description: Any) -> Any:
    """Parse JSON in a text, escaped once, twice or not at all; a text that is not JSON stays a text."""
    content = description[:_LONGEST_DESCRIPTION] if isinstance(description, str) else description
    for _ in range(_MOST_LAYERS):
        if not isinstance(content, str):
            break
        content = _parsed_or_text(content)
    return content


def _parsed_or_text(text: str) -> Any:
    for candidate in (text, f'"{text}"'):  # the second one takes `{\"a\": …}` for the inside of a JSON text
        try:
            return parsed(candidate)
        except ValueError:
            continue
    return text


def _route_conflict(content: Any) -> RouteConflict | None:
    """Take whatever looks like a network for a route: the shape of this one is not documented."""
    if content in (None, "", {}, []):
        return RouteConflict()
    if not isinstance(content, dict | list):
        return None
    overlaps, content = _overlaps(content)
    leaves = list(islice(_leaves(content), MOST_PARTS))
    found = [text for _, text in leaves if _CIDR.fullmatch(text)]
    routes = dict.fromkeys([*(route for one in overlaps for route in (one.ours, one.other)), *found])
    remarks = [_labelled(path, text) for path, text in leaves if text not in routes]
    return RouteConflict(routes=tuple(routes), overlaps=overlaps, remarks=tuple(remarks))


def _overlaps(content: dict[str, Any] | list[Any]) -> tuple[tuple[Overlap, ...], dict[str, Any] | list[Any]]:
    """Part the routes that are told in full from the rest of the content."""
    listed = content.get("conflictRoutes") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(listed, list):
        return (), content
    read = [(entry, _overlap(entry)) for entry in listed[:MOST_PARTS]]
    rest = [entry for entry, overlap in read if overlap is None]
    return tuple(overlap for _, overlap in read if overlap), {**content, "conflictRoutes": rest}


def _overlap(entry: Any) -> Overlap | None:
    """Read a route that is told in the known words and no others."""
    if not isinstance(entry, dict) or set(entry) - {"nextHop"} != _OVERLAP_WORDS:
        return None
    texts = {name: text_of(value, LONGEST_PART) or "" for name, value in entry.items()}
    ours, other = texts["destination"], texts["conflictDestination"]
    if not all(texts.values()) or not (_CIDR.fullmatch(ours) and _CIDR.fullmatch(other)):
        return None
    return Overlap(ours=ours, other=other, next_hop=texts["conflictNextHop"], relation=texts["relation"])


def _quota(content: Any) -> Quota | None:
    if not isinstance(content, dict):
        return None
    used, quantity = integer_of(content.get("used")), integer_of(content.get("quantity"))
    if used is None or quantity is None:
        return None
    return Quota(quota_name=text_of(content.get("quotaName"), LONGEST_PART) or "", used=used, quantity=quantity)


def _connectivity(content: Any) -> Connectivity | None:
    if not isinstance(content, dict):
        return None
    target, source = (text_of(content.get(name), LONGEST_PART) for name in ("targetIp", "srcIp"))
    loss = number_of(content.get("lossRate"))
    if not target or loss is None or not 0 <= loss <= _EVERYTHING_LOST:
        return None
    rtt = content.get("rtt")
    rtt_ms = number_of(rtt)
    if rtt is not None and rtt_ms is None:
        return None
    answered = rtt_ms is not None and rtt_ms >= 0  # -1 stands for no answer
    return Connectivity(
        target_ip=target, source_ip=source or None, loss_percent=loss, rtt_ms=rtt_ms if answered else None
    )


def _config(content: Any) -> ConfigConsistency | None:
    if not isinstance(content, dict) or not {"vcoConf", "vcoRunningConf", "vcoDiffConf", "vcoLackConf"} & set(
        content
    ):
        return None
    cloud_side, peer_side = _settings(content.get("vcoConf")), _settings(content.get("vcoRunningConf"))
    differing = tuple(
        ConfigDifference(
            setting=name, cloud_side=cloud_side.get(_leaf(name)), peer_side=peer_side.get(_leaf(name))
        )
        for name in _names(content.get("vcoDiffConf"))
    )
    peer_known = bool(differing) or any(text for _, text in _leaves(content.get("vcoRunningConf")))
    lacking = _names(content.get("vcoLackConf"))
    return ConfigConsistency(peer_known=peer_known, differing=differing, lacking=lacking)


def _settings(value: Any) -> dict[str, str]:
    """Return the settings of one end by the last part of their names, in lower case, however they are grouped.

    Those whose values are hidden are left out: nothing is known of them that may be said.
    """
    if not isinstance(value, dict):
        return {}
    return {_leaf(path): text for path, text in islice(_leaves(value), MOST_PARTS) if text != HIDDEN}


def _names(value: Any) -> tuple[str, ...]:
    """Return the settings that a list names; an entry that is more than a name is told in words."""
    entries = list(value) if isinstance(value, dict | list) else [value] if isinstance(value, str) else []
    told = (_in_words(entry, LONGEST_PART) for entry in entries[:MOST_PARTS])
    return tuple(words for words in told if words and words != HIDDEN)


def _leaf(path: str) -> str:
    return path.rpartition(".")[2].lower()


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every value that is not a container, as text, with the dotted names that lead to it."""
    match value:
        case dict():
            for name, one in value.items():
                yield from _leaves(one, f"{path}.{name}" if path else name)
        case list():
            for one in value:
                yield from _leaves(one, path)
        case bool():
            yield path[-LONGEST_PART:], "yes" if value else "no"
        case None:
            return
        case _:
            yield path[-LONGEST_PART:], text_of(str(value), LONGEST_PART) or ""


def _labelled(path: str, text: str) -> str:
    return f"{path}: {text}" if path else text


def _in_words(value: Any, longest: int) -> str:
    if isinstance(value, str):
        words = value
    else:
        words = "; ".join(_labelled(path, text) for path, text in islice(_leaves(value), MOST_PARTS))
    words = text_of(words, longest + 1) or ""
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


_READERS: dict[str, Callable[[Any], Detail | None]] = {
    "routeentryconflict": _route_conflict,
    "vpnroutequota": _quota,
    "vpnipsecquota": _quota,
    "vpnpbrroutequota": _quota,
    "vcoconfigconsistency": _config,
    "vcouserinternetipconnectivity": _connectivity,
    "vcoprivateconnectivity": _connectivity,
}
