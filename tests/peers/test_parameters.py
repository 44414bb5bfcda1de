"""What coverage.yml says of parameters leaves out none that the official SDKs can send."""

import inspect
import re
from importlib.resources import files
from typing import Any

import pytest
import yaml
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_sts20150401 import models as sts_models
from alibabacloud_vpc20160428 import models as vpc_models

OPERATIONS: dict[str, dict[str, Any]] = yaml.safe_load(
    (files("bot.emulators.alibaba") / "coverage.yml").read_text(encoding="utf-8")
)["operations"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_parameter_of_the_official_sdk_is_accounted_for(operation: str) -> None:
    assert OPERATIONS[operation]["parameters"].keys() == parameters_of_the_sdk(operation)


def parameters_of_the_sdk(operation: str) -> set[str]:
    """Read a request's model: `Tag.N.Key` is of a list of objects, `TunnelIds.N` one of a list of texts."""
    for models in (vpc_models, sts_models, ram_models):
        model = getattr(models, f"{operation}Request", None)
        if model is not None:
            return {
                parameter
                for name, kind in fields(model).items()
                for parameter in parameters(name, kind, getattr(models, f"{operation}Request{name}", None))
            }
    return set()


def parameters(name: str, kind: str, member: type | None) -> set[str]:
    if member is not None:
        return {f"{name}.N.{field}" for field in fields(member)}
    return {f"{name}.N"} if kind.startswith("List") else {name}


def fields(model: type) -> dict[str, str]:
    """Give the names that a model writes, and the types that its attributes are annotated with."""
    source = inspect.getsource(model)
    kinds = dict(re.findall(r"^        (\w+): ([\w.\[\]]+) = None,$", source, flags=re.MULTILINE))
    written = re.findall(r"result\['(\w+)'\] = self\.(\w+)", source)
    lists = re.findall(r"result\['(\w+)'\] = \[\]", source)
    return {name: kinds[attribute] for name, attribute in written} | dict.fromkeys(lists, "List")
