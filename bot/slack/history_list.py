"""Runs in a list: how each ended, when, whose it was, and the way to its thread."""

from collections.abc import Sequence
from typing import Literal

from bot.explain.phrases import phrase
from bot.model.run import Language, Run
from bot.model.tunnels import Tunnels
from bot.model.value import Value
from bot.slack.about import BETWEEN
from bot.slack.blocks import (
    Element,
    bold,
    code,
    glue,
    line,
    link,
    mention,
    moment,
    rich_text,
    small_print,
    words,
)
from bot.slack.limits import Block, most_that_fits
from bot.slack.message import Message, notification
from bot.slack.verdict import NO_TUNNELS, sign, state

# Whose runs a list is of; of a gateway the title names it.
Scope = Literal["mine", "channel", "gateway"]


class Past(Value):
    """A run that the viewer may see; `permalink` is the address of its thread, None where Slack gave none."""

    run: Run
    permalink: str | None = None
    tunnels: Tunnels = NO_TUNNELS


def history_message(past: Sequence[Past], scope: Scope, language: Language, gateway_id: str = "") -> Message:
    """Render a list, newest first as it is given; what does not fit is counted.

    The caller has looked which of the runs the viewer may see.
    """
    title = phrase(f"history.{scope}", language, gateway_id=gateway_id)
    top = rich_text(line(bold(title)))

    def shown(count: int) -> list[Block]:
        listed = past_blocks(past[:count], language, with_asker=scope != "mine")
        return [top, *(listed or [_none(language)]), *earlier(len(past) - count, language)]

    return Message(text=notification(title), blocks=most_that_fits(len(past), shown))


def past_blocks(past: Sequence[Past], language: Language, *, with_asker: bool) -> list[Block]:
    """Make a block a run; without who asked where all are the reader's own."""
    return [_block(each, language, with_asker=with_asker) for each in past]


def earlier(count: int, language: Language) -> list[Block]:
    """Say how many runs are not shown; nothing if all are."""
    return [small_print([phrase("history.more", language, count=count)])] if count > 0 else []


def _none(language: Language) -> Block:
    return rich_text(line(words(phrase("history.none", language))))


def _block(past: Past, language: Language, *, with_asker: bool) -> Block:
    run = past.run.changed(language=language)
    verdict = words(state(run, past.tunnels))
    asker = [glue(f"{BETWEEN}{phrase('history.by', language)} "), mention(run.requester.user_id)]
    about = [moment(run.asked_at), *(asker if with_asker else []), *_thread(past.permalink, language)]
    request = [code(run.request.gateway_id), glue(BETWEEN), code(run.request.connection_id)]
    return rich_text(line(glue(f"{sign(run, past.tunnels)} "), verdict), line(*request), line(*about))


def _thread(permalink: str | None, language: Language) -> list[Element]:
    if permalink is None:
        return []
    return [glue(BETWEEN), link(phrase("history.open", language), permalink)]
