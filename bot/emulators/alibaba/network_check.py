"""Make a network of plain data: strictly, and with the place and the words for everything that is wrong in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.network_rules import broken_rules
from bot.emulators.alibaba.yaml_document import Place

_WORDS = {
    "extra_forbidden": "there is no such key",
    "model_type": "should have keys and values",
    "dict_type": "should have keys and values",
    "tuple_type": "should be a list",
    "ip_v4_network": "should be a network such as 10.8.0.0/16, without bits beyond its prefix",
    "ip_v4_address": "should be an address such as 10.8.0.1",
    "too_short": "should not be empty",
}


class Wrong(Exception):
    """What is wrong in the data, by its place."""

    def __init__(self, mistakes: Mapping[Place, str]) -> None:
        super().__init__("; ".join(mistakes.values()))
        self.mistakes = mistakes


def checked_network(data: Any) -> Network:
    """Make a network; raises Wrong."""
    try:
        network = Network.model_validate(data)
    except ValidationError as error:
        raise Wrong(_told(error.errors())) from None
    broken = dict(broken_rules(network))
    if broken:
        raise Wrong(broken)
    return network


def _told(errors: Sequence[ErrorDetails]) -> dict[Place, str]:
    """Put errors into words. A list that is too short only because its items are wrong is not told."""
    told = {tuple(error["loc"]): _in_words(error) for error in errors if error["type"] != "too_short"}
    return told or {tuple(error["loc"]): _in_words(error) for error in errors}


def _in_words(error: ErrorDetails) -> str:
    """Say what is wrong without repeating the value, which may be a secret."""
    where = ".".join(str(step) for step in error["loc"] if isinstance(step, str)) or "the file"
    match error["type"]:
        case "missing":
            return f"{where} is missing"
        case "string_type":
            return f"{where} should be text; put it in quotes"
    return f"{where}: {_WORDS.get(error['type']) or error['msg'].removeprefix('Value error, ')}"
