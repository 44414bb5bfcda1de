"""An operation of the emulated API: its name and version, what it must be given, and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.emulators.alibaba.callers import Caller
from bot.emulators.alibaba.refusals import Refusal


@dataclass(frozen=True)
class Call:
    """A call whose caller is known; `context` are the condition keys that RAM may ask for."""

    caller: Caller
    parameters: Mapping[str, str]
    now: datetime
    request_id: str
    context: Mapping[str, str]

    def parameter(self, name: str) -> str:
        """Give a parameter, or nothing: an empty one counts as not given."""
        return self.parameters.get(name, "")


@dataclass(frozen=True)
class Answer:
    """What is answered besides the RequestId; `facts` are for the ledger."""

    body: Mapping[str, Any]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """`carry_out` decides authorization first, then its parameters; raises Refusal."""

    name: str
    required: tuple[str, ...]
    carry_out: Callable[[Call], Answer]


@dataclass(frozen=True)
class Product:
    """A product of the cloud, told from others by the version of its API."""

    name: str
    version: str
    operations: tuple[Operation, ...]

    def operation(self, name: str) -> Operation:
        """Find an operation; raises Refusal."""
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise Refusal("InvalidAction.NotFound")
