"""`vpn-diagnose policy`: the RAM policy and the trust policy to attach, as JSON."""

import argparse
import json

SUMMARY = "print the RAM policy and the trust policy that a role needs, as JSON"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the gateways to narrow the policy to."""
    parser.add_argument(
        "--gateway",
        action="append",
        default=[],
        metavar="ID",
        help="narrow what can be narrowed to this VPN gateway (vpn-…); may be given several times",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print both policies as one JSON object, ready to be pasted piece by piece."""
    from bot.access.policy import ram_policy, trust_policy

    print(json.dumps({"RamPolicy": ram_policy(arguments.gateway), "TrustPolicy": trust_policy()}, indent=2))
    return 0
