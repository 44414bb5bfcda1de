"""What a person typed in a field becomes a value, or a problem that says what is wrong with it."""

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.explain.problems import explain
from bot.listeners.reading import (
    FieldErrors,
    read_address,
    read_connection_id,
    read_form,
    read_gateway_id,
    read_region,
    tidy,
)
from bot.listeners.regions import known_regions
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, PrivateAddresses
from bot.slack.views import FormValues

KNOWN = known_regions()
GATEWAY = "vpn-bp1k4m9x2q7r"
CONNECTION = "vco-bp1t8w3z6n5j"


def problem_of(read: Callable[[str], object], text: str) -> str:
    with pytest.raises(Problem) as raised:
        read(text)
    return raised.value.code


def region(text: str) -> object:
    return read_region(text, KNOWN)


def a_form(**changes: str | None) -> FormValues:
    values: dict[str, Any] = {"region": "cn-hangzhou", "gateway_id": GATEWAY, "connection_id": CONNECTION}
    return FormValues(**values | changes)


def problems_of(values: FormValues) -> dict[str, str]:
    read = read_form(values, KNOWN)
    assert isinstance(read, FieldErrors)
    return {field: details.code for field, details in read.by_field.items()}


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(GATEWAY, id="as it is"),
        pytest.param(f"  {GATEWAY}\n", id="blanks around it"),
        pytest.param(f"`{GATEWAY}`", id="back-ticks"),
        pytest.param(f"“{GATEWAY}”,", id="a phone's quotes and a comma"),
        pytest.param(f"'\"{GATEWAY}\"'", id="two kinds of quotes"),
        pytest.param(GATEWAY.upper(), id="capitals"),
        pytest.param(GATEWAY.replace("-", "–"), id="a phone's dash"),
        pytest.param(GATEWAY.replace("-", "\u2011"), id="a hyphen of a word processor"),
        pytest.param(f"\u200b{GATEWAY}\ufeff", id="characters that nobody sees"),
        pytest.param(f"\u3000{GATEWAY}\u00a0", id="other blanks"),
    ],
)
def test_an_id_is_read_where_its_meaning_is_certain(typed: str) -> None:
    assert read_gateway_id(typed) == GATEWAY


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("", "form.gateway_missing", id="nothing"),
        pytest.param(" `` ", "form.gateway_missing", id="empty quotes"),
        pytest.param(CONNECTION, "form.gateway_is_a_connection", id="a connection's"),
        pytest.param(CONNECTION.upper(), "form.gateway_is_a_connection", id="a connection's in capitals"),
        pytest.param("vpn-bp1****", "form.gateway_masked", id="masked"),
        pytest.param("vpn-", "form.gateway_malformed", id="only its beginning"),
        pytest.param("bp1k4m9x2q7r", "form.gateway_malformed", id="without its beginning"),
        pytest.param("vpn-bp1 k4m9", "form.gateway_malformed", id="a blank in it"),
        pytest.param("vpn-bp1\nk4m9", "form.gateway_malformed", id="a line break in it"),
        pytest.param("vpn-b\u212a", "form.gateway_malformed", id="a Kelvin sign, whose small letter is k"),
        pytest.param("vpn-" + "a" * 61, "form.gateway_malformed", id="without end"),
        pytest.param("vpn-a&Action=DeleteVpnGateway", "form.gateway_malformed", id="a parameter smuggled in"),
        pytest.param("<!channel>", "form.gateway_malformed", id="a mention smuggled in"),
    ],
)
def test_what_is_no_gateway_id_is_said_to_be_so(typed: str, code: str) -> None:
    assert problem_of(read_gateway_id, typed) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("", "form.connection_missing", id="nothing"),
        pytest.param(GATEWAY, "form.connection_is_a_gateway", id="a gateway's"),
        pytest.param("vco-bp1****", "form.connection_masked", id="masked"),
        pytest.param("vco_bp1", "form.connection_malformed", id="an underscore"),
    ],
)
def test_what_is_no_connection_id_is_said_to_be_so(typed: str, code: str) -> None:
    assert problem_of(read_connection_id, typed) == code


def test_a_connection_id_is_read() -> None:
    assert read_connection_id(f" {CONNECTION.upper()} ") == CONNECTION


@pytest.mark.parametrize("typed", ["cn-hangzhou", " CN-Hangzhou ", "`cn-hangzhou`", "cn–hangzhou"])
def test_a_region_is_read(typed: str) -> None:
    assert region(typed) == "cn-hangzhou"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("", "form.region_missing", id="nothing"),
        pytest.param("cn-hangzou", "form.region_misspelt", id="a slip"),
        pytest.param("nowhere", "form.region_unknown", id="a word"),
        pytest.param("evil.example.com/", "form.region_unknown", id="a host"),
        pytest.param("cn-hongK\u212aong", "form.region_misspelt", id="a Kelvin sign"),
    ],
)
def test_what_is_no_region_is_said_to_be_so(typed: str, code: str) -> None:
    assert problem_of(region, typed) == code


def test_a_misspelt_region_comes_with_a_suggestion() -> None:
    with pytest.raises(Problem) as raised:
        region("cn-hangzou")

    assert raised.value.facts == {"value": "cn-hangzou", "suggestion": "cn-hangzhou"}


@pytest.mark.parametrize("typed", ["10.8.0.1", " 10.8.0.1, ", "`10.8.0.1`", "10.8.0.1\u200b", "10。8｡0。1"])
def test_an_address_is_read(typed: str) -> None:
    assert read_address(typed) == IPv4Address("10.8.0.1")


