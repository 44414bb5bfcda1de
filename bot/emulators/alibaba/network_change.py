"""Change a network: things are named by their IDs or names, and what is given for them is merged (RFC 7396).

`{"vco-healthy0000000000001": {"peer": {"path": {"loss_percent": 100}}}}` cuts a tunnel's path, `null` in the place
of a thing removes it. People and policies of several accounts may share a name: their ARNs are names, too.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple

from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.network_check import Wrong, checked_network

# The name of the network itself, for what stands at the beginning of a file.
WHOLE = "network"

_KINDS = {"users": "user", "roles": "role", "oidc_providers": "oidc-provider", "policies": "policy"}


class Held(NamedTuple):
    """Where a thing is: in which list or mapping, under which number or key."""

    holder: Any
    key: Any


def changed(network: Network, change: Mapping[str, Any]) -> Network:
    """Change a network; raises Wrong for what there is not, and for what would not be right."""
    data = _plain(network.model_dump(by_alias=True, exclude_unset=True))
    top = {WHOLE: data}
    for name, patch in change.items():
        held = _found(top, name)
        if patch is not None:
            held.holder[held.key] = _merged(held.holder[held.key], patch)
        elif held.holder is top:
            raise Wrong({(name,): "the network itself cannot be removed"})
        else:
            del held.holder[held.key]
    return checked_network(top[WHOLE])


def shown(network: Network, name: str = WHOLE) -> Any:
    """Lay a network out as JSON, or a thing in it, with secrets hidden; None for what there is not."""
    top = {WHOLE: network.model_dump(mode="json", by_alias=True, exclude_unset=True)}
    try:
        held = _found(top, name)
    except Wrong:
        return None
    return held.holder[held.key]


def _found(top: dict[str, Any], name: str) -> Held:
    places = {(id(held.holder), held.key): held for named, held in _named(top) if named == name}
    if not places:
        raise Wrong({(name,): f"nothing is called {name}"})
    if len(places) > 1:
        raise Wrong({(name,): f"{len(places)} things are called {name}; use an ID or an ARN"})
    return next(iter(places.values()))


def _named(top: dict[str, Any]) -> Iterator[tuple[str, Held]]:
    """Yield every thing that has a name, under each of its names."""
    yield WHOLE, Held(top, WHOLE)
    yield from _within(top[WHOLE])
    for account in top[WHOLE].get("accounts", ()):
        for key, kind in _KINDS.items():
            for name, held in _members(account.get(key, ())):
                yield f"acs:ram::{account['id']}:{kind}/{name}", held


def _within(part: Any) -> Iterator[tuple[str, Held]]:
    if isinstance(part, list):
        yield from _members(part)
        inner = part
    elif isinstance(part, dict):
        yield from _members(part.get("policies", ()) if isinstance(part.get("policies"), dict) else ())
        inner = list(part.values())
    else:
        return
    for one in inner:
        yield from _within(one)


def _members(holder: Any) -> Iterator[tuple[str, Held]]:
    if isinstance(holder, dict):
        yield from ((name, Held(holder, name)) for name in holder)
        return
    for index, item in enumerate(holder):
        if isinstance(item, dict):
            yield from ((item[key], Held(holder, index)) for key in ("id", "name") if item.get(key))


def _merged(old: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    merged: MutableMapping[str, Any] = dict(old) if isinstance(old, dict) else {}
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
