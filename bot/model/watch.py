"""A watch: the same diagnosis again every few minutes, which speaks only when the verdict has changed."""

from datetime import datetime

from bot.model.ids import RunId
from bot.model.value import Value


class Watch(Value):
    """What a quiet run knows of the watch that it belongs to.

    `id` is the watch's first run, `origin` the run under whose report Watch was pressed, `told` the run whose
    verdict was told last, which is the origin at first, and `changes` how often it was told that it has changed.
    The run asks at `asks_at`, the next one `every_s` seconds later; after `until` nothing is started any more.
    """

    id: RunId
    origin: RunId
    told: RunId
    asks_at: datetime
    every_s: float
    until: datetime
    changes: int = 0
