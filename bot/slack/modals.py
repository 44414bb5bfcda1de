"""Modals on a person's screen: opened once by a trigger, and changed only as long as they are what we think."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.model.value import Value
from bot.slack.answers import parsed
from bot.slack.api import SlackApi
from bot.slack.shapes import Opened


class Modal(Value):
    """A modal as Slack last had it from us; Slack gives it another `hash` with every change."""

    id: str
    hash: str = ""


async def open_modal(api: SlackApi, trigger_id: str, view: Mapping[str, Any]) -> Modal:
    """Open a modal within 3 seconds of the trigger, which works once.

    docs.slack.dev/reference/methods/views.open
    """
    send = partial(api.client.views_open, trigger_id=trigger_id, view=dict(view))
    return _modal("views.open", await api.call("views.open", send))


async def update_modal(api: SlackApi, modal: Modal, view: Mapping[str, Any]) -> Modal:
    """Put another view in its place; what people typed stays in blocks and elements of the same names.

    "Data entered or selected in input blocks can be preserved while updating views. The new view object that you
    use with views.update should contain the same input blocks and elements with identical block_id and action_id
    values." (docs.slack.dev/reference/methods/views.update). Raises Problem("slack.hash_conflict") if it has been
    changed meanwhile, and Problem("slack.not_found") if it is closed.
    """
    send = partial(api.client.views_update, view_id=modal.id, hash=modal.hash or None, view=dict(view))
    return _modal("views.update", await api.call("views.update", send))


def _modal(operation: str, reply: AsyncSlackResponse) -> Modal:
    shown = parsed(operation, Opened, reply.data).view
    return Modal(id=shown.id, hash=shown.hash)
