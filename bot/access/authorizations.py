"""Authorizations held in memory: one for each identity and person, renewed in time, by one request at once."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.access.identity import Identity
from bot.model.credential import Authorization
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Requester

AHEAD = timedelta(minutes=5)
"""How long before its end a session is replaced; a diagnosis step is over long before."""

KEY_HOLDS_FOR = timedelta(minutes=5)
"""How long an access key, which has no end, is used until its reference is read again: it may be rotated."""

MOST_HELD = 2048
"""The authorization that was not used for longest makes room; its person's next one costs a call of STS."""


class _Key(NamedTuple):
    identity: str
    requester: Requester


class _Held(NamedTuple):
    authorization: Authorization
    good_until: datetime


class Authorizations:
    """`issue` makes a new one; it is never called twice at once for the same identity and person."""

    def __init__(
        self, issue: Callable[[Identity, Requester], Awaitable[Authorization]], clock: Callable[[], datetime]
    ) -> None:
        self._issue = issue
        self._clock = clock
        self._held: OrderedDict[_Key, _Held] = OrderedDict()
        self._renewals: dict[_Key, asyncio.Task[Authorization | ProblemDetails]] = {}

    async def get(self, identity: Identity, requester: Requester) -> Authorization:
        """Give what is held and still good, or wait for a new one; raises Problem as `issue` does."""
        key = _Key(identity.name, requester)
        held = self._held.get(key)
        if held and self._clock() < held.good_until:
            self._held.move_to_end(key)
            return held.authorization
        # A waiter that is cancelled leaves the renewal to the others.
        outcome = await asyncio.shield(self._renewals.get(key) or self._begin(key, identity))
        if isinstance(outcome, ProblemDetails):
            raise Problem.of(outcome)  # each waiter its own: one exception raised 200 times has 200 tracebacks
        return outcome

    def forget(self, requester: Requester, identity: str | None) -> None:
        """Hold no longer what this person has as this identity, or as any."""
        for key in [key for key in self._held if key.requester == requester and identity in {None, key.identity}]:
            del self._held[key]

    async def close(self) -> None:
        """Give up what is under way and hold nothing."""
        renewals = list(self._renewals.values())
        for renewal in renewals:
            renewal.cancel()
        await asyncio.gather(*renewals, return_exceptions=True)
        self._held.clear()

    def _begin(self, key: _Key, identity: Identity) -> asyncio.Task[Authorization | ProblemDetails]:
        renewal = asyncio.create_task(self._renew(key, identity), name=f"authorize {identity.name}")
        self._renewals[key] = renewal
        renewal.add_done_callback(lambda _: self._renewals.pop(key))
        return renewal

    async def _renew(self, key: _Key, identity: Identity) -> Authorization | ProblemDetails:
        try:
            authorization = await self._issue(identity, key.requester)
        except Problem as problem:
            return problem.details
        self._held[key] = _Held(authorization, self._good_until(authorization))
        self._held.move_to_end(key)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return authorization

    def _good_until(self, authorization: Authorization) -> datetime:
        end = authorization.credential.expires_at
        return end - AHEAD if end else self._clock() + KEY_HOLDS_FOR
