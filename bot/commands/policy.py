"""`vpn-diagnose policy`: the RAM policies and the trust policy to attach, as JSON."""

import argparse
import json
import re

from bot.model.ids import VpnGatewayId

SUMMARY = "print the RAM policy and the trust policy that a role needs, as JSON"

# Stands for the ARN of a role until the real one is written there.
ANY_ROLE = "acs:ram:*:ACCOUNT_ID:role/vpn-diagnose-oncall"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the gateways to narrow the policy to, and who may assume the role."""
    parser.add_argument(
        "--gateway",
        action="append",
        default=[],
        type=_gateway,
        metavar="ID",
        help="narrow what can be narrowed to this VPN gateway (vpn-…); may be given several times",
    )
    parser.add_argument(
        "--account",
        type=_account,
        metavar="ID",
        help="the account's ID, to be filled in for ACCOUNT_ID",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the three policies as one JSON object, each to be pasted where its name says."""
    from bot.access.policy import BOT_USER, base_policy, ram_policy, trust_policy

    account = arguments.account or "ACCOUNT_ID"
    policies = {
        "RolePolicy": ram_policy(arguments.gateway, account=arguments.account),
        "RoleTrustPolicy": trust_policy([BOT_USER.replace("ACCOUNT_ID", account)]),
        "BotUserPolicy": base_policy([ANY_ROLE.replace("ACCOUNT_ID", account)]),
    }
    print(json.dumps(policies, indent=2))
    return 0


def _gateway(text: str) -> VpnGatewayId:
    try:
        return VpnGatewayId(text)
    except ValueError as error:
        message = f"{text!r} is not the ID of a VPN gateway (vpn- and then small letters and digits)"
        raise argparse.ArgumentTypeError(message) from error


def _account(text: str) -> str:
    if not re.fullmatch(r"[0-9]{10,20}", text):
        message = f"{text!r} is not the ID of an account (digits; the console shows it under your picture)"
        raise argparse.ArgumentTypeError(message)
    return text
