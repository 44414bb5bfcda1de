"""The base of every domain value: frozen, strict about unknown fields, comparable."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; two of them with the same fields are equal."""

    model_config = ConfigDict(frozen=True, extra="forbid")
