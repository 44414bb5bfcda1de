"""What there is to choose from in a region, as one person may see it: asked as their own identity, kept a minute.

Whoever asks is let in anew each time (`Access.looker`); what was found for one person is found by nobody else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from bot.access.guardrail import excludes
from bot.access.identity import AccessKey, RoleToAssume
from bot.access.issuing import refuses_the_credential
from bot.access.renewing import Fresh, Renewing
from bot.alibaba.ram_policy import Statement
from bot.alibaba.vpn import VpnApi
from bot.explain.denials import is_denial
from bot.model.credential import Credential
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Requester
from bot.model.value import Value
from bot.model.vpn import Listing, VpnConnection, VpnGateway

KEPT_FOR = timedelta(seconds=60)
"""How long a person is shown what was found before."""

RENEWED_AFTER = timedelta(seconds=40)
"""How old it is when whoever looks has it looked for again, without waiting."""

WITHIN_S = 20.0
"""Seconds for a list with all of its pages; nobody waits so long for it, but the next one who looks has it."""

MOST_HELD = 500
"""The list that was not looked at for longest makes room."""

Entry = TypeVar("Entry", bound=Value)


class As(NamedTuple):
    """Somebody, and as whom they are let in by which version of access.yml."""

    requester: Requester
    identity: str
    source: RoleToAssume | AccessKey
    book_version: str


class Looker(NamedTuple):
    """Somebody who was let in a moment ago; what the `guardrail` excludes is not offered to them."""

    who: As
    guardrail: tuple[Statement, ...]
    regions: tuple[RegionId, ...]


class _Key(NamedTuple):
    who: As
    region: RegionId
    gateway_id: VpnGatewayId | None = None
    connection_id: VpnConnectionId | None = None


class _Kept(Generic[Entry]):
    """Lists of one kind; a denial is kept as well, so that it is not asked for with each letter that is typed."""

    def __init__(
        self, look: Callable[[_Key], Awaitable[Listing[Entry]]], clock: Callable[[], datetime], name: str
    ) -> None:
        self._look = look
        self._clock = clock
        self._lists: Renewing[_Key, Listing[Entry] | ProblemDetails] = Renewing(self._made, clock, name, MOST_HELD)
        self.close = self._lists.close

    async def get(self, key: _Key) -> Listing[Entry]:
        found = await self._lists.get(key)
        if isinstance(found, ProblemDetails):
            raise Problem.of(found)
        return found

    async def _made(self, key: _Key) -> Fresh[Listing[Entry] | ProblemDetails]:
        asked_at = self._clock()
        try:
            found: Listing[Entry] | ProblemDetails = await self._look(key)
        except Problem as problem:
            if not is_denial(problem.details):
                raise
            found = problem.details
        return Fresh(found, asked_at + RENEWED_AFTER, asked_at + KEPT_FOR)


class Listings:
    """Lists gateways and connections; each is asked for once at a time, and raises Problem as `VpnApi` does.

    `credential` gives that of the person, and of nobody else; `forget` is told of one that the cloud refused.
    """

    def __init__(
        self,
        credential: Callable[[As], Awaitable[Credential]],
        forget: Callable[[As, Credential], None],
        vpn: VpnApi,
        clock: Callable[[], datetime],
        within_s: float = WITHIN_S,
    ) -> None:
        self._credential = credential
        self._forget = forget
        self._vpn = vpn
        self._clock = clock
        self._within_s = within_s
        self._gateways: _Kept[VpnGateway] = _Kept(self._look_for_gateways, clock, "a list of gateways")
        self._connections: _Kept[VpnConnection] = _Kept(self._look_for_connections, clock, "a list of connections")

    async def gateways(
        self, looker: Looker, region: RegionId, gateway_id: VpnGatewayId | None = None
    ) -> Listing[VpnGateway]:
        """List what this person sees in the region, or look at one gateway."""
        return await self._gateways.get(_Key(looker.who, region, gateway_id))

    async def connections(
        self,
        looker: Looker,
        region: RegionId,
        *,
        gateway_id: VpnGatewayId | None = None,
        connection_id: VpnConnectionId | None = None,
    ) -> Listing[VpnConnection]:
        """List the connections in the region or of a gateway, or look at one."""
        return await self._connections.get(_Key(looker.who, region, gateway_id, connection_id))

    def may_be_chosen(
        self, looker: Looker, region: RegionId, gateway_id: VpnGatewayId, connection_id: VpnConnectionId | None
    ) -> bool:
        """Tell whether the guardrail leaves this gateway, and this connection of it, to be diagnosed now."""
        return not excludes(looker.guardrail, region, gateway_id, connection_id, self._clock())

    async def close(self) -> None:
        """Give up what is under way and forget what was found."""
        await self._gateways.close()
        await self._connections.close()

    async def _look_for_gateways(self, key: _Key) -> Listing[VpnGateway]:
        async def ask(credential: Credential) -> Listing[VpnGateway]:
            return await self._vpn.describe_vpn_gateways(credential, key.region, gateway_id=key.gateway_id)

        return await self._asked(key.who, "DescribeVpnGateways", ask)

    async def _look_for_connections(self, key: _Key) -> Listing[VpnConnection]:
        async def ask(credential: Credential) -> Listing[VpnConnection]:
            return await self._vpn.describe_vpn_connections(
                credential, key.region, gateway_id=key.gateway_id, connection_id=key.connection_id
            )

        return await self._asked(key.who, "DescribeVpnConnections", ask)

    async def _asked(
        self, who: As, operation: str, ask: Callable[[Credential], Awaitable[Listing[Entry]]]
    ) -> Listing[Entry]:
        try:
            async with asyncio.timeout(self._within_s):
                credential = await self._credential(who)
                try:
                    return await ask(credential)
                except Problem as problem:
                    if refuses_the_credential(problem.code):
                        self._forget(who, credential)
                    raise
        except TimeoutError as error:
            raise Problem("cloud.timeout", operation=operation, seconds=f"{self._within_s:g}") from error
