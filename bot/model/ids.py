"""Identifiers as types: a gateway's ID cannot be handed in where a connection's is wanted."""

import re
from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class Identifier(str):
    """A string of one known form; made only through its constructor, which raises ValueError."""

    __slots__ = ()
    form: ClassVar[re.Pattern[str]]

    def __new__(cls, text: str) -> Self:
        if not cls.form.fullmatch(text):
            message = f"not a {cls.__name__}"
            raise ValueError(message)
        return super().__new__(cls, text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )


class RunId(Identifier):
    """A run of the bot: a UUIDv7, which is also the ClientToken of its DiagnoseVpnGateway call."""

    form = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    __slots__ = ()

    @classmethod
    def made(cls, now: datetime, entropy: bytes) -> Self:
        """Lay out a UUIDv7 (RFC 9562, 5.7) from the time and at least 10 random bytes."""
        milliseconds = int(now.timestamp() * 1000)
        value = (milliseconds << 80) | int.from_bytes(entropy[:10], "big")
        value = (value & ~(0xF << 76)) | (0x7 << 76)  # version 7
        value = (value & ~(0x3 << 62)) | (0x2 << 62)  # variant of the RFC
        digits = f"{value:032x}"
        return cls(f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")


# The vendor's samples end in `****`, which is a mask and not a form; real IDs are lower-case letters and digits.
class VpnGatewayId(Identifier):
    """A VPN gateway, `vpn-…`."""

    form = re.compile(r"vpn-[a-z0-9]{1,60}")
    __slots__ = ()


class VpnConnectionId(Identifier):
    """An IPsec connection, `vco-…`."""

    form = re.compile(r"vco-[a-z0-9]{1,60}")
    __slots__ = ()


class TunnelId(Identifier):
    """One of the two tunnels of an IPsec connection, `tun-…`."""

    form = re.compile(r"tun-[a-z0-9]{1,60}")
    __slots__ = ()


class RegionId(Identifier):
    """A region of Alibaba Cloud; the form alone keeps a host name from being made of anything else."""

    form = re.compile(r"[a-z]{2}(-[a-z0-9]{1,20}){1,4}")
    __slots__ = ()


class TeamId(Identifier):
    """A Slack workspace, `T…` (or an enterprise, `E…`)."""

    form = re.compile(r"[TE][A-Z0-9]{2,20}")
    __slots__ = ()


class UserId(Identifier):
    """A Slack person, `U…` or `W…`."""

    form = re.compile(r"[UW][A-Z0-9]{2,20}")
    __slots__ = ()


class ChannelId(Identifier):
    """A Slack conversation: channel `C…`, private channel `G…`, direct message `D…`."""

    form = re.compile(r"[CGD][A-Z0-9]{2,20}")
    __slots__ = ()


class GroupId(Identifier):
    """A Slack user group, `S…`."""

    form = re.compile(r"S[A-Z0-9]{2,20}")
    __slots__ = ()
