"""Kinds of arguments that several commands take; a wrong one is wrong usage."""

import argparse

_LARGEST_PORT = 65_535


def port(text: str) -> int:
    """Read a port; 0 takes any free one."""
    if not text.isascii() or not text.isdecimal() or int(text) > _LARGEST_PORT:
        message = f"{text!r} is not a port: 0 to {_LARGEST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)
