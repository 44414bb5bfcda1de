import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.emulators.alibaba.seal import LONGEST, Seal

MESSAGE = {"AuthAction": "vpc:DiagnoseVpnGateway", "AuthConditions": []}


def test_what_is_sealed_can_be_opened_again() -> None:
    seal = Seal(os.urandom)

    assert seal.decode(seal.encode(MESSAGE)) == MESSAGE
    assert seal.encode(MESSAGE).startswith("AQEAAAAA")


def test_nobody_else_can_read_it() -> None:
    text = Seal(os.urandom).encode(MESSAGE)

    assert b"Diagnose" not in base64.b64decode(text)
    with pytest.raises(ValueError, match="not sealed here"):
        Seal(os.urandom).decode(text)


@given(st.text(max_size=200))
def test_anything_else_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever the reason is
        Seal(os.urandom).decode(text)


def test_a_text_without_end_is_not_looked_at() -> None:
    with pytest.raises(ValueError, match="too long"):
        Seal(os.urandom).decode("A" * (LONGEST + 1))
