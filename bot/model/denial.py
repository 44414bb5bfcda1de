"""Why RAM said no, as the cloud itself decodes it."""

from typing import Literal

from bot.model.value import Value


class MatchedPolicy(Value):
    """A policy that took part in the decision; `version` is empty for one of the vendor's own."""

    effect: str
    name: str
    policy_type: str
    version: str
    attached_to: str
    scope: str


class Denial(Value):
    """Who was denied what; `explicit` tells a Deny from a missing Allow, None if it was not said.

    `policy_type` is the kind of policy that decided (`AccountLevelIdentityBasedPolicy`, `SessionPolicy`, …);
    `conditions` are the keys of the request with their values. `told_by` says how it is known: decoded by RAM,
    from the refusal itself, or from what is documented of the operation. `to_trust` is the ARN of whoever tried to
    assume a role, where that is known.
    """

    action: str
    resource: str
    principal: str
    principal_type: str
    account_id: str
    explicit: bool | None
    policy_type: str
    policies: tuple[MatchedPolicy, ...]
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    told_by: Literal["decoded", "refusal", "documentation"] = "decoded"
    to_trust: str = ""
