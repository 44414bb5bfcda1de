"""Make the identifiers that Slack hands out: timestamps that never repeat, IDs and secrets."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_MICROSECOND = timedelta(microseconds=1)
_START_OF_TIME = datetime.fromtimestamp(0, UTC)


class Mint:
    """One source of identifiers for a workspace; unique over restarts if `entropy` is."""

    def __init__(self, clock: Callable[[], datetime], entropy: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._entropy = entropy
        self._last_stamp = _START_OF_TIME

    def now(self) -> datetime:
        return self._clock()

    def ts(self) -> str:
        """Give a message's ts, `seconds.microseconds`; strictly rising, also when the clock stands still."""
        self._last_stamp = max(self._clock(), self._last_stamp + _MICROSECOND)
        microseconds = (self._last_stamp - _START_OF_TIME) // _MICROSECOND
        return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"

    def id(self, prefix: str) -> str:
        """Give an ID such as `V5QK2M7D3PX` for the prefix `V`."""
        return prefix + base64.b32encode(self._entropy(10)).decode()[:10]

    def secret(self) -> str:
        return self._entropy(16).hex()

    def uuid(self) -> str:
        digits = self.secret()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
