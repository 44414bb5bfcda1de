from datetime import timedelta

import pytest

from bot.emulators.alibaba.checks import Finding
from bot.emulators.alibaba.diagnoses import MOST_KEPT, Diagnoses, Diagnosis
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.report import ResultLevel
from tests.emulators.alibaba.client import NOON

FINDING = Finding(name="VpnRouteQuota", level=ResultLevel.NORMAL, description={})


def a_diagnosis(number: int = 1, takes_s: float = 6) -> Diagnosis:
    return Diagnosis(
        id=f"vpndgn-{number}",
        account_id="1234567890123456",
        region=RegionId("cn-hangzhou"),
        gateway_id=VpnGatewayId("vpn-1"),
        connection_id=VpnConnectionId("vco-1"),
        begun_at=NOON,
        takes=timedelta(seconds=takes_s),
        findings=(FINDING,) * 6,
    )


@pytest.mark.parametrize(
    ("takes_s", "after_s", "count"), [(6, -5, 0), (6, 0, 0), (6, 5.9, 5), (6, 6, 6), (6, 600, 6), (0, 0, 6)]
)
def test_checks_are_done_one_after_the_other(takes_s: float, after_s: float, count: int) -> None:
    assert a_diagnosis(takes_s=takes_s).finished_count(NOON + timedelta(seconds=after_s)) == count


def test_the_oldest_diagnoses_and_tokens_make_room() -> None:
    diagnoses = Diagnoses()
    for number in range(MOST_KEPT + 1):
        diagnoses.add(a_diagnosis(number), f"token-{number}", {})

    assert diagnoses.get("vpndgn-0") is None
    assert diagnoses.started_with("1234567890123456", "token-0") is None
    assert diagnoses.get("vpndgn-1") is not None
    assert diagnoses.latest("vpn-1") == a_diagnosis(MOST_KEPT)
