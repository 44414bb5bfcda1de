"""Identifiers as types."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.ids import Identifier, RegionId, RunId, UserId, VpnConnectionId, VpnGatewayId
from bot.model.value import Value


class Holder(Value):
    gateway_id: VpnGatewayId


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2200, 1, 1)), st.binary(min_size=10))  # noqa: DTZ001 - made aware below
def test_a_run_id_is_a_uuid_of_version_7_that_holds_its_time(moment: datetime, entropy: bytes) -> None:
    moment = moment.replace(tzinfo=UTC)

    made = uuid.UUID(RunId.made(moment, entropy))

    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == int(moment.timestamp() * 1000)


def test_run_ids_of_later_times_sort_later() -> None:
    early = RunId.made(datetime(2026, 1, 1, tzinfo=UTC), b"\xff" * 10)
    late = RunId.made(datetime(2026, 1, 2, tzinfo=UTC), b"\x00" * 10)

    assert early < late


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (VpnGatewayId, "vco-uf66xniofskqtuoz1"),
        (VpnGatewayId, "vpn-bp1q8bgx4xnkm****"),
        (VpnGatewayId, "vpn-"),
        (VpnGatewayId, "vpn-abc\n"),
        (VpnConnectionId, "vco-ＡＢＣ"),
        (RegionId, "cn-hangzhou.evil.com"),
        (RegionId, "cn-x@host"),
        (RegionId, "169.254.169.254"),
        (UserId, "alice"),
        (UserId, "alice@example.com"),
    ],
)
def test_a_text_of_another_form_is_no_identifier(kind: type[Identifier], text: str) -> None:
    with pytest.raises(ValueError, match=f"not a {kind.__name__}"):
        kind(text)


def test_an_identifier_goes_through_json_and_back() -> None:
    held = Holder(gateway_id=VpnGatewayId("vpn-abc"))

    again = Holder.model_validate_json(held.model_dump_json())

    assert again == held
    assert type(again.gateway_id) is VpnGatewayId
