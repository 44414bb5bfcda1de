"""Questions to the cloud that change nothing: each is given its time, and none ends in more than an answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.access.sparing import Sparing
from bot.alibaba.operation import Operation
from bot.alibaba.ram import DECODE, RamApi
from bot.alibaba.sts import GET_CALLER_IDENTITY, CallerIdentity, StsApi
from bot.alibaba.tunnels import DIAGNOSE_CONNECTIONS, TunnelApi
from bot.alibaba.vpn import DESCRIBE_CONNECTIONS, DESCRIBE_GATEWAYS, GET_RESULT, VpnApi
from bot.model.credential import Credential
from bot.model.denial import Denial
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem, ProblemDetails
from bot.model.report import DiagnosisReport
from bot.model.vpn import Listing, TunnelFinding, VpnConnection, VpnGateway

Found = TypeVar("Found")

WITHIN_S = 3.0
"""Seconds for one question with its repetitions: what is not known by then is not known."""


class Probes:
    """Asks as whom the credential says; what the cloud refuses is a value here, and not raised."""

    def __init__(
        self,
        vpn: VpnApi,
        sts: StsApi,
        ram: RamApi,
        tunnels: TunnelApi,
        sparing: Sparing | None = None,
        within_s: float = WITHIN_S,
    ) -> None:
        """Ask nothing that `sparing` does not let pass now."""
        self._vpn = vpn
        self._sts = sts
        self._ram = ram
        self._tunnels = tunnels
        self._sparing = sparing or Sparing()
        self._within_s = within_s

    async def caller(self, credential: Credential) -> CallerIdentity | ProblemDetails:
        """Ask whose credential it is."""
        return await self._answer(
            GET_CALLER_IDENTITY, credential, None, lambda: self._sts.get_caller_identity(credential)
        )

    async def results(
        self, credential: Credential, region: RegionId, gateway_id: VpnGatewayId
    ) -> DiagnosisReport | ProblemDetails:
        """Ask for the gateway's latest diagnosis, whoever started it."""
        return await self._answer(
            GET_RESULT,
            credential,
            region,
            lambda: self._vpn.get_vpn_gateway_diagnose_result(credential, region, gateway_id=gateway_id),
        )

    async def gateways(
        self, credential: Credential, region: RegionId, gateway_id: VpnGatewayId | None = None
    ) -> Listing[VpnGateway] | ProblemDetails:
        """List a region's gateways, or look at one."""
        return await self._answer(
            DESCRIBE_GATEWAYS,
            credential,
            region,
            lambda: self._vpn.describe_vpn_gateways(credential, region, gateway_id=gateway_id),
        )

    async def connections(
        self, credential: Credential, region: RegionId, connection_id: VpnConnectionId | None = None
    ) -> Listing[VpnConnection] | ProblemDetails:
        """List a region's connections, or look at one, whichever gateway it belongs to."""
        return await self._answer(
            DESCRIBE_CONNECTIONS,
            credential,
            region,
            lambda: self._vpn.describe_vpn_connections(credential, region, connection_id=connection_id),
        )

    async def tunnels(
        self, credential: Credential, region: RegionId, connection: VpnConnection
    ) -> Listing[TunnelFinding] | ProblemDetails:
        """Ask what ails a connection's tunnels, which the cloud answers from what it has seen."""
        tunnel_ids = [tunnel.tunnel_id for tunnel in connection.tunnels]
        connection_ids = [] if tunnel_ids else [connection.connection_id]
        return await self._answer(
            DIAGNOSE_CONNECTIONS,
            credential,
            region,
            lambda: self._tunnels.diagnose_vpn_connections(
                credential, region, connection_ids=connection_ids, tunnel_ids=tunnel_ids
            ),
        )

    async def decoded(self, credential: Credential, sealed: str) -> Denial | ProblemDetails:
        """Have the sealed message of a denial opened."""
        return await self._answer(
            DECODE, credential, None, lambda: self._ram.decode_diagnostic_message(credential, sealed)
        )

    async def _answer(
        self,
        operation: Operation,
        credential: Credential,
        region: RegionId | None,
        ask: Callable[[], Awaitable[Found]],
    ) -> Found | ProblemDetails:
        if not self._sparing.lets(operation, credential, region):
            return Problem("cloud.busy", operation=operation.name).details
        try:
            async with asyncio.timeout(self._within_s):
                return await ask()
        except TimeoutError:
            return Problem("cloud.timeout", operation=operation.name, seconds=f"{self._within_s:g}").details
        except Problem as problem:
            return problem.details
