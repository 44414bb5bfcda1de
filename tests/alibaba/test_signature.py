"""The signature against vectors captured from the vendor's own SDKs and the vendor's worked example."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alibaba.signature import (
    EMPTY_BODY_SHA256,
    authorization,
    canonical_query,
    canonical_request,
    signature,
    string_to_sign,
)

VECTORS = json.loads(Path(__file__).with_name("acs3.json").read_text())["vectors"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]))

each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])


def canonical_of(vector: dict[str, Any]) -> str:
    return canonical_request(
        vector["method"],
        vector["path"],
        canonical_query(vector["query"]),
        vector["headers"],
        vector["signed_headers"],
        vector["headers"]["x-acs-content-sha256"],
    )


@each_vector
def test_the_canonical_request_is_the_sdks(vector: dict[str, Any]) -> None:
    assert canonical_of(vector) == vector["canonical_request"]


@each_vector
def test_the_string_to_sign_is_the_sdks(vector: dict[str, Any]) -> None:
    assert string_to_sign(vector["canonical_request"]) == vector["string_to_sign"]


@each_vector
def test_the_signature_is_the_sdks(vector: dict[str, Any]) -> None:
    assert signature(vector["access_key_secret"], vector["string_to_sign"]) == vector["signature"]


@each_vector
def test_the_authorization_header_is_the_sdks(vector: dict[str, Any]) -> None:
    header = authorization(
        vector["access_key_id"],
        vector["access_key_secret"],
        canonical_of(vector),
        list(reversed(vector["signed_headers"])),
    )

    assert header == vector["authorization"]


def test_the_hash_of_an_empty_body_is_the_one_in_the_vectors() -> None:
    assert VECTORS[0]["headers"]["x-acs-content-sha256"] == EMPTY_BODY_SHA256


def test_reserved_characters_and_names_are_encoded_as_rfc_3986_wants() -> None:
    query = canonical_query({"b b": "a+b *~/=&%\u5317", "Tag.1.Key": ""})

    assert query == "Tag.1.Key=&b%20b=a%2Bb%20%2A~%2F%3D%26%25%E5%8C%97"


@given(st.dictionaries(TEXT, TEXT))
def test_a_canonical_query_decodes_to_what_was_encoded(params: dict[str, str]) -> None:
    query = canonical_query(params)

    assert dict(parse_qsl(query, keep_blank_values=True)) == params


def test_header_names_count_in_any_case_and_values_are_trimmed() -> None:
    headers = {"HOST": " vpc.example ", "X-Acs-Date": "2026-01-02T03:04:05Z", "user-agent": "not signed"}

    canonical = canonical_request("POST", "/", "", headers, ["x-acs-date", "Host"], EMPTY_BODY_SHA256)

    assert canonical == (
        "POST\n/\n\nhost:vpc.example\nx-acs-date:2026-01-02T03:04:05Z\n\nhost;x-acs-date\n" + EMPTY_BODY_SHA256
    )


def test_a_signed_header_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        canonical_request("POST", "/", "", {}, ["host"], EMPTY_BODY_SHA256)
