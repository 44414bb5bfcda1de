"""What menus offer is within Slack's limits and has what was typed in it, whatever the cloud's names are."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.emulators.slack.elements import OPTION, OPTION_GROUP
from bot.emulators.slack.schema import array
from bot.model.ids import VpnConnectionId, VpnGatewayId
from bot.model.vpn import VpnConnection, VpnGateway
from bot.slack.menus import NO_CHOICE, Choice, Offer, connection_choice, gateway_choice, menu, option

FOREIGN = st.text(st.characters(codec=None), max_size=400)


def a_gateway(**changes: Any) -> VpnGateway:
    usual: dict[str, Any] = dict.fromkeys(VpnGateway.model_fields, "")
    usual |= {
        "gateway_id": VpnGatewayId("vpn-1"),
        "name": "office",
        "status": "active",
        "internet_ip": "198.51.100.10",
        **dict.fromkeys(("ipsec_enabled", "bgp_enabled", "created_at", "ends_at")),
    }
    return VpnGateway.model_construct(**usual | changes)


def a_connection(**changes: Any) -> VpnConnection:
    usual: dict[str, Any] = dict.fromkeys(VpnConnection.model_fields, "")
    usual |= {
        "connection_id": VpnConnectionId("vco-1"),
        "gateway_id": VpnGatewayId("vpn-1"),
        "status": "ipsec_sa_established",
        "local_subnets": ("192.168.0.0/16",),
        "remote_subnets": ("10.8.0.0/16", "10.9.0.0/16"),
        "created_at": None,
        "tunnels": (),
    }
    return VpnConnection.model_construct(**usual | changes)


def choices(number: int) -> tuple[Choice, ...]:
    return tuple(Choice(f"vpn-{n}", f"gateway {n} · vpn-{n}") for n in range(number))


def flat(answer: dict[str, Any]) -> list[str]:
    return [one["value"] for group in answer["option_groups"] for one in group["options"]]


def labels(answer: dict[str, Any]) -> list[str]:
    return [group["label"]["text"] for group in answer["option_groups"]]


def flaws(answer: dict[str, Any]) -> list[str]:
    return list(array(OPTION_GROUP, 100)(answer["option_groups"], "/option_groups"))


def test_all_is_offered_to_whoever_has_typed_nothing() -> None:
    answer = menu(Offer("Gateways", choices(3)), "", "en")

    assert flat(answer) == ["vpn-0", "vpn-1", "vpn-2"]
    assert labels(answer) == ["Gateways"]


def test_what_is_typed_finds_by_each_of_its_words_and_can_be_taken_itself() -> None:
    answer = menu(Offer("Gateways", choices(30)), "gateway 17", "en")

    assert flat(answer) == ["vpn-17", "gateway 17"]


@pytest.mark.parametrize("typed", ["hang", "cn-hang", "office", "gateway", "gateway 1"])
def test_enter_takes_what_fits_and_not_what_is_no_id(typed: str) -> None:
    offered = (Choice("cn-hangzhou", "cn-hangzhou · office gateway 1"),)

    assert flat(menu(Offer("Gateways", offered), typed, "en")) == ["cn-hangzhou", typed]
    assert flat(menu(Offer("Gateways", used=offered), typed, "en")) == ["cn-hangzhou", typed]


@pytest.mark.parametrize("typed", ["vpn-1", "VCO-1", "cn-hangzhou"])
def test_enter_takes_an_id_that_was_typed_whole(typed: str) -> None:
    offered = (Choice("other", f"other · {typed}"),)

    assert flat(menu(Offer("Gateways", offered), typed, "en")) == [typed, "other"]


def test_what_is_typed_and_listed_is_there_once() -> None:
    assert flat(menu(Offer("Gateways", choices(3)), "vpn-1", "en")) == ["vpn-1"]


def test_a_hundred_options_at_most_and_it_is_said_that_there_are_more() -> None:
    answer = menu(Offer("Gateways", choices(250), used=(Choice("vpn-mine", "vpn-mine"),)), "vpn", "en")

    assert len(flat(answer)) == 100
    assert labels(answer)[1] == "The first 98 of 250; type more to find yours"


def test_why_there_is_nothing_is_said_where_an_option_has_to_be() -> None:
    answer = menu(Offer("Gateways", said="Nothing visible to oncall"), "", "en")

    assert (labels(answer), flat(answer)) == (["Nothing visible to oncall"], [NO_CHOICE])


def test_what_was_typed_can_be_taken_when_there_is_nothing() -> None:
    answer = menu(Offer("Gateways", said="The cloud does not answer"), "vpn-typed", "en")

    assert (labels(answer), flat(answer)) == (["The cloud does not answer"], ["vpn-typed"])


def test_the_last_values_are_offered_once() -> None:
    used = (Choice("vpn-1", "vpn-1"), Choice("vpn-old", "vpn-old"))
    answer = menu(Offer("Gateways", choices(2), used=used), "", "en")

    assert flat(answer) == ["vpn-old", "vpn-0", "vpn-1"]


@pytest.mark.parametrize(
    ("is_placeless", "label"), [(False, "From your last diagnosis here"), (True, "From your last diagnosis")]
)
def test_last_values_are_said_to_be_from_here_only_where_there_is_a_here(
    label: str, *, is_placeless: bool
) -> None:
    offer = Offer("Gateways", used=(Choice("vpn-1", "vpn-1"),), is_placeless=is_placeless)

    assert labels(menu(offer, "", "en")) == [label]


def test_a_gateway_is_named_with_its_status_and_whether_ipsec_is_on() -> None:
    choice = gateway_choice(a_gateway(ipsec_enabled=False), "en")

    assert (choice.text, choice.about) == ("office · vpn-1", "active · IPsec off · 198.51.100.10")
    assert "IPsec" not in gateway_choice(a_gateway(), "en").about
    assert gateway_choice(a_gateway(ipsec_enabled=True), "zh").about.startswith("正常 · IPsec已开启")
    assert gateway_choice(a_gateway(status="new_here"), "zh").about.startswith("new_here")


@pytest.mark.parametrize(
    ("status", "told"), [("ipsec_sa_established", "tunnel up"), ("something_new", "something_new")]
)
def test_a_connection_is_named_with_its_status_and_both_ends(status: str, told: str) -> None:
    choice = connection_choice(a_connection(status=status), "en")

    assert choice.about == f"{told} · 192.168.0.0/16 ↔ 10.8.0.0/16, 10.9.0.0/16"
    assert choice.is_meant_by("10.9.0")


def test_many_subnets_are_counted_and_still_found() -> None:
    choice = connection_choice(a_connection(local_subnets=tuple(f"10.{n}.0.0/16" for n in range(9))), "en")

    assert "10.2.0.0/16, +6" in choice.about
    assert choice.is_meant_by("10.8.0.0")


@settings(deadline=None)
@given(FOREIGN, FOREIGN, FOREIGN)
def test_slack_takes_the_answer_whatever_things_are_called_and_whatever_was_typed(
    name: str, status: str, typed: str
) -> None:
    found = (
        gateway_choice(a_gateway(name=name, status=status, internet_ip=name), "zh"),
        connection_choice(a_connection(name=name, status=status, remote_subnets=(name,) * 9), "zh"),
    )

    assert flaws(menu(Offer(name, found, said=status or None, used=(Choice("vpn-2", name),)), typed, "zh")) == []
    assert [flaw for choice in found for flaw in OPTION(option(choice), "")] == []


def test_an_id_is_never_cut_for_a_long_name() -> None:
    gateway_id = VpnGatewayId("vpn-" + "x" * 60)

    assert gateway_choice(a_gateway(gateway_id=gateway_id, name="n" * 300), "en").text.endswith(gateway_id)


def test_names_reorder_and_break_nothing() -> None:
    text = gateway_choice(a_gateway(name="a\u202eb\nc"), "en").text

    assert text == "ab c · vpn-1"
