"""Addresses and networks, as network.yml writes them."""

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any

from pydantic import BeforeValidator


def _no_number(value: Any) -> Any:
    """Keep numbers out: ipaddress takes 10 for the address 0.0.0.10."""
    if isinstance(value, int | float):
        message = "should be text, for example 192.168.0.0/16"
        raise ValueError(message)  # noqa: TRY004  pydantic reports a ValueError with its place, a TypeError not
    return value


Address = Annotated[IPv4Address, BeforeValidator(_no_number)]
Cidr = Annotated[IPv4Network, BeforeValidator(_no_number)]
