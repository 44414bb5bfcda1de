"""Faults of the cloud that stay until they are switched off: in its network, and in how it answers."""

from collections.abc import Mapping
from enum import StrEnum

from bot.emulators.alibaba.breakage import Breakage, Kind, found
from bot.emulators.alibaba.service import Service
from bot.emulators.faults import EVERY_OPERATION, Fault, FaultKind, Faults


class Trouble(StrEnum):
    """How the whole cloud answers: too many calls, sessions that are over when they come back, nobody there."""

    THROTTLING = "throttling"
    SESSIONS = "sessions"
    DOWN = "down"


# Starts alone are throttled, so that what was asked before one, and who asks, still shows in the ledger.
_STANDING: Mapping[Trouble, Fault] = {
    Trouble.THROTTLING: Fault(operation="DiagnoseVpnGateway", kind=FaultKind.THROTTLE),
    Trouble.DOWN: Fault(operation=EVERY_OPERATION, kind=FaultKind.HTTP_503),
}


class Switches:
    """All switches over one service, and which of them are on."""

    def __init__(self, service: Service, faults: Faults) -> None:
        self._service = service
        self._faults = faults

    def turn_network(self, kind: Kind, connection_id: str, *, on: bool) -> None:
        """Break the network around a connection, or mend just that; raises KeyError if there is none."""
        if found(self._service.network, connection_id) is None:
            raise KeyError(connection_id)
        breakage = Breakage(kind, connection_id)
        others = tuple(one for one in self._service.broken if one != breakage)
        self._service.exchange(self._service.intact, (*others, breakage) if on else others)

    def turn_cloud(self, trouble: Trouble, *, on: bool) -> None:
        if trouble is Trouble.SESSIONS:
            self._service.sessions_end = on
        elif on:
            self._faults.stand(trouble, _STANDING[trouble])
        else:
            self._faults.lift(trouble)

    def mend(self) -> None:
        """Switch everything off."""
        self._service.exchange(self._service.intact, ())
        for trouble in Trouble:
            self.turn_cloud(trouble, on=False)

    def broken(self) -> tuple[Breakage, ...]:
        return self._service.broken

    def troubles(self) -> tuple[Trouble, ...]:
        return tuple(one for one in Trouble if self._is_on(one))

    def _is_on(self, trouble: Trouble) -> bool:
        return self._service.sessions_end if trouble is Trouble.SESSIONS else trouble in self._faults.standing
