"""Turns of a quota: never more than documented in any window, in order, and none for ever without one."""

import heapq
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alibaba import operation
from bot.turns import KEPT_S, LONGEST_SILENCE_S, MOST_REMEMBERED, MOST_TURNS, Lines, Quota, Turns

PATIENCE_S = 2.0
QUOTA = Quota(name="example", documented=120, window_s=60, at_once=10, per_s=1.5)
QUOTAS = [one for one in vars(operation).values() if isinstance(one, Quota)]


def turns(quota: Quota = QUOTA) -> Turns:
    return Turns(quota, PATIENCE_S)


@pytest.mark.parametrize("quota", QUOTAS, ids=lambda quota: quota.name)
def test_what_is_used_stays_below_what_is_documented(quota: Quota) -> None:
    assert quota.most_in_a_window < quota.documented


def test_a_few_pass_together_and_the_next_one_waits_a_little() -> None:
    line = turns()

    together = [line.ask(who, 100.0) for who in range(10)]

    assert together == pytest.approx([0.0] * 10)
    assert line.ask(10, 100.0) == pytest.approx(1 / 1.5)


def test_whoever_has_to_wait_too_long_gets_a_turn_to_come_back_for() -> None:
    line = turns()
    for who in range(13):  # ten at once, three within the patience
        line.ask(who, 0.0)

    wait_s = line.ask(99, 0.0)

    assert wait_s == pytest.approx(4 / 1.5)
    assert [line.ask(who, 0.0) > wait_s for who in (100, 101)] == [True, True]
    assert line.ask(99, wait_s) == 0.0


def test_who_asks_again_too_early_keeps_the_turn() -> None:
    line = turns()
    waits = [line.ask(who, 0.0) for who in range(30)]

    assert line.ask(29, 5.0) == pytest.approx(waits[29] - 5.0)
    assert line.given == 17


def test_who_comes_late_is_still_before_those_behind() -> None:
    line = turns()
    waits = [line.ask(who, 0.0) for who in range(40)]
    now = waits[39]
    for who in range(20, 40):  # the bucket is empty again, and only those who are late are left
        line.ask(who, now)

    late, new = line.ask(13, now), line.ask(99, now)

    assert late < new
    assert line.given > 0


def test_who_is_late_does_not_hold_up_those_behind() -> None:
    line = turns()
    waits = [line.ask(who, 0.0) for who in range(30)]

    assert line.ask(29, waits[29]) == 0.0


def test_a_place_that_nobody_came_back_for_is_given_up() -> None:
    line = turns()
    waits = [line.ask(who, 0.0) for who in range(30)]

    line.ask(20, waits[29] + KEPT_S + 0.1)

    assert line.given == 0


def test_with_everybody_always_late_calls_still_pass() -> None:
    line = turns()
    coming = [(0.0, who) for who in range(50)]
    heapq.heapify(coming)
    passed = 0
    while (next_one := heapq.heappop(coming))[0] < 600:
        at, who = next_one
        wait_s = line.ask(who, at)
        passed += wait_s <= PATIENCE_S
        heapq.heappush(coming, (at + wait_s + 2 * PATIENCE_S + 3, who))

    assert passed >= 0.9 * 600 * QUOTA.per_s


def test_looking_takes_nobodys_turn() -> None:
    line = turns()

    looked = [line.wait_s(who, 0.0) for who in range(30)]

    assert looked == [0.0] * 30
    assert line.given == 0


def test_what_could_pass_without_delaying_anybody_is_known() -> None:
    line = turns()
    before = line.spare(0.0)
    for who in range(4):
        line.ask(who, 0.0)
    after = line.spare(0.0)
    line.keep("somebody", 30.0)

    assert (before, after, line.spare(0.0)) == (10, 6, 5)


def test_nothing_is_to_spare_in_a_silence_and_before_a_line() -> None:
    line, silent = turns(), turns()
    for who in range(20):
        line.ask(who, 0.0)
    silent.hold_off(5.0, 0.0)

    assert (line.spare(0.0), silent.spare(0.0)) == (0, 0)
    assert silent.silent_s(1.0) == 4.0
    assert silent.silent_s(6.0) == 0.0


def test_a_turn_that_did_not_count_is_the_first_again() -> None:
    line = turns()
    for who in range(30):
        line.ask(who, 0.0)
    line.hold_off(3.0, 0.0)

    line.keep_first("refused", 3.0)

    assert line.ask("refused", 3.0) < line.ask(13, 3.0)


