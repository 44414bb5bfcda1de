"""`vpn-diagnose policy`: the RAM policies and the trust policy to attach, as JSON; what each is for, beside it."""

import argparse
import json
import re
import sys
from typing import TYPE_CHECKING

from bot.commands.arguments import gateway, region

if TYPE_CHECKING:
    from bot.access.policy import Part

SUMMARY = "print the RAM policy and the trust policy that a role needs, as JSON"

# Stands for the ARN of a role until the real one is written there.
ANY_ROLE = "acs:ram:*:ACCOUNT_ID:role/vpn-diagnose-oncall"

_EXTERNAL_ID = (
    "For an identity with an external_id in access.yml, add this to RoleTrustPolicy's statement, with the value:\n"
    '  "Condition": {"StringEquals": {"sts:ExternalId": "THE_EXTERNAL_ID"}}'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what the policies are narrowed to, and who may assume the role."""
    parser.add_argument(
        "--gateway",
        action="append",
        default=[],
        type=gateway,
        metavar="ID",
        help="narrow what can be narrowed to this VPN gateway (vpn-…); may be given several times",
    )
    parser.add_argument("--region", type=region, metavar="ID", help="narrow it to this region as well")
    parser.add_argument(
        "--account",
        type=_account,
        metavar="ID",
        help="the account's ID, to be filled in for ACCOUNT_ID",
    )
    parser.add_argument(
        "--bot",
        type=_principal,
        metavar="ARN",
        help="the bot's own RAM user or role (acs:ram::…:user/… or role/…), to be trusted by the role",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the three policies as one JSON object, each to be pasted where its name says.

    What each statement is for goes to standard error, so that standard output stays JSON.
    """
    from bot.access.policy import BOT_USER, base_parts, document, role_parts, trust_parts

    account = arguments.account or "ACCOUNT_ID"
    bot = arguments.bot or BOT_USER.replace("ACCOUNT_ID", account)
    policies = {
        "RolePolicy": role_parts(arguments.gateway, arguments.region, arguments.account),
        "RoleTrustPolicy": trust_parts([bot]),
        "BotUserPolicy": base_parts([ANY_ROLE.replace("ACCOUNT_ID", account)]),
    }
    for name, parts in policies.items():
        print(_explained(name, parts), file=sys.stderr)
    print(_EXTERNAL_ID, file=sys.stderr)
    print(json.dumps({name: document(parts) for name, parts in policies.items()}, indent=2))
    return 0


def _explained(name: str, parts: "tuple[Part, ...]") -> str:
    numbered = (f"  statement {number} {part.why}" for number, part in enumerate(parts, 1))
    return "\n".join((f"{name}:", *numbered))


def _account(text: str) -> str:
    if not re.fullmatch(r"[0-9]{10,20}", text):
        message = f"{text!r} is not the ID of an account (digits; the console shows it under your picture)"
        raise argparse.ArgumentTypeError(message)
    return text


def _principal(text: str) -> str:
    if not re.fullmatch(r"acs:ram::[0-9]{10,20}:(user|role)/[A-Za-z0-9@._-]{1,128}", text):
        message = f"{text!r} is not the ARN of a RAM user or role (acs:ram::ACCOUNT:user/NAME)"
        raise argparse.ArgumentTypeError(message)
    return text
