"""What is found in the messages of people and of monitoring systems, however they are built."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.listeners.finding import MOST_CHARACTERS, found_in
from bot.listeners.regions import known_regions
from bot.model.ids import RegionId
from bot.slack.views import FormValues

KNOWN = known_regions()
GATEWAY = "vpn-bp1k4m9x2q7r"
CONNECTION = "vco-bp1t8w3z6n5j"
ALERT = f"VPN {GATEWAY} / {CONNECTION} in cn-qingdao: 10.8.0.1 is not reachable from 192.168.1.1"

Json = dict[str, Any]


def found(message: Json, default_region: RegionId | None = None) -> FormValues:
    return found_in(message, KNOWN, default_region).values


def in_rich_text(*elements: Json) -> Json:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"text": "", "blocks": [{"type": "rich_text", "elements": [section]}]}


IDS = FormValues(gateway_id=GATEWAY, connection_id=CONNECTION)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"text": f"{GATEWAY} and {CONNECTION}"}, id="text"),
        pytest.param({"text": f"`{GATEWAY}`,*{CONNECTION}*."}, id="styled text"),
        pytest.param({"text": f"{GATEWAY.upper()} {CONNECTION.replace('-', '–')}"}, id="capitals and dashes"),
        pytest.param(
            {"text": f"<https://console.example.com/vpns/{GATEWAY}|see> {CONNECTION}"}, id="a link"
        ),
        pytest.param({"text": "", "attachments": [{"text": GATEWAY, "fallback": CONNECTION}]}, id="an attachment"),
        pytest.param(
            {
                "attachments": [
                    {"fields": [{"title": "gateway", "value": GATEWAY}, {"title": CONNECTION, "value": "down"}]}
                ]
            },
            id="fields of an attachment",
        ),
        pytest.param(
            {"attachments": [{"blocks": [{"type": "section", "text": {"text": f"{GATEWAY}\n{CONNECTION}"}}]}]},
            id="blocks of an attachment",
        ),
        pytest.param(
            {"blocks": [{"type": "section", "fields": [{"text": GATEWAY}, {"text": CONNECTION}]}]}, id="a section"
        ),
        pytest.param(
            {"blocks": [{"type": "context", "elements": [{"text": f"{CONNECTION} {GATEWAY}"}]}]},
            id="small print",
        ),
        pytest.param(
            in_rich_text(
                {"type": "text", "text": f"{GATEWAY} is down: "},
                {"type": "link", "url": f"https://example.com/{CONNECTION}", "text": "see here"},
            ),
            id="rich text",
        ),
        pytest.param(
            {"blocks": [{"type": "table", "rows": [[{"text": one}] for one in (GATEWAY, CONNECTION)]}]},
            id="a table",
        ),
    ],
)  # fmt: skip
def test_ids_are_found_wherever_they_are_written(message: Json) -> None:
    assert found(message) == IDS


def test_all_of_an_alert_is_found() -> None:
    assert found({"text": ALERT}) == IDS.changed(
        region="cn-qingdao", source_ip="192.168.1.1", destination_ip="10.8.0.1"
    )


@pytest.mark.parametrize(
    "text",
    [
        "the vpn-gateway is down, vco-connection too",
        "vpn-bp1**** vco-bp1****",
        "my-vpn-1 xvco-1 vpn-1-2 vco-1-a",
        "vpn- vco-",
        "vpn-" + "a1" * 40,
        "",
    ],
)
def test_what_only_looks_like_an_id_is_none(text: str) -> None:
    assert found({"text": text}) == FormValues()


def test_of_several_gateways_the_first_is_taken_and_all_are_told() -> None:
    both = found_in({"text": f"{GATEWAY} vpn-second2 {GATEWAY}"}, KNOWN, None)

    assert both.values.gateway_id == GATEWAY
    assert both.gateways == (GATEWAY, "vpn-second2")


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("in cn-qingdao", "cn-qingdao"),
        ("zone cn-hangzhou-h", "cn-hangzhou"),
        ("CN-HANGZHOU, cn-hangzhou-i", "cn-hangzhou"),
        ("cn-hangzhou to cn-qingdao", None),
        ("somewhere xx-nowhere-1", None),
        pytest.param("the gateway in Hangzhou is down", "cn-hangzhou", id="a place"),
        pytest.param("告警：VPN网关（杭州）的连接中断", "cn-hangzhou", id="a place in Chinese"),
        pytest.param("Hangzhou 杭州", "cn-hangzhou", id="a place in both languages"),
        pytest.param("Hangzhou Finance is down", "cn-hangzhou-finance", id="the longer of two names"),
        pytest.param("杭州金融云", "cn-hangzhou-finance", id="the longer of two names in Chinese"),
        pytest.param("cn-qingdao, seen from Hangzhou", "cn-qingdao", id="an ID says more than a place"),
        pytest.param("cn-qingdao or cn-beijing, Hangzhou", None, id="two IDs are not settled by a place"),
        pytest.param("from Hangzhou to Shanghai", None, id="two places"),
        pytest.param("2026-01-02 12:00 Asia/Shanghai", None, id="a time zone"),
        pytest.param("北京时间12:00", None, id="a time zone in Chinese"),
        pytest.param("Singapore time", None, id="a time"),
        pytest.param("上海分公司断线", None, id="an office in Chinese"),
        pytest.param("the Tokyo office is offline", None, id="an office"),
        pytest.param("<https://hangzhou.example.com/shanghai/x>", None, id="an address"),
        pytest.param("ops-shanghai, london_2, New Mexico, Londoners", None, id="parts of other names"),
    ],
)
def test_a_region_is_taken_where_one_is_named(text: str, region: str | None) -> None:
    assert found({"text": text}).region == region


def test_the_default_region_stands_in() -> None:
    assert found({"text": GATEWAY}, RegionId("cn-hangzhou")).region == "cn-hangzhou"


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("192.168.1.1 -> 10.8.0.1", ("192.168.1.1", "10.8.0.1")),
        ("10.8.0.1, from 192.168.1.1", ("192.168.1.1", "10.8.0.1")),
        ("dst: 10.8.0.1 src: 192.168.1.1", ("192.168.1.1", "10.8.0.1")),
        ("目的地址：10.8.0.1，源地址：192.168.1.1", ("192.168.1.1", "10.8.0.1")),
        ("from 192.168.1.1 to 10.8.0.1", ("192.168.1.1", "10.8.0.1")),
        ("192.168.1.1, 10.8.0.1, again 192.168.1.1 and peer 8.8.8.8", ("192.168.1.1", "10.8.0.1")),
        ("192.168.1.1 alone", (None, None)),
        ("192.168.1.1 10.8.0.1 172.16.0.1", (None, None)),
        ("192.168.1.0/24 10.8.0.0/16", (None, None)),
        ("8.8.8.8 1.1.1.1", (None, None)),
        ("10.8.0.1.5 10.8.0.1234 310.8.0.1 10.8.0.999", (None, None)),
    ],
)
def test_addresses_are_taken_where_two_private_ones_are_clear(
    text: str, ends: tuple[str | None, str | None]
) -> None:
    values = found({"text": text})

    assert (values.source_ip, values.destination_ip) == ends


def nested(levels: int) -> Json:
    deep: Any = {"text": GATEWAY}
    for _ in range(levels):
        deep = {"elements": [deep]}
    return {"blocks": [deep]}


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"text": "a" * 100_000 + GATEWAY}, id="100 kB before it"),
        pytest.param({"text": "vpn-" * 25_000}, id="beginnings of IDs"),
        pytest.param({"text": "1." * 50_000}, id="beginnings of addresses"),
        pytest.param({"text": "cn-" * 35_000}, id="beginnings of regions"),
        pytest.param({"text": "<" * 100_000}, id="beginnings of links"),
        pytest.param(nested(50_000), id="deep"),
        pytest.param({"blocks": [{"elements": [{"text": "x"}] * 1000}] * 100}, id="wide"),
        pytest.param({"text": 5, "blocks": "no", "attachments": [None, 5, "x", [[]]]}, id="other shapes"),
    ],
)
def test_what_is_too_much_is_not_read_to_its_end(message: Json) -> None:
    assert found(message) == FormValues()


def test_what_comes_before_too_much_is_found() -> None:
    assert found({"text": GATEWAY, "attachments": [{"text": "x" * MOST_CHARACTERS}]}).gateway_id == GATEWAY


ANY = st.recursive(
    st.none() | st.integers() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["text", "blocks", "elements", "fields", "attachments", "title"]), inner)
    ),
    max_leaves=30,
)


@given(message=st.dictionaries(st.sampled_from(["text", "blocks", "attachments"]), ANY))
def test_any_message_is_taken(message: Json) -> None:
    values = found(message)

    assert values.gateway_id is None or values.gateway_id.startswith("vpn-")
