"""The emulated cloud itself: its operations over a network, which can be exchanged while the cloud goes on."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.emulators.alibaba.authentication import Nonces
from bot.emulators.alibaba.breakage import Breakage, broken
from bot.emulators.alibaba.credentials import Credentials
from bot.emulators.alibaba.diagnoses import Diagnoses
from bot.emulators.alibaba.gateway import Admitted, Gateway
from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.operations import Answer, Call, Product
from bot.emulators.alibaba.quotas import Throttle, Windows
from bot.emulators.alibaba.ram_operations import RamOperations
from bot.emulators.alibaba.received import Received
from bot.emulators.alibaba.seal import Seal
from bot.emulators.alibaba.sts_operations import StsOperations
from bot.emulators.alibaba.vpc_operations import VpcOperations


class Service:
    """Alibaba Cloud over one network at a time; a diagnosis takes `takes`."""

    def __init__(self, network: Network, takes: timedelta, entropy: Callable[[int], bytes]) -> None:
        self._original = network
        self._takes = takes
        self._entropy = entropy
        self._nonces = Nonces()
        self._diagnoses = Diagnoses()
        self._windows: Windows = {}
        self.sessions_end = False  # every session is over when its first call comes
        self.seal = Seal(entropy)
        self.credentials = Credentials(network, entropy)
        self.exchange(network)

    def exchange(self, intact: Network, breakages: tuple[Breakage, ...] = ()) -> None:
        """Go over to another network, broken in these ways; sessions, diagnoses and what was counted stay.

        Raises Wrong, and stays as it was, if it cannot be broken like that.
        """
        network = broken(intact, breakages)
        self.intact, self.broken = intact, breakages
        self.credentials.exchange(network)
        self._build(network)

    def start_over(self) -> None:
        """Forget everything but the sessions that clients hold, and go back to the first network."""
        self._diagnoses.clear()
        self._windows.clear()
        self.sessions_end = False
        self.exchange(self._original)

    def admit(self, received: Received, now: datetime) -> Admitted:
        """Let a call in; raises Refusal."""
        if self.sessions_end:
            self.credentials.end(None, now)
        return self._gateway.admit(received, now)

    def carry_out(
        self, admitted: Admitted, received: Received, now: datetime, request_id: str, context: Mapping[str, str]
    ) -> Answer:
        """Carry out a call that was let in; raises Refusal."""
        call = Call(admitted.operation, admitted.caller, received.parameters, now, request_id, context)
        return admitted.operation.carry_out(call)

    def _build(self, network: Network) -> None:
        self.network = network
        self.products: tuple[Product, ...] = (
            VpcOperations(network, self._takes, self._entropy, self._diagnoses).product(),
            StsOperations(network, self.credentials).product(),
            RamOperations(self.seal).product(),
        )
        accounts = [account.id for account in network.accounts]
        regions = [region.id for region in network.regions]
        throttle = Throttle(network.api_quotas, accounts, regions, self._windows)
        self._gateway = Gateway(
            self.products, self.credentials, throttle, self._nonces, network.unknown_parameters
        )
