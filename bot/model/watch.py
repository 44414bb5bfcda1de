"""A watch: the same diagnosis again every few minutes, which speaks only when the verdict has changed."""

from datetime import datetime

from bot.model.ids import RunId
from bot.model.value import Value


class Watch(Value):
    """What a quiet run knows of the watch that it belongs to.

    `origin` is the run under whose report Watch was pressed, `told` the run whose verdict was told last, which
    is the origin at first. After `until` nothing is started any more.
    """

    origin: RunId
    told: RunId
    until: datetime
