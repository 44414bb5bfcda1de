"""What came back for something that was delivered to the app."""

from typing import Any, Literal

from bot.model.value import Value


class Ack(Value):
    """The app's answer: its status and payload, or the error in whose name Slack speaks to the person.

    operation_timeout: nothing within three seconds; dispatch_failed: nobody there, or not a 200.
    `ack_ms` is how long it took, in milliseconds.
    """

    ack_ms: float
    status: int | None = None
    payload: Any = None
    error: Literal["operation_timeout", "dispatch_failed"] | None = None
