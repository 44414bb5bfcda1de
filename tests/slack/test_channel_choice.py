"""The field in which somebody says where the answer is to be."""

import pytest

from bot.emulators.slack.blocks import Surface
from bot.emulators.slack.view_schema import view_flaws
from bot.model.run import Language
from bot.slack.channel_choice import CHANNEL, asking_for_channel
from bot.slack.views import FormValues, diagnose_form

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_slack_takes_the_form_with_it(language: Language) -> None:
    form = diagnose_form(language=language, private_metadata="{}", initial=FormValues(), regions=())

    assert not view_flaws(asking_for_channel(form, language), Surface.MODAL)


def test_it_comes_last_and_has_to_be_filled_in() -> None:
    form = diagnose_form(language="en", private_metadata="{}", initial=FormValues(), regions=())
    *fields, last = asking_for_channel(form, "en")["blocks"]

    assert fields == form["blocks"]
    assert (last["block_id"], last["element"]["action_id"]) == (CHANNEL, CHANNEL)
    assert not last.get("optional")