def test_in_a_line_by_name_the_smaller_name_comes_first() -> None:
    line = Turns(QUOTA, PATIENCE_S, by_name=True)
    for number in range(20):
        line.ask(f"m{number:02}", 0.0)

    first, last = line.ask("a", 0.0), line.ask("z", 0.0)

    assert first < line.ask("m19", 0.0) < last


def test_each_key_has_a_line_of_its_own_and_the_longest_unused_is_forgotten() -> None:
    lines = Lines[int](lambda _key: turns())
    first = lines.of(0)
    for key in range(1, MOST_REMEMBERED):
        lines.of(key)
    assert lines.of(0) is first

    lines.of(MOST_REMEMBERED)

    assert lines.of(0) is first
    assert lines.of(2) is not None
    assert len(lines) == MOST_REMEMBERED


def test_a_line_that_is_too_long_gives_no_more_turns_and_says_how_long_it_is() -> None:
    line = turns()
    for who in range(MOST_TURNS + 13):
        line.ask(who, 0.0)

    first, second = line.ask(-1, 0.0), line.ask(-2, 0.0)

    assert line.given == MOST_TURNS
    assert first == second > MOST_TURNS / 1.5


def test_after_too_much_nobody_passes_for_as_long_as_was_asked() -> None:
    line = turns()
    line.ask(1, 0.0)

    line.hold_off(1.5, 0.0)

    assert line.ask(2, 0.0) == 1.5
    assert line.ask(3, 1.0) == 0.5
    assert line.ask(4, 1.6) == 0.0


def test_the_same_silence_asked_for_by_several_is_one() -> None:
    line = turns()

    for _ in range(5):
        line.hold_off(1.5, 0.0)

    assert line.ask(2, 0.0) == 1.5


def test_a_silence_has_a_bound() -> None:
    line = turns()

    line.hold_off(10**6, 0.0)

    assert line.ask(1, 0.0) == LONGEST_SILENCE_S


def test_a_silence_moves_the_turns_that_were_given() -> None:
    line = turns()
    waits = [line.ask(who, 0.0) for who in range(30)]

    line.hold_off(10.0, 0.0)

    assert line.ask(29, 0.0) == pytest.approx(waits[29] + 10.0)


Asked = st.lists(
    st.tuples(
        st.floats(0, 20),  # seconds since the one before
        st.integers(0, 60),  # who
        st.booleans(),  # and comes back when told to
        st.floats(0, KEPT_S * 1.5),  # so many seconds late
        st.booleans(),  # and the cloud says that it was too much
    ),
    max_size=300,
)


@given(Asked, st.sampled_from(QUOTAS))
def test_no_window_ever_sees_more_calls_than_promised(
    asked: list[tuple[float, int, bool, float, bool]], quota: Quota
) -> None:
    line = turns(quota)
    passed: list[float] = []
    now, coming = 0.0, list[tuple[float, int, int, bool, float, bool]]()
    for number, (since, who, comes_back, late_s, too_much) in enumerate(asked):
        now += since / 10
        heapq.heappush(coming, (now, number, who, comes_back, late_s, too_much))
    while coming and len(passed) < 1000:
        at, number, who, comes_back, late_s, too_much = heapq.heappop(coming)
        wait_s = line.ask(who, at)
        assert wait_s >= 0
        if wait_s <= PATIENCE_S:
            passed.append(at + wait_s)
            if too_much:
                line.hold_off(late_s, at)
        elif comes_back:
            heapq.heappush(coming, (at + wait_s + late_s, number, who, False, 0.0, too_much))

    passed.sort()
    for first in range(len(passed)):
        in_window = sum(passed[first] <= one < passed[first] + quota.window_s for one in passed[first:])
        assert in_window <= quota.most_in_a_window


@given(st.integers(2, 80))
def test_runs_that_poll_for_ever_are_served_equally_often(runs: int) -> None:
    line = turns()
    served = dict.fromkeys(range(runs), 0)
    coming = [(0.0, who) for who in range(runs)]
    heapq.heapify(coming)
    while (next_one := heapq.heappop(coming))[0] < 600:
        at, who = next_one
        wait_s = line.ask(who, at)
        if wait_s <= PATIENCE_S:
            served[who] += 1
            heapq.heappush(coming, (at + wait_s + 3.0, who))
        else:
            heapq.heappush(coming, (at + wait_s, who))

    assert max(served.values()) - min(served.values()) <= 2
    assert sum(served.values()) >= min(600 / 3 * runs, 600 * 1.5) * 0.9


def test_turns_are_given_in_the_order_of_asking() -> None:
    line = turns()

    waits = [line.ask(who, 0.0) for who in range(100)]

    assert all(earlier <= later for earlier, later in pairwise(waits))
