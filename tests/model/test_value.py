"""Domain values."""

import pytest
from pydantic import ValidationError

from bot.model.value import Value


class Point(Value):
    x: int
    y: int = 0


def test_a_changed_value_is_a_new_one() -> None:
    before = Point(x=1)

    after = before.changed(y=2)

    assert (before, after) == (Point(x=1), Point(x=1, y=2))


def test_a_name_that_is_no_field_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="Point has no z"):
        Point(x=1).changed(z=3)


def test_what_was_wrong_with_a_value_is_told_without_the_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Point.model_validate({"x": "a secret"})

    assert "x" in str(caught.value)
    assert "secret" not in str(caught.value)
