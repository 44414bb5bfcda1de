"""The policies to attach in RAM: what the diagnosing role may do, who may assume it, what the bot's own user may.

Which operations can be narrowed to a gateway is in the authorization tables of their pages (Alibaba Cloud, VPN
Gateway, API reference of 2016-04-28, read November 2026). DiagnoseVpnGateway is authorized on all resources or
none: an Allow with a narrower resource grants nothing. What narrows the diagnosis is the guardrail in access.yml.
"""

from collections.abc import Sequence
from typing import NamedTuple, NotRequired, TypedDict

from bot.model.ids import RegionId, VpnGatewayId

BOT_USER = "acs:ram::ACCOUNT_ID:user/vpn-diagnose"
"""Stands for the bot's own RAM user until its real ARN is written there."""


class PolicyStatement(TypedDict):
    """One statement in the spelling of RAM."""

    Effect: str
    Action: str | list[str]
    Resource: NotRequired[str | list[str]]
    Principal: NotRequired[dict[str, list[str]]]
    Condition: NotRequired[dict[str, dict[str, str]]]


class PolicyDocument(TypedDict):
    """A policy as RAM takes it in its console, CLI and API."""

    Version: str
    Statement: list[PolicyStatement]


class Part(NamedTuple):
    """A statement and what it is for: RAM's grammar has no room for remarks."""

    statement: PolicyStatement
    why: str


def role_parts(
    gateways: Sequence[VpnGatewayId] = (), region: RegionId | None = None, account: str | None = None
) -> tuple[Part, ...]:
    """Make the policy of the role that diagnoses: to diagnose, and to read gateways and connections; no changes.

    Without gateways it may read results of all; without region and account (an ID, 16 digits) of any.
    """
    place = f"acs:vpc:{region or '*'}:{account or '*'}"
    return (
        Part(
            {
                "Effect": "Allow",
                "Action": ["vpc:DiagnoseVpnGateway", "vpc:DiagnoseVpnConnections"],
                "Resource": "*",
            },
            "starts diagnoses and asks why a tunnel is down. RAM can narrow neither: which"
            " gateways may be diagnosed is narrowed by the guardrail in access.yml.",
        ),
        Part(
            {
                "Effect": "Allow",
                "Action": ["vpc:GetVpnGatewayDiagnoseResult", "vpc:DescribeVpnGateways"],
                "Resource": [f"{place}:vpngateway/{gateway}" for gateway in gateways or ("*",)],
            },
            _why_gateways(gateways),
        ),
        Part(
            {"Effect": "Allow", "Action": "vpc:DescribeVpnConnections", "Resource": f"{place}:vpnconnection/*"},
            "looks at IPsec connections. RAM narrows this by connection and not by gateway. Without it a wrong"
            " connection is noticed only by the start.",
        ),
        Part(
            {"Effect": "Allow", "Action": "ram:DecodeDiagnosticMessage", "Resource": "*"},
            "lets a denial say which policy denied. It may be left out, and then less is said.",
        ),
    )


def _why_gateways(gateways: Sequence[VpnGatewayId]) -> str:
    why = "reads results and looks at gateways. Without the first nobody could read what was diagnosed."
    if not gateways:
        return why
    return f"{why} To list a region's gateways takes vpngateway/*: with this policy their IDs have to be typed."


def trust_parts(principals: Sequence[str] = (BOT_USER,), external_id: str | None = None) -> tuple[Part, ...]:
    """Make the role's trust policy: these RAM users or roles (ARNs) may assume it, with the external ID if any.

    Source: www.alibabacloud.com/help/en/ram/user-guide/edit-the-trust-policy-of-a-ram-role, read November 2026.
    """
    statement: PolicyStatement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"RAM": list(principals)},
    }
    if external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    why = "lets the bot assume the role, in a session that bears the name of whoever asks, and lets nobody else."
    return (Part(statement, why),)


def base_parts(role_arns: Sequence[str]) -> tuple[Part, ...]:
    """Make the policy of the bot's own RAM user or role: it may assume these roles and do nothing else."""
    why = "lets the bot assume these roles. It needs nothing else: what it does, it does as the one who asks."
    return (Part({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(role_arns)}, why),)


def document(parts: Sequence[Part]) -> PolicyDocument:
    """Put statements together, without what is said of them."""
    return {"Version": "1", "Statement": [part.statement for part in parts]}
