"""`vpn-diagnose settings`: every setting, its default and its meaning."""

import argparse
import textwrap

from pydantic import SecretStr

from bot.settings import variables

SUMMARY = "list every setting with its unit, default and meaning"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Print the settings; values that are set are not shown, since some are secrets."""
    del arguments
    print("Set them in the environment, or in a file named .env in the working directory.\n")
    for name, field in variables().items():
        print(f"{name}  ({_default(field.default)})")
        print(textwrap.fill(field.description or "", width=96, initial_indent="    ", subsequent_indent="    "))
    return 0


def _default(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    return "not set" if default is None else f"default: {default}"
