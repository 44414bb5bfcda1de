"""Kinds of arguments that several commands take; a wrong one is wrong usage."""

import argparse
from typing import TypeVar

from bot.model.ids import Identifier, RegionId, VpnGatewayId

Id = TypeVar("Id", bound=Identifier)

_LARGEST_PORT = 65_535


def port(text: str) -> int:
    """Read a port; 0 takes any free one."""
    if not text.isascii() or not text.isdecimal() or int(text) > _LARGEST_PORT:
        message = f"{text!r} is not a port: 0 to {_LARGEST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def gateway(text: str) -> VpnGatewayId:
    """Read the ID of a VPN gateway."""
    return _identifier(VpnGatewayId, text, "the ID of a VPN gateway (vpn- and then small letters and digits)")


def region(text: str) -> RegionId:
    """Read the ID of a region."""
    return _identifier(RegionId, text, "the ID of a region, such as cn-hangzhou")


def _identifier(kind: type[Id], text: str, what: str) -> Id:
    try:
        return kind(text)
    except ValueError as error:
        message = f"{text!r} is not {what}"
        raise argparse.ArgumentTypeError(message) from error
