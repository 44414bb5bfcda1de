"""The packaged network.yml is the documentation of its own format: nothing that may stand in one is left out."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from bot.alibaba.ram_policy import Policy
from bot.emulators.alibaba.network import Network

TEXT = (files("bot.emulators.alibaba") / "network.yml").read_text(encoding="utf-8")


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a model and all that it is made of, but RAM's own grammar, which is documented elsewhere."""
    yield model
    for field in model.model_fields.values():
        for part in parts(field.annotation):
            if part is not Policy:
                yield from models(part)


def parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from parts(argument)


KEYS = sorted(
    {
        (model.__name__, field.alias or name)
        for model in models(Network)
        for name, field in model.model_fields.items()
    }
)


@pytest.mark.parametrize(("model", "key"), KEYS, ids=str)
def test_every_key_is_shown_or_explained(model: str, key: str) -> None:
    del model

    assert key in TEXT
