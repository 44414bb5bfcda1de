"""RAM's policy language: a document parsed strictly, and the verdict of its statements on one action.

Sources, read November 2026: https://www.alibabacloud.com/help/en/ram/policy-structure-and-syntax,
https://www.alibabacloud.com/help/en/ram/policy-elements and
https://www.alibabacloud.com/help/en/ram/policy-evaluation-process.

An action counts in any case ("in most cases, the value of the Action element is not case-sensitive"), a resource
only as it is written. What the present grammar does not have is refused: `NotResource`, which older ones had; a
`Statement` that is one object instead of a list (a single value stands for a list of one in the elements of a
statement, and `Statement` is none of them); and a name that comes twice in an object, which readers of JSON take
differently (RFC 7159, to which the grammar refers, leaves open how).
"""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import from_json

from bot.alibaba.ram_conditions import OPERATORS, matches
from bot.model.value import Value

_NOTHING_KNOWN: Mapping[str, str] = MappingProxyType({})


class Verdict(StrEnum):
    """The three results of an evaluation, in the spelling of AccessDeniedDetail's NoPermissionType."""

    ALLOW = "Allow"
    EXPLICIT_DENY = "ExplicitDeny"
    IMPLICIT_DENY = "ImplicitDeny"


def _listed(value: Any) -> Any:
    """Make a single value a list of one: the grammar says that both mean the same."""
    return value if isinstance(value, list | tuple) else [value]


def _spelled(value: Any) -> Any:
    """Spell true, false and numbers as texts, which is how documents usually give them."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


_Text = Annotated[str, Field(min_length=1)]
_Texts = Annotated[tuple[_Text, ...], BeforeValidator(_listed), Field(min_length=1)]
_Values = Annotated[
    tuple[Annotated[str, BeforeValidator(_spelled)], ...], BeforeValidator(_listed), Field(min_length=1)
]


class Statement(Value):
    """One statement; exactly one of Action and NotAction is there, and every condition can be evaluated."""

    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    action: _Texts | None = Field(default=None, alias="Action")
    not_action: _Texts | None = Field(default=None, alias="NotAction")
    resource: _Texts = Field(alias="Resource")
    condition: dict[str, dict[_Text, _Values]] = Field(default_factory=dict, alias="Condition")

    @model_validator(mode="after")
    def _one_kind_of_action(self) -> Self:
        if (self.action is None) == (self.not_action is None):
            message = "a statement has either Action or NotAction"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _conditions_that_can_be_evaluated(self) -> Self:
        for name, keys in self.condition.items():
            if name not in OPERATORS:
                message = f"{name} is not a condition operator"
                raise ValueError(message)
            for wanted in (one for values in keys.values() for one in values):
                OPERATORS[name].read_wanted(wanted)
        return self

    def applies(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        return (
            self._names_action(action)
            and any(matches(pattern, resource) for pattern in self.resource)
            and self._holds(context)
        )

    def _names_action(self, action: str) -> bool:
        named = any(matches(pattern.lower(), action.lower()) for pattern in self.action or self.not_action or ())
        return named is (self.not_action is None)

    def _holds(self, context: Mapping[str, str]) -> bool:
        return all(
            OPERATORS[name].holds(wanted, context.get(key))
            for name, keys in self.condition.items()
            for key, wanted in keys.items()
        )


class Policy(Value):
    """A policy document; whatever the grammar does not know is refused with ValueError."""

    version: Literal["1"] = Field(alias="Version")
    statements: tuple[Statement, ...] = Field(alias="Statement", min_length=1)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a document's text; raises ValueError for what is no policy."""
        from_json(
            text, allow_inf_nan=False
        )  # the standard library's parser lets NaN and bottomless nesting through
        return cls.model_validate(json.loads(text, object_pairs_hook=_with_each_name_once))


def _with_each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        message = "a name comes twice in an object"
        raise ValueError(message)
    return fields


def evaluate(
    statements: Iterable[Statement], action: str, resource: str, context: Mapping[str, str] = _NOTHING_KNOWN
) -> Verdict:
    """Decide one action on one resource: a Deny that applies wins over every Allow, and nothing is allowed unsaid.

    `context` holds the request's condition keys (`acs:SourceIp`, `acs:CurrentTime`, …) as text. A session policy
    narrows: evaluate it and the identity's own policies apart, and let the action happen only if both allow it.
    """
    effects = {statement.effect for statement in statements if statement.applies(action, resource, context)}
    if "Deny" in effects:
        return Verdict.EXPLICIT_DENY
    return Verdict.ALLOW if "Allow" in effects else Verdict.IMPLICIT_DENY
