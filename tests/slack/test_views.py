"""The forms are ones that Slack opens, whatever was typed before."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.emulators.slack.blocks import Surface
from bot.emulators.slack.view_schema import view_flaws
from bot.model.ids import RegionId
from bot.model.run import Language
from bot.slack.views import CALLBACK_ID, FIELDS, MENUS, FormValues, diagnose_form, notice_view
from tests.slack.parsed_by_slack import texts

LANGUAGES: tuple[Language, ...] = ("en", "zh")
FOREIGN = st.none() | st.text(st.characters(codec=None), max_size=400)


def a_form(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "language": "en",
        "private_metadata": "{}",
        "initial": FormValues(),
        "regions": (),
    }
    return diagnose_form(**values | changes)


def test_the_fields_are_known_by_their_names() -> None:
    form = a_form()

    assert form["callback_id"] == CALLBACK_ID == "vpn_diagnose"
    assert [block["block_id"] for block in form["blocks"]] == list(FIELDS)
    assert [block["element"]["action_id"] for block in form["blocks"]] == list(FIELDS)
    menus = [block["block_id"] for block in form["blocks"] if block["element"]["type"] == "external_select"]
    assert menus == list(MENUS) == ["region", "gateway_id", "connection_id"]


def test_menus_are_filled_as_soon_as_they_are_opened_and_their_choices_are_told() -> None:
    menus = [block for block in a_form()["blocks"] if block["block_id"] in MENUS]

    assert [(block["dispatch_action"], block["element"]["min_query_length"]) for block in menus] == [(True, 0)] * 3


def test_notices_stand_above_the_fields_and_no_more_than_can_be_read() -> None:
    form = a_form(notices=[f"notice {n}" for n in range(9)], small="from your last diagnosis")

    said = [block for block in form["blocks"] if block["type"] != "input"]
    assert [block["type"] for block in said] == ["section"] * 3 + ["context"]
    assert form["blocks"][4]["block_id"] == "region"
    assert not view_flaws(form, Surface.MODAL)


def test_only_the_addresses_may_be_left_out() -> None:
    optional = [block["block_id"] for block in a_form()["blocks"] if block["optional"]]

    assert optional == ["source_ip", "destination_ip"]


def test_what_is_known_is_filled_in_and_the_first_empty_field_is_waiting() -> None:
    form = a_form(initial=FormValues(region="cn-hangzhou"))

    first, second = (block["element"] for block in form["blocks"][:2])
    assert first["initial_option"]["value"] == "cn-hangzhou"
    assert "initial_option" not in second
    assert [block["element"]["focus_on_load"] for block in form["blocks"]] == [False, True, False, False, False]


def test_the_regions_of_the_identity_are_named() -> None:
    form = a_form(regions=(RegionId("cn-hangzhou"), RegionId("cn-qingdao")))

    assert "Yours: cn-hangzhou, cn-qingdao" in texts(form["blocks"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_slack_takes_the_form_and_the_notice(language: Language) -> None:
    notice = notice_view("A title that is longer than 24 characters", "<!channel> *text*" * 500, language)

    assert not view_flaws(a_form(language=language), Surface.MODAL)
    assert not view_flaws(notice, Surface.MODAL)


@settings(deadline=None)
@given(st.builds(FormValues, **dict.fromkeys(FIELDS, FOREIGN)))
def test_slack_takes_the_form_whatever_was_typed(initial: FormValues) -> None:
    form = a_form(initial=initial)

    assert not view_flaws(form, Surface.MODAL)
    assert all(len(block["element"].get("initial_value", "")) <= 200 for block in form["blocks"])


def test_more_private_metadata_than_slack_takes_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="private_metadata"):
        a_form(private_metadata="x" * 3001)
