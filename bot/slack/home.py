"""The App Home: who somebody is here, the way to the form, and their last runs."""

from collections.abc import Sequence
from typing import Any

from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.model.ids import RegionId
from bot.model.problem import ProblemDetails
from bot.model.run import Language
from bot.model.value import Value
from bot.slack.about import LONGEST_ID, advice
from bot.slack.blocks import Element, bold, divider, header, line, plain_text, rich_text, words
from bot.slack.history_list import Past, earlier, past_blocks
from bot.slack.limits import BUTTON_TEXT, Block, fits_view, most_that_fits

OPEN_FORM = "open_form"
CALLBACK_ID = "vpn_diagnose_home"

# Regions that are named; a longer list helps nobody.
MOST_REGIONS = 10


class Me(Value):
    """Who somebody is to the bot, or the `problem` that keeps them from being anybody.

    `identity` is the name in access.yml, `principal` the role's ARN or the key's.
    """

    identity: str = ""
    principal: str | None = None
    regions: tuple[RegionId, ...] = ()
    problem: ProblemDetails | None = None


def home_view(me: Me, past: Sequence[Past], language: Language) -> dict[str, Any]:
    """Render the view for views.publish; `past` are this person's own runs, newest first.

    Who may not diagnose gets the reason in place of the button, and is not told that they never did.
    """
    top = [
        header(phrase("home.title", language)),
        rich_text(line(words(phrase("home.about", language)))),
        *([_open_form(language)] if me.problem is None else []),
        rich_text(line(bold(phrase("home.who", language))), *_who(me, language)),
        *([divider(), rich_text(line(bold(phrase("home.last", language))))] if past or me.problem is None else []),
    ]
    none = [] if me.problem else [_none(language)]

    def shown(count: int) -> list[Block]:
        listed = past_blocks(past[:count], language, with_asker=False)
        return [*top, *(listed or none), *earlier(len(past) - count, language)]

    blocks = most_that_fits(len(past), shown, fits_view)
    return {"type": "home", "callback_id": CALLBACK_ID, "blocks": blocks}


def _none(language: Language) -> Block:
    return rich_text(line(words(phrase("home.none", language))))


def _open_form(language: Language) -> Block:
    text = plain_text(phrase("home.open_form", language), BUTTON_TEXT)
    button = {"type": "button", "action_id": OPEN_FORM, "text": text, "style": "primary"}
    return {"type": "actions", "elements": [button]}


def _who(me: Me, language: Language) -> list[Element]:
    if me.problem is not None:
        return _why_not(me.problem, language)
    principal = {} if me.principal is None else {"principal": me.principal}
    said = phrase("home.identity", language, identity=me.identity, **principal)
    lines = [line(words(said, 2 * LONGEST_ID))]
    if me.regions:
        named = phrase("report.list_comma", language).join(me.regions[:MOST_REGIONS])
        lines.append(line(words(phrase("home.regions", language, regions=named))))
    return lines


def _why_not(problem: ProblemDetails, language: Language) -> list[Element]:
    explanation = explain(problem, language)
    return [
        line(bold(explanation.title)),
        line(words(explanation.happened)),
        advice(phrase("problem.next", language), explanation.next_step),
        line(words(phrase("problem.who", language, who=explanation.mended_by))),
    ]
