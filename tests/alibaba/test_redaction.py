"""Secrets are taken out wherever a tunnel's configuration may hold them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alibaba.redaction import names_a_secret, redacted, redacted_lines
from bot.model.tokens import HIDDEN

SECRET = "hunter2-EXAMPLE"


@pytest.mark.parametrize(
    "value",
    [
        {"Psk": SECRET},
        {"IkeConfig": {"psk": SECRET, "LocalId": "1.2.3.4"}},
        {"BgpAuthKey": [SECRET]},
        {"preSharedKey": {"local": SECRET}},
        {"AccessKeySecret": SECRET, "SecurityToken": SECRET, "PASSWORD": SECRET, "passwd": SECRET},
        {"vcoConf": json.dumps({"Psk": SECRET})},
        {"vcoConf": json.dumps(json.dumps({"a": json.dumps({"Psk": SECRET})}))},
        [{"name": "Psk", "local": SECRET, "remote": [SECRET]}],
        f"ike_version=ikev2;psk={SECRET};lifetime=86400",
        f"the pre-shared key is {SECRET}",
        {f"psk={SECRET}": 1},
        '{"Psk": "' + SECRET,
    ],
    ids=repr,
)
def test_a_secret_is_hidden_wherever_it_stands(value: Any) -> None:
    assert SECRET not in json.dumps(redacted(value))


def test_what_is_no_secret_stays_as_it_is() -> None:
    value = {
        "IkeVersion": "ikev2",
        "lifetime": 86400,
        "subnets": ["10.0.0.0/8"],
        "dpd": True,
        "rtt": -1.0,
        "x": None,
    }

    assert redacted(value) == value


def test_the_name_of_a_setting_is_no_secret() -> None:
    assert redacted(["psk", "IkeConfig.Psk", "ike_lifetime"]) == ["psk", "IkeConfig.Psk", "ike_lifetime"]
    assert redacted({"name": "Psk", "local": SECRET}) == {"name": "Psk", "local": HIDDEN}


def test_a_text_that_holds_json_is_opened() -> None:
    assert redacted({"vcoConf": ' {"IkeVersion": "ikev2"}', "note": "{not JSON"}) == {
        "vcoConf": {"IkeVersion": "ikev2"},
        "note": "{not JSON",
    }


def test_what_is_nested_without_end_is_hidden_and_not_followed() -> None:
    value: Any = "deep"
    for _ in range(10):
        value = json.dumps("[" * 100 + json.dumps(value) + "]" * 100)

    assert "deep" not in json.dumps(redacted(json.loads(value)))


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=10), inner), max_leaves=20
)


@given(
    around=JSON,
    name=st.sampled_from(["Psk", "authKey", "SECRET", "x_password_y", "tokenId"]),
    as_text=st.booleans(),
)
def test_no_surroundings_uncover_a_secret(around: Any, name: str, *, as_text: bool) -> None:
    secret: Any = {name: SECRET}
    value = {"a": around, "b": [json.dumps(secret) if as_text else secret, around]}

    assert SECRET not in json.dumps(redacted(value))


def test_a_log_keeps_its_lines_up_to_what_may_be_a_secret() -> None:
    log = f"[IKE] initiating\n[IKE] psk={SECRET}\n[IKE] no shared key found for {SECRET}"

    assert redacted_lines(log) == "[IKE] initiating\n[IKE] psk=(hidden)\n[IKE] no shared key found for (hidden)"


@pytest.mark.parametrize(
    "text",
    [
        "S3CRET is the psk",
        "[IKE] using S3CRET as pre-shared key",
        "S3CRETpsk",
        "MonkeyS3CRET",
        "psk='some S3CRET'",
        "psk: key S3CRET",
        "the pre-shared key (S3CRET)",
        "预共享密钥S3CRET",
        "预共享密钥 S3CRET 不匹配",
        "S3CRET-psk",
        "psk=**S3CRET",
    ],
)
def test_a_secret_is_hidden_on_either_side_of_its_word(text: str) -> None:
    assert "S3CRET" not in redacted_lines(text)
    assert "S3CRET" not in str(redacted({"note": text, text: [text]}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("psk: secret", "psk:(hidden)"),
        ("the psk is password", "the psk (hidden)"),
        ("psk=!!!", "psk(hidden)"),
        ("key '!!' of", "key '(hidden)"),
    ],
)
def test_a_secret_that_is_an_ordinary_word_or_none_is_hidden(text: str, told: str) -> None:
    assert redacted_lines(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "Decryption failed! mismatch of preshared secrets",
        "The pre-shared key does not match.",
        "Both ends differ in their pre-shared keys.",
        "authentication with pre-shared key successful",
        "预共享密钥不匹配",
        "VpnBgpConfig.AuthKey",
        "TunnelIkeConfig.Psk",
        "psk:",
    ],
)
def test_what_is_known_to_be_none_is_kept(text: str) -> None:
    assert redacted_lines(text) == redacted(text) == text


@given(
    before=st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])),
    after=st.text(st.characters(exclude_categories=["Cs"])),
    word=st.sampled_from(["psk", "PSK", "pre-shared key", "AuthKey", "密钥"]),
)
def test_no_words_around_uncover_a_secret_of_the_same_line(before: str, after: str, word: str) -> None:
    for line in (f"{before} S3CRET {word}{after}", f"{before}{word} S3CRET {after}"):
        assert "S3CRET" not in redacted_lines(line)


def test_a_code_tells_whether_it_is_about_a_secret() -> None:
    assert [names_a_secret(code) for code in ("PskMismatch", "PeerMismatch")] == [True, False]


@pytest.mark.parametrize(
    "value",
    [
        {"name": "pre-shared key", "local": "S3CRET"},
        {"name": "psk_value", "local": "S3CRET"},
        {"k": "PskValue", "v": "S3CRET"},
        {"name": ["psk"], "local": "S3CRET"},
        ["psk", "S3CRET"],
        ["pre-shared key", "S3CRET", "S3CRET"],
    ],
    ids=str,
)
def test_a_secret_beside_any_name_for_it_is_hidden(value: object) -> None:
    assert "S3CRET" not in str(redacted(value))


def test_a_list_of_names_stays_readable() -> None:
    names = ["IkeEncAlg", "Psk", "IkeLifetime", "IkePfs"]

    assert redacted(names) == names


@pytest.mark.parametrize("text", ["psk:\n S3CRET", "the pre-shared key\nS3CRET", "token =\n'S3CRET'"])
def test_a_secret_on_the_line_after_its_name_is_hidden(text: str) -> None:
    assert "S3CRET" not in redacted_lines(text)


@pytest.mark.parametrize(
    "text",
    [
        "cloud: hunter2x\npsk differs",
        "PSK:\n-\nhunter2x",
        "pre-shared-key for peer 1.2.3.4\nhunter2x",
        "[IKE] psk of 1.2.3.4\n[IKE] hunter2x",
        "using preshared: hunter2x",
        "passphrase hunter2x",
        "pass phrase: hunter2x",
        "pwd=hunter2x",
        "秘钥: hunter2x",
        "预共享 hunter2x",
        "預共享 hunter2x",
        "\uff30\uff33\uff2b\uff1ahunter2x",
        "P\u200bSK hunter2x",
    ],
)
def test_a_secret_is_hidden_by_any_word_for_it_and_in_any_line_about_it(text: str) -> None:
    assert "hunter2x" not in redacted_lines(text)
    assert "hunter2x" not in str(redacted({"log": text.replace("\n", " ")}))


@pytest.mark.parametrize(
    "value",
    [
        {"vcoDiffConf": [["Psk", "hunter2x", "b", "c"]]},
        {"vcoDiffConf": ["hunter2x", "Psk"]},
        {"vcoDiffConf": [["Psk"], ["hunter2x"]]},
        ["Psk", {"local": "hunter2x"}, 1, 2],
        {"item": {"n": "Psk"}, "v": "hunter2x"},
        {"item": {"n": "Psk", "id": 3}, "v": {"local": ["hunter2x"]}},
        [{"n": "Psk"}, {"v": "hunter2x"}],
        {"preShared": "hunter2x"},
        {"passphrase": "hunter2x"},
        {"pwd": "hunter2x"},
        {"\uff30\uff53\uff4b": "hunter2x"},
    ],
    ids=str,
)
def test_a_secret_beside_a_name_that_is_nested_or_new_is_hidden(value: object) -> None:
    assert "hunter2x" not in str(redacted(value))


def test_records_that_are_not_about_a_secret_stay_readable() -> None:
    records = [{"n": "Psk", "local": "hunter2x"}, {"n": "IkeVersion", "local": "ikev1"}]

    assert redacted(records) == [{"n": "Psk", "local": HIDDEN}, {"n": "IkeVersion", "local": "ikev1"}]


def test_entries_of_a_log_that_are_not_about_a_secret_are_kept() -> None:
    log = "[IKE] initiating\nto 203.0.113.9\n[IKE] psk=hunter2x\n[IKE] gave up"

    assert redacted_lines(log) == "[IKE] initiating\nto 203.0.113.9\n[IKE] psk=(hidden)\n[IKE] gave up"


def test_settings_beside_a_key_are_told_whatever_the_key_looks_like() -> None:
    ours = {"IkeEncAlg": "aes256", "Psk": "our-psk-2026", "IkeLifetime": 86400}
    theirs = {"IkeEncAlg": "aes", "Psk": "their-psk-2026", "IkeLifetime": 86400}

    told = redacted({"vcoConf": ours, "vcoRunningConf": theirs, "vcoDiffConf": ["IkeEncAlg", "Psk"]})

    assert told["vcoConf"] == {"IkeEncAlg": "aes256", "Psk": HIDDEN, "IkeLifetime": 86400}
    assert told["vcoRunningConf"]["IkeEncAlg"] == "aes"
    assert told["vcoDiffConf"] == ["IkeEncAlg", "Psk"]
