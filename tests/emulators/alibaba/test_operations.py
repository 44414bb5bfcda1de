import pytest

from bot.emulators.alibaba.callers import NOBODY
from bot.emulators.alibaba.operations import Answer, Call, Operation
from tests.emulators.alibaba.client import NOON


def a_call(parameters: dict[str, str]) -> Call:
    declared = ("Name", "Ids.N", "Tag.N.Key", "Tag.N.Value")
    operation = Operation("Any", (), lambda _: Answer({}, {}), declared)
    return Call(operation, NOBODY, parameters, NOON, "id", {})


def test_lists_are_in_the_order_of_their_numbers() -> None:
    call = a_call(
        {"Ids.10": "c", "Ids.2": "b", "Ids.1": "a", "Ids.3": "", "Ids.x": "?", "Ids.1.Key": "?", "Ids": "?"}
    )

    assert call.listed("Ids") == ["a", "b", "c"]


def test_objects_of_a_list_are_put_together_by_number() -> None:
    call = a_call({"Tag.2.Value": "v2", "Tag.1.Key": "k1", "Tag.2.Key": "k2"})

    assert call.members("Tag.N.Key", "Tag.N.Value") == [{"Key": "k1"}, {"Key": "k2", "Value": "v2"}]


def test_what_is_not_declared_cannot_be_asked_for() -> None:
    call = a_call({"Other": "x"})

    with pytest.raises(KeyError):
        call.parameter("Other")
    with pytest.raises(KeyError):
        call.listed("Others")
