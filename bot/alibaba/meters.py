"""What is counted of the calls to the cloud, for `/metrics`."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.alibaba.breaker import CircuitState
from bot.alibaba.traffic import Circuit, Traffic

_LEVELS = {CircuitState.CLOSED: 0, CircuitState.HALF_OPEN: 1, CircuitState.OPEN: 2}


class CallMeter:
    """Counts attempts by operation and outcome; those that were held back are counted too."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "vpn_diagnose_cloud_calls",
            "Attempts to call Alibaba Cloud, by outcome: ok, refused (its answer was no), throttled, server_error,"
            " unreachable, timeout, interrupted, not_understood, redirected; not made: busy, circuit_open.",
            ["operation", "outcome"],
            registry=registry,
        )

    def __call__(self, operation: str, outcome: str) -> None:
        self._calls.labels(operation, outcome).inc()


class CircuitMeter(Collector):
    """Shows the circuits as they are at the moment of the look, so that forgotten ones vanish."""

    def __init__(self, registry: CollectorRegistry, traffic: Traffic) -> None:
        self._traffic = traffic
        registry.register(self)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        states = GaugeMetricFamily(
            "vpn_diagnose_cloud_circuit",
            "The circuit breakers to Alibaba Cloud: 0 closed, 1 half-open, 2 open.",
            labels=["account", "product", "region"],
        )
        for labels, level in _worst(self._traffic.circuits()).items():
            states.add_metric(labels, level)
        yield states


def _worst(circuits: Iterable[Circuit]) -> dict[tuple[str, str, str], int]:
    """Return the worst state by account, product and region.

    What is known by an access key alone is one row: keys of sessions come and go.
    """
    worst: dict[tuple[str, str, str], int] = {}
    for circuit in circuits:
        account = circuit.place.account if circuit.place.account.isdecimal() else "unknown"
        labels = (account, circuit.place.product, circuit.place.region or "central")
        worst[labels] = max(worst.get(labels, 0), _LEVELS[circuit.state])
    return worst
