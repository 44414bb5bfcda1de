"""A denial by RAM for people: who was denied what by which kind of policy, and the least that would allow it."""

import json
import re
from typing import Any, Literal

from bot.explain.phrases import phrase
from bot.explain.sentences import cleaned, cut
from bot.model.denial import Denial
from bot.model.principal import without_session
from bot.model.problem import ProblemDetails
from bot.model.run import Language
from bot.model.value import Value

TRUST = "AssumeRolePolicy"

# The codes by which products say no, two of them with the vendor's own slips
# (www.alibabacloud.com/help/en/ram/user-guide/how-to-troubleshoot-access-errors-without-permission).
_CODES = frozenset({"ActionUnauthorized", "Forbbiden", "Forbedden", "Forbidden", "Forbidden.RAM", "NotAuthorized"})

How = Literal["implicit", "explicit", "session", "control", "trust", "unsaid"]

_BY_POLICY_TYPE: dict[str, How] = {TRUST: "trust", "SessionPolicy": "session", "ControlPolicy": "control"}
_BY_EXPLICITNESS: dict[bool | None, How] = {True: "explicit", False: "implicit", None: "unsaid"}

# Which entry of the catalogue says it; without one the code's own entry does.
_ENTRY: dict[How, str] = {
    "implicit": "access.denied_implicit",
    "explicit": "access.denied_explicit",
    "session": "access.denied_session",
    "control": "access.denied_control",
    "trust": "access.denied_trust",
}

# Foreign text that goes into a policy to be pasted, or nowhere.
_ACTION = re.compile(r"[a-z][a-z0-9-]{0,40}:[A-Za-z][A-Za-z0-9]{0,100}")
_RESOURCE = re.compile(r"\*|acs:[A-Za-z0-9:/._*?-]{1,500}")
_PRINCIPAL = re.compile(r"acs:ram::[0-9]{1,20}:(user|role)/[A-Za-z0-9@._-]{1,128}")

_LONGEST_NAME = 200
_ARN_PARTS = 5

# Which gateways it is for cannot be said in RAM.
_DIAGNOSE = "vpc:DiagnoseVpnGateway"


class RemedyWords(Value):
    """What would allow a denied call, as plain text.

    `document` is a whole policy in RAM's language, ready to be pasted where `before` says; None where no policy
    helps. `after` is what else is to be known.
    """

    title: str
    before: tuple[str, ...]
    document: str | None
    after: tuple[str, ...]


def is_denial(details: ProblemDetails) -> bool:
    """Tell whether a problem is RAM's no, or may be it."""
    code = details.code
    return code in _CODES or code.split(".")[0] == "NoPermission" or "denied_action" in details.facts


def how(denial: Denial) -> How:
    """Say in a word which kind of policy denied, or failed to allow."""
    return _BY_POLICY_TYPE.get(denial.policy_type) or _BY_EXPLICITNESS[denial.explicit]


def explained(details: ProblemDetails, denial: Denial) -> ProblemDetails:
    """Return the problem with what is known of the denial, so that its sentence says so.

    The sealed message is left out: it has been opened, or cannot be.
    """
    facts = {name: text for name, text in details.facts.items() if name != "encoded_diagnostic_message"}
    known = {
        "denied_action": denial.action,
        "denied_resource": _short(denial.resource),
        "denied_principal": _whom(denial.principal),
        "denied_owner": denial.account_id,
        "denied_kind": {True: "ExplicitDeny", False: "ImplicitDeny", None: ""}[denial.explicit],
        "denied_policies": ", ".join(_deciding(denial)),
        "explained_by": _ENTRY.get(how(denial), ""),
    }
    return details.changed(facts=facts | {name: text for name, text in known.items() if text})


def remedy_words(denial: Denial, language: Language) -> RemedyWords:
    """Say what would allow the call, and who can do that; the least of it, never more than was denied."""
    document = smallest_policy(denial)
    facts = _facts(denial)
    before = ("denial.who_what", f"denial.by_{how(denial)}", _mending(denial, document))
    return RemedyWords(
        title=phrase("denial.title", language),
        before=tuple(phrase(key, language, **facts) for key in before),
        document=json.dumps(document, indent=2) if document else None,
        after=tuple(phrase(key, language) for key in _notes(denial, document)),
    )


def _whom(principal: str) -> str:
    """Name a principal without its session: whose that is, the thread says."""
    if principal.startswith("acs:"):  # acs:ram::ACCOUNT:role/NAME/SESSION
        return "/".join(principal.rpartition(":")[2].split("/")[:2])
    return principal.partition(":")[0]  # NAME:SESSION


def smallest_policy(denial: Denial) -> dict[str, Any] | None:
    """Make the policy that allows what was denied, and nothing else; None where no Allow would help."""
    kind = how(denial)
    if kind in {"explicit", "session"} or (kind == "control" and denial.explicit):
        return None
    if not _ACTION.fullmatch(denial.action):
        return None
    if kind == "trust":
        principal = _trusted(denial.to_trust)
        return _policy(denial.action, Principal={"RAM": [principal]}) if principal else None
    return _policy(denial.action, Resource=denial.resource) if _RESOURCE.fullmatch(denial.resource) else None


def _mending(denial: Denial, document: dict[str, Any] | None) -> str:
    """Return the key of the phrase that says who can mend it."""
    key = f"denial.mend_{how(denial)}"
    if how(denial) == "explicit":
        return key if _deciding(denial) else f"{key}_unnamed"
    return key if document is not None or how(denial) == "session" else f"{key}_alone"


def _notes(denial: Denial, document: dict[str, Any] | None) -> list[str]:
    notes = ["denial.note_documentation"] if denial.told_by == "documentation" else []
    if document is not None and denial.action == _DIAGNOSE:
        notes.append("denial.note_all_resources")
    return notes


def _facts(denial: Denial) -> dict[str, str]:
    facts = {
        "principal": denial.principal,
        "action": denial.action,
        "resource": denial.resource,
        "account": _account_to_mend(denial),
        "holder": _whom(denial.principal),
        "policies": ", ".join(_deciding(denial)),
    }
    return {name: cut(cleaned(text), _LONGEST_NAME) or "?" for name, text in facts.items()}


def _account_to_mend(denial: Denial) -> str:
    """Return the account whose policy it is: a trust policy is the role's, any other the caller's."""
    parts = denial.resource.split(":", 4)
    return parts[3] if how(denial) == "trust" and len(parts) == _ARN_PARTS else denial.account_id


def _policy(action: str, **on: Any) -> dict[str, Any]:
    return {"Version": "1", "Statement": [{"Effect": "Allow", "Action": action, **on}]}


def _trusted(arn: str) -> str | None:
    """Return whom a trust policy names for a caller: for a role's session that is the role."""
    principal = without_session(arn)
    return principal if _PRINCIPAL.fullmatch(principal) else None


def _deciding(denial: Denial) -> list[str]:
    """Name the policies that denied; one without a name is none of the account's."""
    return [policy.name for policy in denial.policies if policy.name and policy.effect != "Allow"]


def _short(resource: str) -> str:
    """Return the part of an ARN that people know it by; nothing for all resources."""
    return "" if resource == "*" else resource.split(":", 4)[-1]
