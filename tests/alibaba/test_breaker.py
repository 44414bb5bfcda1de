"""The circuit breaker as a state machine: opens after failures in a row, and one probe decides."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.alibaba.breaker import (
    FAILURES,
    FIRST_REST_S,
    LONGEST_PROBE_S,
    LONGEST_REST_S,
    PROBE_LOOK_S,
    CircuitBreaker,
    CircuitState,
)


def opened(at: float = 0.0) -> CircuitBreaker:
    breaker = CircuitBreaker()
    for _ in range(FAILURES):
        breaker.failed(breaker.enter(at), at)
    return breaker


def test_a_new_circuit_lets_everybody_pass() -> None:
    breaker = CircuitBreaker()

    assert (breaker.state, breaker.wait_s(0), breaker.open_for_s(0)) == (CircuitState.CLOSED, 0, 0)


def test_failures_in_a_row_open_it() -> None:
    breaker = opened(at=100.0)

    assert breaker.state is CircuitState.OPEN
    assert breaker.wait_s(101.0) == FIRST_REST_S - 1
    assert breaker.open_for_s(101.0) == 1


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = CircuitBreaker()

    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed(breaker.enter(0), 0)
        breaker.succeeded(breaker.enter(0))

    assert breaker.state is CircuitState.CLOSED


def test_after_a_rest_one_call_is_the_probe_and_the_others_wait() -> None:
    breaker = opened()

    breaker.enter(FIRST_REST_S)

    assert breaker.state is CircuitState.HALF_OPEN
    assert breaker.wait_s(FIRST_REST_S) == PROBE_LOOK_S


def test_a_probe_that_succeeds_closes_it() -> None:
    breaker = opened()

    breaker.succeeded(breaker.enter(FIRST_REST_S))

    assert breaker.state is CircuitState.CLOSED
    assert breaker.wait_s(FIRST_REST_S) == 0


def test_probes_that_fail_lengthen_the_rest_up_to_a_bound() -> None:
    breaker, now, rests = opened(), FIRST_REST_S, []
    for _ in range(6):
        breaker.failed(breaker.enter(now), now)
        rests.append(breaker.wait_s(now))
        now += rests[-1]

    assert rests == [30, 60, 120, 120, 120, 120]
    assert LONGEST_REST_S == 120
    assert breaker.open_for_s(now) == now


def test_a_circuit_that_was_closed_again_rests_shortly_when_it_opens_anew() -> None:
    breaker = opened()
    breaker.failed(breaker.enter(15), 15)
    breaker.succeeded(breaker.enter(45))
    for _ in range(FAILURES):
        breaker.failed(breaker.enter(50), 50)

    assert breaker.wait_s(50) == FIRST_REST_S


def test_calls_from_before_it_opened_decide_nothing() -> None:
    breaker = CircuitBreaker()
    early = breaker.enter(0)
    for _ in range(FAILURES):
        breaker.failed(breaker.enter(0), 0)

    breaker.succeeded(early)
    breaker.failed(early, 5)

    assert breaker.state is CircuitState.OPEN
    assert breaker.wait_s(5) == FIRST_REST_S - 5


def test_a_probe_that_we_gave_up_lets_the_next_one_find_out() -> None:
    breaker = opened()

    breaker.abandoned(breaker.enter(20), 21)

    assert breaker.state is CircuitState.OPEN
    assert breaker.wait_s(21) == 0


def test_a_call_given_up_while_it_is_closed_counts_as_nothing() -> None:
    breaker = CircuitBreaker()

    for _ in range(FAILURES * 2):
        breaker.abandoned(breaker.enter(0), 0)

    assert breaker.state is CircuitState.CLOSED


def test_a_probe_that_never_comes_back_does_not_hold_the_circuit_open() -> None:
    breaker = opened()
    lost = breaker.enter(20)

    assert breaker.wait_s(20 + LONGEST_PROBE_S) == 0
    second = breaker.enter(20 + LONGEST_PROBE_S)
    breaker.failed(lost, 40)
    assert breaker.wait_s(40) == PROBE_LOOK_S  # the second one is still under way
    breaker.succeeded(second)
    assert breaker.state is CircuitState.CLOSED


class AnyHistory(RuleBasedStateMachine):
    """Calls that begin and end in any order, with a clock that goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = CircuitBreaker()
        self.now = 0.0
        self.under_way: list[int] = []
        self.probes_since: list[float] = []

    @rule(seconds=st.floats(0, 100))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.breaker.wait_s(self.now) == 0)
    @rule()
    def call(self) -> None:
        was = self.breaker.state
        self.under_way.append(self.breaker.enter(self.now))
        if was is not CircuitState.CLOSED:
            assert self.breaker.state is CircuitState.HALF_OPEN
            assert self.breaker.wait_s(self.now) > 0  # nobody else passes beside the probe

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), how=st.sampled_from(["succeeded", "failed", "abandoned"]))
    def end(self, data: st.DataObject, how: str) -> None:
        its_pass = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        match how:
            case "succeeded":
                self.breaker.succeeded(its_pass)
            case "failed":
                self.breaker.failed(its_pass, self.now)
            case _:
                self.breaker.abandoned(its_pass, self.now)

    @invariant()
    def the_wait_is_bounded(self) -> None:
        assert 0 <= self.breaker.wait_s(self.now) <= LONGEST_REST_S

    @invariant()
    def only_a_closed_circuit_has_not_been_open(self) -> None:
        assert (self.breaker.state is CircuitState.CLOSED) or self.breaker.open_for_s(self.now) >= 0


TestAnyHistory = AnyHistory.TestCase


@given(st.lists(st.booleans(), max_size=60))
def test_it_opens_exactly_when_as_many_as_that_failed_in_a_row(outcomes: list[bool]) -> None:
    breaker, in_a_row = CircuitBreaker(), 0
    for good in outcomes:
        if in_a_row == FAILURES:
            break
        its_pass = breaker.enter(0)
        if good:
            breaker.succeeded(its_pass)
        else:
            breaker.failed(its_pass, 0)
        in_a_row = 0 if good else in_a_row + 1

        assert breaker.state == ("open" if in_a_row == FAILURES else "closed")
