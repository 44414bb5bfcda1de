"""The emulated cloud itself: its operations over a network, which can be exchanged while the cloud goes on."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.emulators.alibaba.authentication import Nonces
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
        self.seal = Seal(entropy)
        self.credentials = Credentials(network, entropy)
        self._build(network)

    def exchange(self, network: Network) -> None:
        """Go over to another network; sessions, diagnoses and what was counted stay."""
        self.credentials.exchange(network)
        self._build(network)

    def start_over(self) -> None:
        """Forget everything but the sessions that clients hold, and go back to the first network."""
        self._diagnoses.clear()
        self._windows.clear()
        self.exchange(self._original)

    def admit(self, received: Received, now: datetime) -> Admitted:
        """Let a call in; raises Refusal."""
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
