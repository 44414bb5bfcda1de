import pytest

from bot.emulators.slack.blocks import Surface
from bot.emulators.slack.view_schema import view_flaws
from tests.emulators.slack.playground import Json, a_view, an_input, plain

DIVIDER = {"type": "divider"}


@pytest.mark.parametrize(
    "view",
    [
        a_view(),
        a_view(DIVIDER, submit=None),
        a_view(title=plain("x" * 24), close=plain("x"), private_metadata="x" * 3000, callback_id="x" * 255),
        a_view(*[DIVIDER] * 100, notify_on_close=True, clear_on_close=False),
    ],
)
def test_a_good_modal_is_taken(view: Json) -> None:
    assert view_flaws(view, Surface.MODAL) == []


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (a_view(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (a_view(title=None), "missing required field: title [json-pointer:/view]"),
        (a_view(submit=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
        (
            a_view(*(an_input(element={"type": "plain_text_input", "focus_on_load": True}) for _ in range(2))),
            "only one element can have focus_on_load [json-pointer:/view/blocks]",
        ),
        (a_view(an_input(), submit=None), "missing required field: submit [json-pointer:/view]"),
        (a_view(private_metadata="x" * 3001), "less than 3001 characters [json-pointer:/view/private_metadata]"),
        (a_view(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
        (a_view() | {"blocks": []}, "no less than 1 items allowed [json-pointer:/view/blocks]"),
        (a_view() | {"blocks": "x"}, "must provide an array [json-pointer:/view/blocks]"),
        (a_view() | {"blocks": None}, "missing required field: blocks [json-pointer:/view]"),
        (a_view(*[DIVIDER] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (
            a_view({"type": "markdown", "text": "x"}),
            "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
        ),
        (a_view(color="red"), "invalid additional property: color [json-pointer:/view]"),
        (a_view(type="window"), "unsupported type: window [json-pointer:/view/type]"),
        ([], "must provide an object [json-pointer:/view]"),
    ],
)
def test_a_bad_modal_is_refused_in_words(view: Json, complaint: str) -> None:
    flaws = view_flaws(view, Surface.MODAL)

    assert any(flaw.endswith(complaint) for flaw in flaws), flaws


def test_a_home_tab_has_no_title() -> None:
    home = {"type": "home", "blocks": [DIVIDER]}

    assert view_flaws(home, Surface.HOME) == []
    assert view_flaws(home | {"title": plain("x")}, Surface.HOME)
