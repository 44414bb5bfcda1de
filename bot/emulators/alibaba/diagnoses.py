"""Diagnoses that have been started: how far each one is, which gateway is busy, and which tokens were used."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.emulators.alibaba.checks import Finding
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.value import Value

MOST_KEPT = 2_000


class Diagnosis(Value):
    """A diagnosis; its findings become visible one after the other while it takes its time."""

    id: str
    account_id: str
    region: RegionId
    gateway_id: VpnGatewayId
    connection_id: VpnConnectionId
    begun_at: datetime
    takes: timedelta
    findings: tuple[Finding, ...]

    @property
    def ends_at(self) -> datetime:
        return self.begun_at + self.takes

    def finished_count(self, now: datetime) -> int:
        """Count the checks that are done by now; the last one is done when the diagnosis ends."""
        if now >= self.ends_at:
            return len(self.findings)
        return max(0, int(len(self.findings) * (now - self.begun_at) / self.takes))


class Diagnoses:
    """The memory of the emulated service; the oldest diagnoses and tokens make room."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Diagnosis] = OrderedDict()
        self._latest: OrderedDict[str, str] = OrderedDict()
        self._tokens: OrderedDict[tuple[str, str], tuple[Mapping[str, str], str]] = OrderedDict()

    def add(self, diagnosis: Diagnosis, token: str, parameters: Mapping[str, str]) -> None:
        """Keep a diagnosis that was started with this token and these parameters."""
        self._by_id[diagnosis.id] = diagnosis
        self._latest[diagnosis.gateway_id] = diagnosis.id
        self._tokens[diagnosis.account_id, token] = (parameters, diagnosis.id)
        if len(self._by_id) > MOST_KEPT:
            self._by_id.popitem(last=False)
        if len(self._tokens) > MOST_KEPT:
            self._tokens.popitem(last=False)

    def get(self, diagnose_id: str) -> Diagnosis | None:
        return self._by_id.get(diagnose_id)

    def latest(self, gateway_id: str) -> Diagnosis | None:
        return self._by_id.get(self._latest.get(gateway_id, ""))

    def is_running(self, gateway_id: str, now: datetime) -> bool:
        latest = self.latest(gateway_id)
        return latest is not None and now < latest.ends_at

    def started_with(self, account_id: str, token: str) -> tuple[Mapping[str, str], str] | None:
        """Give the parameters that an account used this token with, and the DiagnoseId it got."""
        return self._tokens.get((account_id, token))

    def clear(self) -> None:
        self._by_id.clear()
        self._latest.clear()
        self._tokens.clear()
