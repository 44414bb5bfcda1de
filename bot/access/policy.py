"""The policies to attach in RAM: what the diagnosing role may do, who may assume it, what the bot's own user may.

Which operations can be narrowed to a gateway is in the authorization tables of their pages (Alibaba Cloud, VPN
Gateway, API reference of 2016-04-28, read November 2026). DiagnoseVpnGateway and DescribeRegions are authorized
on all resources or none: an Allow with a narrower resource grants nothing. What narrows the diagnosis is the
guardrail in access.yml.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

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


def ram_policy(
    gateways: Sequence[VpnGatewayId] = (), region: RegionId | None = None, account: str | None = None
) -> PolicyDocument:
    """Make the policy of the role that diagnoses: to diagnose, and to read gateways and connections; no changes.

    Without gateways it may read results of all; without region and account (an ID, 16 digits) of any.
    """
    place = f"acs:vpc:{region or '*'}:{account or '*'}"
    return _document(
        {
            "Effect": "Allow",
            "Action": ["vpc:DiagnoseVpnGateway", "vpc:DescribeRegions"],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": ["vpc:GetVpnGatewayDiagnoseResult", "vpc:DescribeVpnGateways"],
            "Resource": [f"{place}:vpngateway/{gateway}" for gateway in gateways or ("*",)],
        },
        {
            "Effect": "Allow",
            "Action": "vpc:DescribeVpnConnections",
            "Resource": f"{place}:vpnconnection/*",
        },
    )


def trust_policy(principals: Sequence[str] = (BOT_USER,), external_id: str | None = None) -> PolicyDocument:
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
    return _document(statement)


def base_policy(role_arns: Sequence[str]) -> PolicyDocument:
    """Make the policy of the bot's own RAM user or role: it may assume these roles and do nothing else."""
    return _document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(role_arns)})


def _document(*statements: PolicyStatement) -> PolicyDocument:
    return {"Version": "1", "Statement": list(statements)}
