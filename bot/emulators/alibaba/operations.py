"""An operation of the emulated API: its name and version, what it may be given, and what it does."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.emulators.alibaba.callers import Caller
from bot.emulators.alibaba.refusals import Refusal

_MEMBER = re.compile(r"([A-Za-z]+)\.([0-9]{1,3})(?:\.([A-Za-z]+))?", re.ASCII)

# What every operation may be sent (https://www.alibabacloud.com/help/en/user-center/developer-reference/common-parameters):
# the official SDKs do so in calls without a signature. RegionId is what their older cores add to every call.
COMMON_PARAMETERS = frozenset(
    {"AccessKeyId", "Action", "Format", "RegionId", "SecurityToken", "Timestamp", "Version"}
    | {"Signature", "SignatureMethod", "SignatureNonce", "SignatureType", "SignatureVersion"}
)

# Of another account's user or resource: operations of VPC have them, and they are taken and ignored.
OWNERS = ("OwnerAccount", "OwnerId", "ResourceOwnerAccount", "ResourceOwnerId")


@dataclass(frozen=True)
class Operation:
    """`carry_out` decides authorization first, then its parameters; raises Refusal.

    A name among the parameters that ends in `.N` is a list (`TunnelIds.1`, `TunnelIds.2`), and one that goes on
    after it a list of objects (`Tag.1.Key`). Those that are `ignored` are taken, and nothing comes of them. An
    operation that is `anonymous` takes calls without a signature.
    """

    name: str
    required: tuple[str, ...]
    carry_out: Callable[["Call"], "Answer"]
    optional: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    methods: frozenset[str] = frozenset({"GET", "POST"})
    anonymous: bool = False

    @cached_property
    def parameters(self) -> frozenset[str]:
        return frozenset({*self.required, *self.optional})

    def takes(self, name: str) -> bool:
        """Tell whether a parameter of this name is one of the operation's."""
        member = _MEMBER.fullmatch(name)
        declared = f"{member[1]}.N.{member[3]}".removesuffix(".None") if member else name
        return declared in self._taken

    @cached_property
    def _taken(self) -> frozenset[str]:
        return self.parameters | COMMON_PARAMETERS | {*self.ignored}


@dataclass(frozen=True)
class Call:
    """A call whose caller is known; `context` are the condition keys that RAM may ask for."""

    operation: Operation
    caller: Caller
    parameters: Mapping[str, str]
    now: datetime
    request_id: str
    context: Mapping[str, str]

    def parameter(self, name: str) -> str:
        """Give a parameter, or nothing: an empty one counts as not given. Only declared ones may be asked for."""
        if name not in self.operation.parameters:
            raise KeyError(name)
        return self.parameters.get(name, "")

    def listed(self, name: str) -> list[str]:
        """Give the values of `Name.1`, `Name.2`, …, in the order of their numbers."""
        return [member[""] for member in self.members(f"{name}.N") if member.get("")]

    def members(self, *declared: str) -> list[dict[str, str]]:
        """Give the objects of a list (`Tag.N.Key`, `Tag.N.Value`) as their fields, by their numbers."""
        if not self.operation.parameters.issuperset(declared):
            raise KeyError(*declared)
        wanted = declared[0].partition(".")[0]
        found: dict[int, dict[str, str]] = {}
        for name, value in self.parameters.items():
            match = _MEMBER.fullmatch(name)
            if match and match[1] == wanted:
                found.setdefault(int(match[2]), {})[match[3] or ""] = value
        return [found[number] for number in sorted(found)]


@dataclass(frozen=True)
class Answer:
    """What is answered besides the RequestId; `facts` are for the ledger."""

    body: Mapping[str, Any]
    facts: Mapping[str, Any]


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
