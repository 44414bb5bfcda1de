"""A circuit breaker: after several failures in a row nobody calls for a while, then one call finds out."""

from enum import StrEnum

# Failures in a row that open a circuit, and the seconds until it is tried again: doubling, up to a bound.
FAILURES = 5
FIRST_REST_S = 15.0
LONGEST_REST_S = 120.0

# Seconds after which a probe that has not come back is given up, and after which to ask again how it went.
LONGEST_PROBE_S = 15.0
PROBE_LOOK_S = 1.0


class CircuitState(StrEnum):
    """closed: all calls pass. open: none does. half-open: one has been let through, and decides."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """The circuit to one place; times are seconds of any clock that never goes back.

    Whoever may call (`wait_s` is 0) gets a pass from `enter` and brings it back: with `succeeded`, `failed`, or
    `abandoned` if it was we who gave the call up. A pass from before the last change of state decides nothing.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._rest_s = FIRST_REST_S
        self._opened_at: float | None = None
        self._try_at = 0.0  # while it is open: when a call may find out
        self._probing = False
        self._pass = 0

    @property
    def state(self) -> CircuitState:
        if self._opened_at is None:
            return CircuitState.CLOSED
        return CircuitState.HALF_OPEN if self._probing else CircuitState.OPEN

    def open_for_s(self, now: float) -> float:
        """Return for how long it has not been closed, 0 if it is."""
        return 0.0 if self._opened_at is None else now - self._opened_at

    def wait_s(self, now: float) -> float:
        """Return 0 if a call may pass, else in how many seconds to ask again."""
        if self._opened_at is None:
            return 0.0
        left_s = max(self._try_at - now, 0.0)
        return min(left_s, PROBE_LOOK_S) if self._probing else left_s

    def enter(self, now: float) -> int:
        """Let a call pass for which `wait_s` is 0; if the circuit is not closed, it is the probe."""
        if self._opened_at is not None:
            self._change(probing=True, try_at=now + LONGEST_PROBE_S)
        return self._pass

    def succeeded(self, its_pass: int) -> None:
        """Close the circuit: the other side answers."""
        if its_pass != self._pass:
            return
        self._failures = 0
        if self._opened_at is not None:
            self._opened_at = None
            self._rest_s = FIRST_REST_S
            self._change(probing=False, try_at=0.0)

    def failed(self, its_pass: int, now: float) -> None:
        """Count a failure of the other side; the last of several, and that of a probe, opens the circuit."""
        if its_pass != self._pass:
            return
        self._failures += 1
        if self._opened_at is None and self._failures < FAILURES:
            return
        if self._opened_at is None:
            self._opened_at = now
        else:
            self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)
        self._change(probing=False, try_at=now + self._rest_s)

    def abandoned(self, its_pass: int, now: float) -> None:
        """Forget a call that told nothing; if it was the probe, the next one may find out at once."""
        if its_pass == self._pass and self._probing:
            self._change(probing=False, try_at=now)

    def _change(self, *, probing: bool, try_at: float) -> None:
        self._probing = probing
        self._try_at = try_at
        self._pass += 1
