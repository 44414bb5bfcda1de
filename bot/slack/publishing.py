"""Puts a view on somebody's Home tab."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.model.ids import UserId
from bot.slack.api import SlackApi


async def publish_home(api: SlackApi, user: UserId, view: Mapping[str, Any]) -> None:
    """Put a view on the Home tab of one person, in the place of the one before; nobody else sees it.

    docs.slack.dev/reference/methods/views.publish
    """
    await api.call("views.publish", partial(api.client.views_publish, user_id=user, view=dict(view)))
