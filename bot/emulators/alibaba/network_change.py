"""Change a network: things are named by their IDs or names, and what is given for them is merged (RFC 7396).

`{"vco-healthy0000000000001": {"peer": {"path": {"loss_percent": 100}}}}` cuts a tunnel's path, `null` in the place
of a thing removes it. People and policies of several accounts may share a name: their ARNs are names, too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.network_check import Wrong, checked_network
from bot.emulators.alibaba.yaml_document import Place

# The name of the network itself, for what stands at the beginning of a file.
WHOLE = "network"

_KINDS = {"users": "user", "roles": "role", "oidc_providers": "oidc-provider", "policies": "policy"}


def changed(network: Network, change: Mapping[str, Any]) -> Network:
    """Change a network; raises Wrong for what there is not, and for what would not be right.

    All names are those of things as they are now: a thing can be renamed or removed together with what names it.
    """
    top = {WHOLE: _plain(network.model_dump(by_alias=True, exclude_unset=True))}
    places = {name: _place(top, name) for name in change}
    for name, patch in change.items():
        if patch is not None:
            holder, key = _held(top, name, places[name])
            holder[key] = _merged(holder[key], patch)
    # From the end of each list, so that the places of those that are still to go stay the same.
    for place, name in sorted(
        ((places[name], name) for name, patch in change.items() if patch is None), reverse=True
    ):
        holder, key = _held(top, name, place)
        del holder[key]
    return checked_network(top.get(WHOLE))


def shown(network: Network, name: str = WHOLE) -> Any:
    """Lay a network out as JSON, or a thing in it, with secrets hidden; None for what there is not."""
    top = {WHOLE: network.model_dump(mode="json", by_alias=True, exclude_unset=True)}
    try:
        holder, key = _held(top, name, _place(top, name))
    except Wrong:
        return None
    return holder[key]


def _place(top: dict[str, Any], name: str) -> Place:
    places = {place for named, place in _named(top[WHOLE]) if named == name}
    if not places:
        raise Wrong({(name,): f"nothing is called {name}"})
    if len(places) > 1:
        raise Wrong({(name,): f"{len(places)} things are called {name}; use an ID or an ARN"})
    return places.pop()


def _held(top: dict[str, Any], name: str, place: Place) -> tuple[Any, Any]:
    """Give what holds the thing at a place, and its key there."""
    holder: Any = top
    try:
        for step in place[:-1]:
            holder = holder[step]
        _ = holder[place[-1]]
    except (LookupError, TypeError) as error:
        raise Wrong({(name,): f"{name} is lost by another part of the same change"}) from error
    return holder, place[-1]


def _named(network: dict[str, Any]) -> Iterator[tuple[str, Place]]:
    """Yield the places of all things that have a name, under each of their names."""
    yield WHOLE, (WHOLE,)
    yield from _within(network, (WHOLE,))
    for index, account in enumerate(network["accounts"]):
        for key, kind in _KINDS.items():
            for name, place in _members(account.get(key, ()), (WHOLE, "accounts", index, key)):
                yield f"acs:ram::{account['id']}:{kind}/{name}", place


def _within(part: Any, place: Place) -> Iterator[tuple[str, Place]]:
    if isinstance(part, list):
        yield from _members(part, place)
        for index, item in enumerate(part):
            yield from _within(item, (*place, index))
    elif isinstance(part, dict):
        if isinstance(part.get("policies"), dict):
            yield from _members(part["policies"], (*place, "policies"))
        for key, value in part.items():
            yield from _within(value, (*place, key))


def _members(holder: Any, place: Place) -> Iterator[tuple[str, Place]]:
    if isinstance(holder, dict):
        yield from ((name, (*place, name)) for name in holder)
        return
    for index, item in enumerate(holder):
        if isinstance(item, dict):
            yield from ((item[key], (*place, index)) for key in ("id", "name") if item.get(key))


def _merged(old: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged


def _plain(part: Any) -> Any:
    """Make tuples lists, so that members can be taken out."""
    if isinstance(part, dict):
        return {key: _plain(value) for key, value in part.items()}
    return [_plain(item) for item in part] if isinstance(part, list | tuple) else part
