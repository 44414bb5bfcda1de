"""The words behind the command, in any order, start a diagnosis, open the form, or are pointed out as wrong."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.listeners.command_text import (
    LONGEST_TEXT,
    Help,
    Mistakes,
    OpenForm,
    Read,
    Start,
    TooLong,
    WhoAmI,
    read_command,
)
from bot.listeners.regions import PLACES, PLACES_IN_CHINESE, known_regions
from bot.model.ids import RegionId
from bot.model.request import PrivateAddresses
from bot.slack.views import FormValues

KNOWN = known_regions()
HANGZHOU = RegionId("cn-hangzhou")
GATEWAY = "vpn-bp1k4m9x2q7r"
CONNECTION = "vco-bp1t8w3z6n5j"
ADDRESSES = PrivateAddresses(source=IPv4Address("192.168.1.1"), destination=IPv4Address("10.8.0.1"))


def full_width(text: str) -> str:
    """Write as an East Asian input method may: U+FF01 to U+FF5E, and U+3000 for a blank."""
    return "".join("\u3000" if character == " " else chr(ord(character) + 0xFEE0) for character in text)


def read(text: str, default_region: RegionId | None = HANGZHOU) -> Read:
    return read_command(text, KNOWN, default_region)


def started(text: str) -> Start:
    command = read(text)
    assert isinstance(command, Start)
    return command


def mistakes(text: str) -> list[tuple[str, str | None]]:
    command = read(text)
    assert isinstance(command, Mistakes)
    return [(details.code, details.facts.get("value")) for details in command.problems]


def opened(text: str, default_region: RegionId | None = HANGZHOU) -> FormValues:
    command = read(text, default_region)
    assert isinstance(command, OpenForm)
    return command.initial


@pytest.mark.parametrize(
    "text", ["help", " HELP ", "`help`", "?", "please help", "--help", "-h", "—help", "–help"]
)
def test_help_is_asked_for(text: str) -> None:
    assert read(text) == Help()


@pytest.mark.parametrize("text", ["whoami", " WhoAmI ", "`whoami`", "who-am-i"])
def test_who_somebody_is_is_asked_for(text: str) -> None:
    assert read(text) == WhoAmI()


@pytest.mark.parametrize("text", ["", "   ", "\n", "``"])
def test_nothing_opens_the_form_with_the_region_filled_in(text: str) -> None:
    assert opened(text) == FormValues(region="cn-hangzhou")


def test_nothing_opens_an_empty_form_where_no_region_stands_in() -> None:
    assert opened("", default_region=None) == FormValues()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{GATEWAY} {CONNECTION}", id="the region left out"),
        pytest.param(f"{GATEWAY} {CONNECTION} cn-hangzhou", id="all three"),
        pytest.param(f"cn-hangzhou {CONNECTION} {GATEWAY}", id="another order"),
        pytest.param(f"region=cn-hangzhou gateway={GATEWAY} connection={CONNECTION}", id="keys"),
        pytest.param(f"Region = cn-hangzhou, {GATEWAY}, {CONNECTION}", id="a key with blanks and commas"),
        pytest.param(f"  `{GATEWAY}`\n“{CONNECTION}”  ", id="pasted from a message"),
        pytest.param(f"{GATEWAY},{CONNECTION}", id="a comma without a blank"),
        pytest.param(f"{GATEWAY.upper()} {CONNECTION.upper()} CN-HANGZHOU", id="capitals"),
        pytest.param(f"{GATEWAY.replace('-', '–')} {CONNECTION.replace('-', '—')}", id="a phone's dashes"),
    ],
)
def test_all_that_is_needed_starts_at_once(text: str) -> None:
    request = started(text).request

    assert (request.region, request.gateway_id, request.connection_id) == ("cn-hangzhou", GATEWAY, CONNECTION)
    assert request.addresses is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{GATEWAY}\n{CONNECTION}\r\n192.168.1.1\n10.8.0.1", id="line breaks"),
        pytest.param(f"{GATEWAY}\u00a0{CONNECTION}\u2003192.168.1.1\u202f10.8.0.1", id="blanks that do not break"),
        pytest.param(f"```{GATEWAY} {CONNECTION}\n192.168.1.1 10.8.0.1```", id="a block of code"),
        pytest.param(f"‘{GATEWAY}’ ‚ „{CONNECTION}“ «192.168.1.1» 10.8.0.1", id="quotes of several countries"),
        pytest.param(f"{GATEWAY}, {CONNECTION}, 192.168.1.1 10.8.0.1.", id="a sentence"),
        pytest.param(f"({GATEWAY} {CONNECTION}) [192.168.1.1] 10.8.0.1!", id="brackets"),
        pytest.param(f"【{GATEWAY}】「{CONNECTION}」 《192.168.1.1》 10.8.0.1", id="Chinese brackets"),
        pytest.param(f"• {GATEWAY}\n- {CONNECTION}\n* 192.168.1.1\n&gt; 10.8.0.1", id="lists and quotations"),
        pytest.param(f"{GATEWAY} {CONNECTION} 192.168.1.1→10.8.0.1", id="an arrow"),
        pytest.param(f"{GATEWAY} {CONNECTION} 192.168.1.1 -&gt; 10.8.0.1", id="an arrow of two signs"),
        pytest.param(
            f"\u202a{GATEWAY}\u202c \u2068{CONNECTION}\u2069 \u2066192.168.1.1\u2069 10.8.0.1", id="directions"
        ),
        pytest.param(f"*{GATEWAY}* _{CONNECTION}_ ~192.168.1.1~ *_10.8.0.1_*", id="bold, italic and struck out"),
        pytest.param(f"{GATEWAY} {CONNECTION} source: 192.168.1.1 destination: 10.8.0.1", id="keys with colons"),
        pytest.param(
            f"Gateway:{GATEWAY} Connection :{CONNECTION} destination:10.8.0.1 192.168.1.1", id="bare colons"
        ),
        pytest.param(f"{GATEWAY} {CONNECTION} from 192.168.1.1 to 10.8.0.1", id="from and to"),
        pytest.param(f"to 10.8.0.1 {GATEWAY} {CONNECTION} From 192.168.1.1", id="to and from"),
        pytest.param(f"{GATEWAY} {CONNECTION} 192.168.1.1 to 10.8.0.1", id="to alone"),
        pytest.param(f"{GATEWAY} {CONNECTION} from: 192.168.1.1 to: 10.8.0.1", id="from and to with colons"),
        pytest.param(f"src=192.168.1.1 dst=10.8.0.1 gw={GATEWAY} conn={CONNECTION}", id="short keys"),
        pytest.param(f"SRC: 192.168.1.1 Dest: 10.8.0.1 {GATEWAY} {CONNECTION}", id="short keys with colons"),
        pytest.param(f"dst 10.8.0.1 src 192.168.1.1 {GATEWAY} {CONNECTION}", id="short keys with nothing"),
        pytest.param(
            f"Source IP 192.168.1.1, destination address 10.8.0.1, {GATEWAY} {CONNECTION}", id="keys in words"
        ),
        pytest.param(f"{GATEWAY} {CONNECTION} 192.168.1.1 --&gt; 10.8.0.1", id="a long arrow"),
        pytest.param(f"{GATEWAY} {CONNECTION} 192.168.1.1 =&gt; 10.8.0.1", id="a double arrow"),
        pytest.param(f"{GATEWAY} {CONNECTION} 192.168.1.1 —&gt; 10.8.0.1", id="an arrow of a phone's dash"),
        pytest.param(
            f"{GATEWAY} {CONNECTION} 192.168.1.1 :arrow_right: 10.8.0.1", id="an arrow as Slack names it"
        ),
        pytest.param(f"{GATEWAY} {CONNECTION} 192.168.1.1 \u27a1\ufe0f 10.8.0.1", id="an arrow as an emoji"),
        pytest.param(
            f"Please diagnose the VPN gateway {GATEWAY} and connection {CONNECTION} in the region Hangzhou, "
            "between 192.168.1.1 and 10.8.0.1.",
            id="a polite sentence",
        ),
        pytest.param(f"pls check: {GATEWAY} on {CONNECTION}: 192.168.1.1 to 10.8.0.1", id="a hurried one"),
        pytest.param(
            f"请诊断网关{GATEWAY}的连接{CONNECTION}，从192.168.1.1到10.8.0.1", id="Chinese without blanks"
        ),
        pytest.param(
            f"网关：{GATEWAY}，连接：{CONNECTION}，源地址：192.168.1.1，目的地址：10.8.0.1", id="Chinese keys"
        ),
        pytest.param(
            f"地域＝杭州 网关＝{GATEWAY} 连接＝{CONNECTION} 源IP 192.168.1.1 目的IP 10.8.0.1",
            id="Chinese keys and signs",
        ),
        pytest.param(f"{GATEWAY} {CONNECTION} 192。168。1。1 10｡8｡0｡1", id="Chinese full stops in addresses"),
        pytest.param(f"{GATEWAY} {CONNECTION} ｓｒｃ＝192.168.1.1 ｄｓｔ：10.8.0.1", id="full-width keys"),
        pytest.param(f"{GATEWAY} {CONNECTION} 192.168.1.1到10.8.0.1", id="to alone, in Chinese"),
        pytest.param(f"在杭州的{GATEWAY} {CONNECTION} 目的地 10.8.0.1 源192.168.1.1", id="short Chinese names"),
        pytest.param(f"{GATEWAY} {CONNECTION} 目标:10.8.0.1,源:192.168.1.1", id="short Chinese keys"),
        pytest.param(f"{GATEWAY} {CONNECTION} 目的 IP 10.8.0.1 源 IP 192.168.1.1", id="Chinese names in words"),
        pytest.param(f"{GATEWAY} {CONNECTION} 10.8.0.1 from 192.168.1.1", id="from behind the other end"),
        pytest.param(f"{GATEWAY} {CONNECTION} src 192.168.1.1 dst 10.8.0.1", id="short names with nothing"),
        pytest.param(f"{GATEWAY} {CONNECTION} 10.8.0.1 (source: 192.168.1.1)", id="a key in brackets"),
        pytest.param(f"{GATEWAY} {CONNECTION} 10.8.0.1,source:192.168.1.1", id="a key behind a comma"),
        pytest.param(f"{GATEWAY} {CONNECTION} 10.8.0.1 source\n= 192.168.1.1", id="a sign on a new line"),
        pytest.param(f"{GATEWAY} {CONNECTION} *from* `192.168.1.1` *to* `10.8.0.1`", id="names in bold"),
        pytest.param(f"{GATEWAY}，{CONNECTION}、192.168.1.1；10.8.0.1。", id="Chinese punctuation"),
        pytest.param(full_width(f"{GATEWAY} {CONNECTION} 192.168.1.1 10.8.0.1"), id="full width"),
        pytest.param(f"{GATEWAY} {CONNECTION} source\uff1a192.168.1.1 10.8.0.1", id="a full-width colon"),
        pytest.param(
            f"{GATEWAY} {CONNECTION} <http://192.168.1.1|192.168.1.1> <http://10.8.0.1/>", id="addresses as links"
        ),
        pytest.param(f"{GATEWAY} {CONNECTION} <tel:192.168.1.1|192.168.1.1> <tel:10.8.0.1>", id="telephones"),
        pytest.param(f"<@U0BOB|bob> <@U0CAROL> {GATEWAY} {CONNECTION} 192.168.1.1 10.8.0.1 <!here>", id="people"),
        pytest.param(
            f"<mailto:x@example.com|{GATEWAY}> {CONNECTION} 192.168.1.1 10.8.0.1 <#C0INCIDENT|incident>", id="mail"
        ),
    ],
)
def test_what_phones_and_slack_make_of_it_is_read_as_it_was_meant(text: str) -> None:
    request = started(text).request

    assert (request.gateway_id, request.connection_id, request.addresses) == (GATEWAY, CONNECTION, ADDRESSES)


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param("192.168.1.1 10.8.0.1", id="source first"),
        pytest.param("destination=10.8.0.1 192.168.1.1", id="the destination named"),
        pytest.param("10.8.0.1 source=192.168.1.1", id="the source named last"),
        pytest.param("destination=10.8.0.1 source=192.168.1.1", id="both named"),
    ],
)
def test_addresses_are_told_apart_by_order_or_by_name(addresses: str) -> None:
    assert started(f"{GATEWAY} {addresses} {CONNECTION}").request.addresses == ADDRESSES


def test_the_typed_region_goes_before_the_default_one() -> None:
    assert started(f"{GATEWAY} {CONNECTION} eu-central-1").request.region == "eu-central-1"


@pytest.mark.parametrize("typed", ["Hangzhou", "杭州", "region=杭州"])
def test_a_region_may_be_named_by_its_place(typed: str) -> None:
    assert started(f"{GATEWAY} {CONNECTION} {typed}").request.region == "cn-hangzhou"
    assert opened(typed, default_region=None) == FormValues(region="cn-hangzhou")


def test_without_any_region_the_form_asks_for_it() -> None:
    initial = opened(f"{GATEWAY} {CONNECTION}", default_region=None)

    assert initial == FormValues(gateway_id=GATEWAY, connection_id=CONNECTION)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        pytest.param(GATEWAY, {"gateway_id": GATEWAY}, id="the gateway alone"),
        pytest.param(CONNECTION, {"connection_id": CONNECTION}, id="the connection alone"),
        pytest.param("10.8.0.1", {"source_ip": "10.8.0.1"}, id="an address alone"),
        pytest.param("from 10.8.0.1", {"source_ip": "10.8.0.1"}, id="from, and no to"),
        pytest.param("to 10.8.0.1", {"destination_ip": "10.8.0.1"}, id="to, and no from"),
        pytest.param("到10.8.0.1", {"destination_ip": "10.8.0.1"}, id="to, in Chinese"),
        pytest.param("please diagnose my VPN", {}, id="nothing but words"),
        pytest.param("请帮我诊断一下", {}, id="nothing but words, in Chinese"),
        pytest.param(
            f"{GATEWAY} {CONNECTION} destination=10.8.0.1",
            {"gateway_id": GATEWAY, "connection_id": CONNECTION, "destination_ip": "10.8.0.1"},
            id="one address of two",
        ),
    ],
)
def test_what_is_right_but_not_enough_opens_the_form_filled_in(text: str, filled: dict[str, str]) -> None:
    assert opened(text) == FormValues(region="cn-hangzhou", **filled)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("vpn-bp1****", [("form.gateway_masked", "vpn-bp1****")], id="a masked ID"),
        pytest.param(f"gateway={CONNECTION}", [("form.gateway_is_a_connection", CONNECTION)], id="the other kind"),
        pytest.param("cn-hangzou", [("form.region_misspelt", "cn-hangzou")], id="a misspelt region"),
        pytest.param("frankfort", [("form.region_misspelt", "frankfort")], id="a misspelt city"),
        pytest.param("xx-nowhere-9", [("form.region_unknown", "xx-nowhere-9")], id="an unknown region"),
        pytest.param("10.0.0.0/8", [("form.address_is_a_range", "10.0.0.0/8")], id="CIDR"),
        pytest.param("fd00::1", [("form.address_is_ipv6", "fd00::1")], id="IPv6"),
        pytest.param("::1/64", [("form.address_is_a_range", "::1/64")], id="CIDR of IPv6"),
        pytest.param("10.8.0.01", [("form.address_leading_zeros", "10.8.0.01")], id="a leading zero"),
        pytest.param("١٠.8.0.1", [("form.address_foreign_digits", "١٠.8.0.1")], id="Arabic digits"),
        pytest.param("tomorrow", [("form.word_unknown", "tomorrow")], id="a word"),
        pytest.param(
            "from 10.0.0.1 to nowhere",
            [("form.end_unclear", "to"), ("form.word_unknown", "nowhere")],
            id="to no address",
        ),
        pytest.param("from to 10.0.0.1", [("form.end_unclear", "from")], id="from nothing"),
        pytest.param(
            "from nothing", [("form.end_unclear", "from"), ("form.word_unknown", "nothing")], id="no address"
        ),
        pytest.param("from 10.0.0.1 from 10.0.0.2", [("form.word_repeated", "from=10.0.0.2")], id="from twice"),
        pytest.param("to 10.0.0.0/8", [("form.address_is_a_range", "10.0.0.0/8")], id="to a range"),
        pytest.param("please do diagnose", [("form.word_unknown", "do")], id="a word among such as say nothing"),
        pytest.param("请不要诊断vpn-a", [("form.word_unknown", "请不要")], id="a Chinese word among such"),
        pytest.param("请检查杭洲", [("form.word_unknown", "杭洲")], id="a place that is none"),
        pytest.param("cgw-bp1abc", [("form.word_unknown", "cgw-bp1abc")], id="another resource"),
        pytest.param("color=red", [("form.word_unknown", "color=red")], id="an unknown key"),
        pytest.param(
            "help me", [("form.sub_command_not_alone", "help"), ("form.word_unknown", "me")], id="help and more"
        ),
        pytest.param(f"WhoAmI {GATEWAY}", [("form.sub_command_not_alone", "WhoAmI")], id="a sub-command and more"),
        pytest.param(
            "show last", [("form.word_unknown", "show"), ("form.sub_command_not_alone", "last")], id="last behind"
        ),
        pytest.param("请问", [("form.word_unknown", "请问")], id="a Chinese word that begins like another"),
        pytest.param(
            "找不到 10.0.0.1", [("form.word_unknown", "找不到")], id="a Chinese word that ends like another"
        ),
        pytest.param("收到10.0.0.1", [("form.word_unknown", "收到")], id="one beside an address"),
        pytest.param("10.0.0.1到不了", [("form.word_unknown", "到不了")], id="one behind an address"),
        pytest.param("资源组", [("form.word_unknown", "资源组")], id="one with another in the middle"),
        pytest.param(f"{GATEWAY} vpn-second", [("form.word_repeated", "vpn-second")], id="two gateways"),
        pytest.param("1.1.1.1 2.2.2.2 3.3.3.3", [("form.word_repeated", "3.3.3.3")], id="three addresses"),
        pytest.param("region=cn-hangzhou cn-qingdao", [("form.word_repeated", "cn-qingdao")], id="two regions"),
        pytest.param("source= destination=10.0.0.1", [("form.source_missing", None)], id="nothing for the source"),
        pytest.param(
            "source=10.0.0.1 destination =", [("form.destination_missing", None)], id="nothing at the end"
        ),
        pytest.param(
            "Source = Destination = 10.0.0.1", [("form.source_missing", None)], id="nothing, with blanks"
        ),
        pytest.param("gateway= connection=vco-a", [("form.gateway_missing", None)], id="nothing for the gateway"),
        pytest.param("region= vpn-a,vco-b", [("form.region_unknown", "vpn-a")], id="a blank after a key"),
        pytest.param("region=, vpn-a", [("form.region_missing", None)], id="a comma after a key"),
        pytest.param("source==10.0.0.1", [("form.address_malformed", "=10.0.0.1")], id="a sign twice"),
    ],
)
def test_each_wrong_word_is_named(text: str, wrong: list[tuple[str, str]]) -> None:
    assert mistakes(text) == wrong


@pytest.mark.parametrize(
    ("addresses", "unclear"),
    [
        pytest.param("10.1.1.1 (source) -> 10.2.2.2", "source", id="brackets and an arrow"),
        pytest.param("10.1.1.1 (src)\n10.2.2.2", "src", id="brackets and a line break"),
        pytest.param("10.1.1.1（源IP） 10.2.2.2", "源IP", id="Chinese brackets"),
        pytest.param("10.1.1.1 【source】 10.2.2.2", "source", id="other brackets"),
        pytest.param("10.1.1.1 (from) 10.2.2.2", "from", id="brackets around from"),
        pytest.param("10.1.1.1 source, 10.2.2.2", "source", id="a comma"),
        pytest.param("10.1.1.1 the source; 10.2.2.2", "source", id="a semicolon"),
        pytest.param("10.1.1.1 source. 10.2.2.2", "source", id="a full stop"),
        pytest.param("10.1.1.1 source\n10.2.2.2", "source", id="a line break"),
        pytest.param("10.1.1.1 to\n\n10.2.2.2", "to", id="to, and line breaks"),
        pytest.param("10.2.2.2 to, 10.1.1.1", "to", id="to, and a comma"),
        pytest.param("10.1.1.1 source - 10.2.2.2", "source", id="a dash"),
        pytest.param("10.1.1.1 source => 10.2.2.2", "source", id="an arrow"),
        pytest.param("10.1.1.1 source and 10.2.2.2", "source", id="and"),
        pytest.param("10.1.1.1 source 10.2.2.2", "source", id="nothing but blanks, between two"),
        pytest.param("10.1.1.1 `source` 10.2.2.2", "source", id="code, between two"),
        pytest.param("10.1.1.1, source IP 10.2.2.2", "source", id="a comma before it"),
        pytest.param("10.1.1.1源地址,10.2.2.2", "源地址", id="Chinese"),
        pytest.param("10.1.1.1源地址10.2.2.2", "源地址", id="Chinese, between two"),
        pytest.param("10.2.2.2 (dest) 10.1.1.1", "dest", id="the destination"),
    ],
)
def test_an_end_that_may_belong_to_either_address_is_never_guessed(addresses: str, unclear: str) -> None:
    assert mistakes(f"{GATEWAY} {CONNECTION} {addresses}") == [("form.end_unclear", unclear)]


def test_a_sentence_about_an_end_is_not_guessed_at_either() -> None:
    text = f"{GATEWAY} {CONNECTION} 10.1.1.1 is the source, 10.2.2.2"

    assert mistakes(text) == [("form.word_unknown", "is"), ("form.end_unclear", "source")]


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        (f"thanks for {GATEWAY} {CONNECTION} in hangzhou", ["thanks"]),
        (f"show {GATEWAY} {CONNECTION} hangzhou", ["show"]),
        (f"thx, this is my {GATEWAY} and {CONNECTION} in cn-hangzhou", ["thx", "is"]),
        (f"谢谢，{GATEWAY} {CONNECTION} 杭州", ["谢谢"]),
        (f"Hello, {GATEWAY} {CONNECTION}", ["Hello"]),
        (f"hi {GATEWAY} {CONNECTION}", ["hi"]),
        (f"hey {GATEWAY} {CONNECTION}", ["hey"]),
    ],
)
def test_talk_about_a_connection_starts_nothing(text: str, talk: list[str]) -> None:
    assert mistakes(text) == [("form.word_unknown", word) for word in talk]


def test_mistakes_come_in_the_order_of_the_words() -> None:
    text = f"tomorrow destination=10.0.0.0/8 vpn-**** {CONNECTION} cn-hangzou"

    assert [value for _, value in mistakes(text)] == ["tomorrow", "10.0.0.0/8", "vpn-****", "cn-hangzou"]


def test_one_wrong_word_stops_a_command_that_is_complete_otherwise() -> None:
    assert mistakes(f"{GATEWAY} {CONNECTION} now") == [("form.word_unknown", "now")]


def test_addresses_that_are_the_same_are_pointed_out() -> None:
    assert mistakes(f"{GATEWAY} {CONNECTION} 10.8.0.1 10.8.0.1") == [("form.addresses_equal", "10.8.0.1")]


def test_an_address_that_is_left_empty_is_as_if_it_had_not_been_typed() -> None:
    assert opened(f"{GATEWAY} source=") == FormValues(region="cn-hangzhou", gateway_id=GATEWAY)


WORDS = st.sampled_from(
    [
        GATEWAY,
        CONNECTION,
        "cn-hangzhou",
        "10.8.0.1",
        "192.168.1.1",
        "help",
        "region=",
        "source=x",
        "from",
        "to",
        "source,",
        "please",
        "请",
    ]
)


@given(text=st.text(max_size=200) | st.lists(WORDS | st.text(max_size=10), max_size=8).map(" ".join))
def test_any_text_is_understood_or_explained(text: str) -> None:
    command = read(text)

    assert not isinstance(command, Mistakes) or command.problems


@pytest.mark.parametrize("region", sorted(KNOWN))
def test_no_word_of_a_region_is_taken_for_one_that_says_nothing(region: str) -> None:
    for place in (region, PLACES[region], PLACES_IN_CHINESE[region]):
        if " " not in place:
            assert started(f"{GATEWAY} {CONNECTION} {place}").request.region == region
            assert started(f"请检查{place} {GATEWAY} {CONNECTION}").request.region == region


@given(words=st.permutations([GATEWAY, CONNECTION, "from 192.168.1.1", "to 10.8.0.1", "in Hangzhou", "please"]))
def test_the_order_of_what_belongs_together_does_not_matter(words: list[str]) -> None:
    assert started(" ".join(words)).request.addresses == ADDRESSES


@given(words=st.permutations([GATEWAY, CONNECTION, "cn-hangzhou"]))
def test_the_order_of_the_words_does_not_matter(words: list[str]) -> None:
    assert started(" ".join(words)) == started(f"{GATEWAY} {CONNECTION} cn-hangzhou")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("healp", "help"),
        ("Histoory here", "history"),
        ("please whoam", "whoami"),
        ("lasst", "last"),
        ("hlep", "help"),
        ("Hlep me", "help"),
        ("whaomi", "whoami"),
        ("lats", "last"),
        ("heap", None),
        ("held", None),
        ("list", None),
        ("salt", None),
        ("cgw-help", None),
        ("hosts", None),
        ("hello-world", None),
        (f"{GATEWAY} healp", None),
    ],
)
def test_a_slip_of_a_sub_command_is_told_from_other_words(text: str, meant: str | None) -> None:
    answer = read(text)
    assert isinstance(answer, Mistakes)

    assert answer.problems[0].facts.get("suggestion") == meant


def test_a_page_that_was_pasted_is_a_mistake_for_each_word() -> None:
    assert len(mistakes("word " * 800)) == 800


def test_blanks_between_words_say_nothing_however_many_there_are() -> None:
    blanks = " \t\n\u3000" * 900

    assert mistakes(f"x{blanks}y") == [("form.word_unknown", "x"), ("form.word_unknown", "y")]
    assert started(f"gateway{blanks}={GATEWAY} {CONNECTION}").request.gateway_id == GATEWAY


def test_the_longest_text_is_read() -> None:
    assert isinstance(read("a" + " " * (LONGEST_TEXT - 2) + "b"), Mistakes)


@pytest.mark.parametrize("filling", [" ", "=", " =", "a", "-", ":", ",", "cn-", "1.", "vpn-a ", "\u200b"])
@pytest.mark.parametrize("length", [LONGEST_TEXT + 1, 250_000])
def test_a_text_that_is_longer_than_that_is_not_looked_at(length: int, filling: str) -> None:
    assert read("a" + (filling * length)[: length - 2] + "b") == TooLong()