@pytest.mark.parametrize("typed", ["8.8.8.8", "169.254.11.1", "100.64.0.1", "192.168.0.255"])
def test_an_address_that_a_vpn_can_carry_is_not_second_guessed(typed: str) -> None:
    assert str(read_address(typed)) == typed


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("10.8.0.0/24", "form.address_is_a_range", id="CIDR"),
        pytest.param("fd00::1", "form.address_is_ipv6", id="IPv6"),
        pytest.param("::ffff:10.8.0.1", "form.address_is_ipv6", id="IPv4 within IPv6"),
        pytest.param("fd00::/8", "form.address_is_a_range", id="CIDR of IPv6"),
        pytest.param("010.8.0.1", "form.address_leading_zeros", id="a leading zero"),
        pytest.param("10.8.00.1", "form.address_leading_zeros", id="two zeros"),
        pytest.param("١٠.8.0.1", "form.address_foreign_digits", id="Arabic digits"),
        pytest.param("0.0.0.0", "form.address_unspecified", id="unspecified"),  # noqa: S104 (nothing is bound)
        pytest.param("224.0.0.1", "form.address_multicast", id="multicast"),
        pytest.param("239.255.255.255", "form.address_multicast", id="the last multicast"),
        pytest.param("127.0.0.1", "form.address_loopback", id="loopback"),
        pytest.param("255.255.255.255", "form.address_reserved", id="broadcast"),
        pytest.param("240.0.0.1", "form.address_reserved", id="reserved"),
        pytest.param("10.8.0", "form.address_malformed", id="three numbers"),
        pytest.param("10.8.0.1.2", "form.address_malformed", id="five numbers"),
        pytest.param("10.8.0.256", "form.address_malformed", id="a number too large"),
        pytest.param("10.8.0.1:80", "form.address_malformed", id="a port"),
        pytest.param("10.8.0.-1", "form.address_malformed", id="a negative number"),
        pytest.param("10.8.0.1000000", "form.address_malformed", id="a number without end"),
        pytest.param("host.internal", "form.address_malformed", id="a name"),
        pytest.param("0x0a080001", "form.address_malformed", id="hexadecimal"),
        pytest.param("168296449", "form.address_malformed", id="one number"),
        pytest.param("服务器", "form.address_malformed", id="a word"),
    ],
)
def test_what_is_no_address_is_said_to_be_so(typed: str, code: str) -> None:
    assert problem_of(read_address, typed) == code


def test_a_form_is_read() -> None:
    read = read_form(a_form(), KNOWN)

    assert isinstance(read, DiagnosisRequest)
    assert read.model_dump(mode="json") == {
        "region": "cn-hangzhou", "gateway_id": GATEWAY, "connection_id": CONNECTION, "addresses": None
    }  # fmt: skip


def test_a_form_with_both_addresses_is_read() -> None:
    read = read_form(a_form(source_ip="192.168.1.1", destination_ip="10.8.0.1"), KNOWN)

    assert isinstance(read, DiagnosisRequest)
    assert read.addresses == PrivateAddresses(
        source=IPv4Address("192.168.1.1"), destination=IPv4Address("10.8.0.1")
    )


def test_everything_that_is_wrong_is_said_at_once() -> None:
    values = FormValues(
        region="cn-hangzou", gateway_id=CONNECTION, connection_id="", source_ip="10.0.0.0/8", destination_ip="::1"
    )

    assert problems_of(values) == {
        "region": "form.region_misspelt",
        "gateway_id": "form.gateway_is_a_connection",
        "connection_id": "form.connection_missing",
        "source_ip": "form.address_is_a_range",
        "destination_ip": "form.address_is_ipv6",
    }


def test_an_empty_form_lacks_three_things() -> None:
    assert set(problems_of(FormValues())) == {"region", "gateway_id", "connection_id"}


def test_one_address_without_the_other_is_said_at_the_empty_field() -> None:
    assert problems_of(a_form(source_ip="10.8.0.1")) == {"destination_ip": "form.destination_missing"}
    assert problems_of(a_form(destination_ip="10.8.0.1")) == {"source_ip": "form.source_missing"}


def test_a_wrong_address_without_the_other_is_two_mistakes() -> None:
    assert problems_of(a_form(source_ip="10.8.0.0/24")) == {
        "source_ip": "form.address_is_a_range",
        "destination_ip": "form.destination_missing",
    }


def test_addresses_that_are_the_same_test_nothing() -> None:
    assert problems_of(a_form(source_ip="10.8.0.1", destination_ip="10.8.0.1")) == {
        "destination_ip": "form.addresses_equal"
    }


def test_a_mistake_elsewhere_does_not_hide_good_addresses() -> None:
    values = a_form(region="", source_ip="192.168.1.1", destination_ip="10.8.0.1")

    assert problems_of(values) == {"region": "form.region_missing"}


TYPED = st.text(max_size=40) | st.sampled_from(["vpn-", "vco-", "****", "10.8.0.1", "10.8.0.0/16", "::1", "1.2.3"])


@given(typed=st.builds(FormValues, **dict.fromkeys(FormValues.model_fields, st.none() | TYPED)))
def test_whatever_is_typed_is_read_or_explained_in_both_languages(typed: FormValues) -> None:
    read = read_form(typed, KNOWN)

    if isinstance(read, FieldErrors):
        assert read.by_field
        for details in read.by_field.values():
            assert explain(details, "en").happened
            assert explain(details, "zh").happened
            assert details.code.startswith("form.")


@given(address=st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="172.16.0.0/12"))
def test_every_private_address_is_read_as_it_was_typed(address: IPv4Address) -> None:
    assert read_address(str(address)) == address


@given(text=st.text())
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
