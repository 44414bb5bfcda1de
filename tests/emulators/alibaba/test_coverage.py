"""coverage.yml says what the emulator does; it has to be true."""

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
import yaml

from bot.emulators.alibaba import AlibabaEmulator, load_network
from bot.emulators.alibaba.operations import Operation
from bot.emulators.alibaba.quotas import DOCUMENTED

STATES = {"exact", "partial", "absent"}
COVERAGE: dict[str, Any] = yaml.safe_load(
    (files("bot.emulators.alibaba") / "coverage.yml").read_text(encoding="utf-8")
)
OPERATIONS: dict[str, dict[str, Any]] = COVERAGE["operations"]
EMULATED: dict[tuple[str, str], Operation] = {
    (operation.name, product.version): operation
    for product in AlibabaEmulator(load_network(), lambda: datetime.now(UTC)).products
    for operation in product.operations
}


def state(part: Any) -> str:
    return str(part if isinstance(part, str) else part["state"])


def test_exactly_what_is_not_absent_is_emulated() -> None:
    said = {(name, one["version"]) for name, one in OPERATIONS.items() if one["state"] != "absent"}

    assert said == EMULATED.keys()


@pytest.mark.parametrize("operation", EMULATED.values(), ids=lambda operation: operation.name)
def test_exactly_the_parameters_that_are_not_absent_are_taken(operation: Operation) -> None:
    said = OPERATIONS[operation.name]["parameters"]

    assert {name for name, part in said.items() if state(part) != "absent"} == operation.parameters
    assert {name for name, part in said.items() if state(part) == "absent"} == set(operation.ignored)


def test_an_operation_is_exact_only_if_its_parameters_are() -> None:
    for name, operation in OPERATIONS.items():
        if operation["state"] == "exact":
            assert "partial" not in {state(part) for part in operation["parameters"].values()}, name


def test_whatever_is_partial_says_how_far() -> None:
    parameters = {f"{name}.{p}": part for name, o in OPERATIONS.items() for p, part in o["parameters"].items()}
    parts = {**COVERAGE["gateway"], **COVERAGE["metadata"], **OPERATIONS, **parameters}

    assert {state(part) for part in parts.values()} <= STATES
    assert [name for name, part in parts.items() if state(part) == "partial" and not part["note"]] == []


def test_exactly_the_paths_of_metadata_are_served() -> None:
    routes = AlibabaEmulator(load_network(), lambda: datetime.now(UTC)).web_app().router.routes()
    served = {f"{route.method} {route.resource.canonical}" for route in routes if route.resource}

    # With and without a slash at the end are the same path, and whoever may GET may ask for the HEAD.
    latest = {path for path in served if "/latest/" in path and not path.startswith("HEAD")}
    assert latest - {"GET /latest/meta-data/ram/security-credentials"} == COVERAGE["metadata"].keys()


def test_every_operation_has_a_quota_or_is_known_to_have_none() -> None:
    assert DOCUMENTED.keys() == {name for name, _ in EMULATED}
