"""Which of our two languages somebody reads, by the locale that they have chosen for Slack."""

from typing import get_args

from bot.model.run import Language


def language_of_locale(locale: str | None) -> Language | None:
    """Return the language of a locale such as `zh-CN` or `en-GB`; None for one that is not ours.

    Everybody who uses Slack in Chinese, in whatever script, is told in the Chinese there is.
    """
    spoken = (locale or "").lower().replace("_", "-").partition("-")[0]
    return next((language for language in get_args(Language) if language == spoken), None)
