"""How far this machine's clock is from that of a remote: beyond a few minutes signatures are refused."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime


def ahead_by(our_time: datetime, their_date: str | None) -> timedelta | None:
    """Return how far our clock is ahead of the `Date` of an answer (behind: negative), or None if it is no date.

    Good to about a second, and to what the answer took on its way.
    """
    try:
        return our_time - parsedate_to_datetime(their_date or "")
    except (ValueError, TypeError, OverflowError):  # no date; or one without a zone
        return None
