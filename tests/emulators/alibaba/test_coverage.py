"""coverage.yml says what the emulator does; it has to be true."""

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
import yaml

from bot.emulators.alibaba import AlibabaEmulator, load_network
from bot.emulators.alibaba.operations import Operation

STATES = {"exact", "partial", "absent"}
COVERAGE: dict[str, Any] = yaml.safe_load(
    (files("bot.emulators.alibaba") / "coverage.yml").read_text(encoding="utf-8")
)
EMULATED: dict[tuple[str, str], Operation] = {
    (operation.name, product.version): operation
    for product in AlibabaEmulator(load_network(), lambda: datetime.now(UTC)).products
    for operation in product.operations
}


def test_exactly_what_is_not_absent_is_emulated() -> None:
    said = {(name, one["version"]) for name, one in COVERAGE["operations"].items() if one["state"] != "absent"}

    assert said == EMULATED.keys()


@pytest.mark.parametrize("operation", EMULATED.values(), ids=lambda operation: operation.name)
def test_every_mandatory_parameter_is_accounted_for(operation: Operation) -> None:
    assert set(operation.required) <= COVERAGE["operations"][operation.name]["parameters"].keys()


def test_whatever_is_not_exact_says_why() -> None:
    parts = {**COVERAGE["gateway"], **COVERAGE["operations"]}

    assert {one["state"] for one in parts.values()} <= STATES
    assert [name for name, one in parts.items() if one["state"] == "partial" and not one.get("note")] == []
    for operation in COVERAGE["operations"].values():
        assert set(operation.get("parameters", {}).values()) <= STATES
