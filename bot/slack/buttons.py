"""The buttons under a report; each says which run it is about and nothing else.

Anybody in the channel can see and send a button's value, so it grants nothing: whoever presses is asked again.
"""

from bot.explain.phrases import phrase
from bot.model.ids import RunId
from bot.model.run import Language, Run
from bot.slack.blocks import Element, plain_text
from bot.slack.console import Site, console_url
from bot.slack.limits import BUTTON_TEXT, Block

RUN_AGAIN = "run_again"
COMPARE = "compare"
WATCH = "watch"
STOP_WATCHING = "stop_watching"
COPY_COMMAND = "copy_command"
EXPORT = "export"
CONSOLE = "console"

# Pressed, these reach the bot; Slack tells it of the link to the console too, which needs no more than an ack.
ACTION_IDS = (RUN_AGAIN, COMPARE, WATCH, STOP_WATCHING, COPY_COMMAND, EXPORT, CONSOLE)


def report_buttons(run: Run, site: Site | None = None, *, watched: bool = False) -> list[Block]:
    """Make the row of buttons for how a run ended; `watched` while it is repeated every few minutes.

    Only a run with a report has one to compare, watch or export.
    """
    names = [RUN_AGAIN]
    if run.report is not None:
        names += [COMPARE, STOP_WATCHING if watched else WATCH, EXPORT]
    buttons = [_button(name, run.id, run.language) for name in [*names, COPY_COMMAND]]
    link = _button(CONSOLE, run.id, run.language) | {"url": console_url(run.request.region, site)}
    return [{"type": "actions", "elements": [*buttons, link]}]


def _button(name: str, run_id: RunId, language: Language) -> Element:
    text = plain_text(phrase(f"button.{name}", language), BUTTON_TEXT)
    return {"type": "button", "action_id": name, "text": text, "value": str(run_id)}
