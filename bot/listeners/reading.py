"""Reads what a person typed: pure parsers that return a value or raise a `Problem("form.…")` in words."""

import re
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from bot.access.entries import may_be_secret
from bot.listeners.pasted import plain_characters
from bot.listeners.regions import nearest_region, region_named
from bot.model.ids import Identifier, RegionId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import DiagnosisRequest, PrivateAddresses
from bot.model.value import Value
from bot.slack.views import FormValues

Parsed = TypeVar("Parsed")
Id = TypeVar("Id", bound=Identifier)

HIDDEN = "•••"

# What surrounds a value that was pasted out of a message, a table or code, and is never part of one.
_AROUND = " \t\r\n\u00a0\u3000`'\"“”„‘’‚«»‹›,;"

_DOTTED = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
_LEADING_ZERO = re.compile(r"(?:^|\.)0[0-9]")
_LONGEST_OCTET = 255


class FieldErrors(Value):
    """What is wrong with a form, by the name of the field beside which it is to be said; never empty."""

    by_field: dict[str, ProblemDetails]


def tidy(text: str) -> str:
    """Take off what is around a pasted value; what is left is what the person means."""
    return plain_characters(text).strip(_AROUND)


def shown(typed: str) -> str:
    """Give what was typed as it may be told again: a key or a token that was pasted here never is."""
    return HIDDEN if may_be_secret(typed) else typed


def read_gateway_id(text: str) -> VpnGatewayId:
    """Read a VPN gateway's ID; capitals are taken as the small letters that every such ID is made of."""
    typed = tidy(text)
    if not typed:
        raise Problem("form.gateway_missing")
    if typed.lower().startswith("vco-"):
        raise Problem("form.gateway_is_a_connection", value=shown(typed))
    if "*" in typed:
        raise Problem("form.gateway_masked", value=shown(typed))
    return _identifier(typed, VpnGatewayId, "form.gateway_malformed")


def read_connection_id(text: str) -> VpnConnectionId:
    """Read an IPsec connection's ID; capitals are taken as small letters."""
    typed = tidy(text)
    if not typed:
        raise Problem("form.connection_missing")
    if typed.lower().startswith("vpn-"):
        raise Problem("form.connection_is_a_gateway", value=shown(typed))
    if "*" in typed:
        raise Problem("form.connection_masked", value=shown(typed))
    return _identifier(typed, VpnConnectionId, "form.connection_malformed")


def read_region(text: str, known: frozenset[str]) -> RegionId:
    """Read a region's ID, one of `known`, or its place, in any letter case."""
    typed = tidy(text)
    if not typed:
        raise Problem("form.region_missing")
    named = region_named(typed, known)
    if named is not None:
        return RegionId(named)
    suggestion = nearest_region(typed, known)
    if suggestion is None:
        raise Problem("form.region_unknown", value=shown(typed))
    raise Problem("form.region_misspelt", value=shown(typed), suggestion=suggestion)


def read_address(text: str) -> IPv4Address:
    """Read one IPv4 address in plain dotted decimals that a host can have."""
    typed = tidy(text)
    if "/" in typed:
        raise Problem("form.address_is_a_range", value=shown(typed))
    if _is_ipv6(typed):
        raise Problem("form.address_is_ipv6", value=shown(typed))
    if not typed.isascii() and any(character.isdecimal() for character in typed):
        raise Problem("form.address_foreign_digits", value=shown(typed))
    if not _DOTTED.fullmatch(typed) or any(int(octet) > _LONGEST_OCTET for octet in typed.split(".")):
        raise Problem("form.address_malformed", value=shown(typed))
    # Some programs read `010` as octal 8, others as 10: nobody can tell which host is meant.
    if _LEADING_ZERO.search(typed):
        raise Problem("form.address_leading_zeros", value=shown(typed))
    return _of_a_host(IPv4Address(typed))


def read_form(values: FormValues, known: frozenset[str]) -> DiagnosisRequest | FieldErrors:
    """Read the whole form; everything that is wrong is said at once, each beside its field."""
    wrong: dict[str, ProblemDetails] = {}
    region = _collected(wrong, "region", lambda: read_region(values.region or "", known))
    gateway_id = _collected(wrong, "gateway_id", lambda: read_gateway_id(values.gateway_id or ""))
    connection_id = _collected(wrong, "connection_id", lambda: read_connection_id(values.connection_id or ""))
    addresses = _both_ends(values.source_ip or "", values.destination_ip or "", wrong)
    if wrong or region is None or gateway_id is None or connection_id is None:
        return FieldErrors(by_field=wrong)
    return DiagnosisRequest(region=region, gateway_id=gateway_id, connection_id=connection_id, addresses=addresses)


def _collected(wrong: dict[str, ProblemDetails], field: str, read: Callable[[], Parsed]) -> Parsed | None:
    try:
        return read()
    except Problem as problem:
        wrong[field] = problem.details
        return None


def _both_ends(source: str, destination: str, wrong: dict[str, ProblemDetails]) -> PrivateAddresses | None:
    typed = {"source_ip": tidy(source), "destination_ip": tidy(destination)}
    if not any(typed.values()):
        return None
    read = {field: _collected(wrong, field, partial(_end, field, text)) for field, text in typed.items()}
    first, second = read["source_ip"], read["destination_ip"]
    if first is None or second is None:
        return None
    if first == second:
        wrong["destination_ip"] = Problem("form.addresses_equal", value=str(second)).details
    return PrivateAddresses(source=first, destination=second)


def _end(field: str, typed: str) -> IPv4Address:
    if not typed:
        raise Problem("form.source_missing" if field == "source_ip" else "form.destination_missing")
    return read_address(typed)


def _identifier(typed: str, kind: type[Id], otherwise: str) -> Id:
    try:
        # Only ASCII is made small: the Kelvin sign would become a plain k.
        return kind(typed.lower() if typed.isascii() else typed)
    except ValueError:
        raise Problem(otherwise, value=shown(typed)) from None


def _is_ipv6(typed: str) -> bool:
    try:
        IPv6Address(typed)
    except ValueError:
        return False
    return True


def _of_a_host(address: IPv4Address) -> IPv4Address:
    unusable = {
        "form.address_unspecified": address.is_unspecified,
        "form.address_multicast": address.is_multicast,
        "form.address_loopback": address.is_loopback,
        "form.address_reserved": address.is_reserved,  # 240.0.0.0/4, with 255.255.255.255
    }
    for code, applies in unusable.items():
        if applies:
            raise Problem(code, value=str(address))
    return address
