"""The base of every domain value: frozen, strict about unknown fields, comparable."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; two of them with the same fields are equal, and an error does not repeat what was given."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def changed(self, **changes: object) -> Self:
        """Return a copy with some fields changed; the names must be fields, their values are not checked again."""
        unknown = changes.keys() - type(self).model_fields.keys()
        if unknown:
            message = f"{type(self).__name__} has no {', '.join(sorted(unknown))}"
            raise TypeError(message)
        return self.model_copy(update=changes)
