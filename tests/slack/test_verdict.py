"""How a run stands in a few words, with what the tunnels say of it."""

import pytest

from bot.model.report import DiagnosisReport
from bot.model.run import Language
from bot.model.tunnels import Tunnels
from bot.slack.findings import Findings
from bot.slack.verdict import headline, sign, state
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    ONE_OF_TWO_DOWN,
    UP,
    a_diagnosing_run,
    a_report,
    a_reported_run,
)

NONE = Tunnels()


@pytest.mark.parametrize(
    ("report", "tunnels", "language", "said"),
    [
        (HEALTHY, NONE, "en", "✅ all 7 checks are normal"),
        (HEALTHY, UP, "en", "✅ all 7 checks are normal"),
        (HEALTHY, DOWN, "en", "❌ the tunnel is down; all 7 checks are normal"),
        (HEALTHY, DOWN, "zh", "❌ 隧道未建立；7项检查全部正常"),
        (HEALTHY, ONE_OF_TWO_DOWN, "en", "⚠️ 1 of 2 tunnels is down; all 7 checks are normal"),
        (HEALTHY, ONE_OF_TWO_DOWN, "zh", "⚠️ 2条隧道中有1条未建立；7项检查全部正常"),
        (HEALTHY_AS_FAR_AS_KNOWN, NONE, "en", "✅ all 6 checks are normal, but 1 proves nothing"),
        (HEALTHY_AS_FAR_AS_KNOWN, NONE, "zh", "✅ 6项检查全部正常，其中1项不能说明问题"),
        (BROKEN, ONE_OF_TWO_DOWN, "en", "❌ 1 of 2 tunnels is down; 5 of 7 checks need attention"),
        (a_report(), NONE, "en", "⚪ ended without a conclusive result"),
        (a_report(), ONE_OF_TWO_DOWN, "en", "⚠️ 1 of 2 tunnels is down; ended without a conclusive result"),
    ],
)
def test_a_verdict_is_no_better_than_the_tunnels(
    report: DiagnosisReport, tunnels: Tunnels, language: Language, said: str
) -> None:
    run = a_reported_run(report, language)

    assert f"{sign(run, tunnels)} {state(run, tunnels)}" == said


@pytest.mark.parametrize(
    ("tunnels", "language", "said"),
    [
        (DOWN, "en", "The tunnel is down. All 7 checks are normal"),
        (DOWN, "zh", "隧道未建立。7项检查全部正常"),
        (ONE_OF_TWO_DOWN, "en", "1 of 2 tunnels is down. All 7 checks are normal"),
    ],
)
def test_a_headline_says_first_that_a_tunnel_is_down(tunnels: Tunnels, language: Language, said: str) -> None:
    run = a_reported_run(HEALTHY, language)

    assert headline(run, HEALTHY, Findings.of(HEALTHY.items, language), tunnels) == said


def test_before_the_end_tunnels_change_nothing() -> None:
    assert state(a_diagnosing_run(), DOWN) == state(a_diagnosing_run())
    assert sign(a_diagnosing_run(), DOWN) == "⏳"
