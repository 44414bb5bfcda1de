"""Which language somebody is told something in, by their locale in Slack."""

import pytest

from bot.explain.languages import language_of_locale
from bot.model.run import Language


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("en-US", "en"),
        ("en-GB", "en"),
        ("zh-CN", "zh"),
        ("zh-TW", "zh"),
        ("zh_Hans_CN", "zh"),
        ("ZH", "zh"),
        ("de-DE", None),
        ("zho", None),
        ("", None),
        (None, None),
    ],
)
def test_a_locale_is_one_of_our_languages_or_none(locale: str | None, language: Language | None) -> None:
    assert language_of_locale(locale) == language
