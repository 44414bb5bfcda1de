"""The metadata service of an emulated ECS instance: the credentials of the RAM role that is attached to it.

Source: https://help.aliyun.com/zh/ecs/user-guide/obtain-a-temporary-authorization-token. What is answered to a
request that is wrong is not documented there; here it is as elsewhere with such services.
"""

import base64
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.emulators.alibaba.credentials import Held
from bot.emulators.alibaba.identities import Instance
from bot.emulators.alibaba.service import Service

TOKEN_PATH = "/latest/api/token"  # noqa: S105  a path
ROLES_PATH = "/latest/meta-data/ram/security-credentials"
TOKEN_HEADER = "X-aliyun-ecs-metadata-token"  # noqa: S105  a name
LIFETIME_HEADER = "X-aliyun-ecs-metadata-token-ttl-seconds"

LONGEST_TOKEN_S = 21_600
MOST_TOKENS = 1_000

# New credentials are handed out so long before the old ones end; the service says only that it is done regularly.
RENEWED_BEFORE = timedelta(minutes=30)

_SECONDS = re.compile(r"[0-9]{1,5}", re.ASCII)


class Unavailable(Exception):
    """Something that cannot be had; `status` is HTTP's."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Metadata:
    """The metadata of the network's instance."""

    def __init__(self, service: Service, clock: Callable[[], datetime], entropy: Callable[[int], bytes]) -> None:
        self._service = service
        self._clock = clock
        self._entropy = entropy
        self._tokens: OrderedDict[str, datetime] = OrderedDict()
        self._access_key_id = ""
        self._opened_at = clock()

    def token(self, lifetime: str) -> str:
        """Hand out a token that requests of the hardened mode bring; raises Unavailable."""
        self._instance()
        seconds = int(lifetime) if _SECONDS.fullmatch(lifetime) else 0
        if not 1 <= seconds <= LONGEST_TOKEN_S:
            raise Unavailable(400, f"{LIFETIME_HEADER} should be 1 to {LONGEST_TOKEN_S}")
        token = base64.b64encode(self._entropy(42)).decode()
        self._tokens[token] = self._clock() + timedelta(seconds=seconds)
        if len(self._tokens) > MOST_TOKENS:
            self._tokens.popitem(last=False)
        return token

    def role_name(self, token: str | None) -> str:
        """Name the role that is attached; raises Unavailable."""
        return self._attached(self._allowed(token)).rpartition("/")[2]

    def credentials(self, token: str | None, role_name: str) -> dict[str, Any]:
        """Give the role's credentials, renewed well before they end; raises Unavailable."""
        if role_name != self.role_name(token):
            raise Unavailable(404, "no such role is attached")
        held = self._current_of(self._instance())
        return held.as_answered() | {"LastUpdated": f"{self._opened_at:%Y-%m-%dT%H:%M:%SZ}", "Code": "Success"}

    def _instance(self) -> Instance:
        if self._service.network.instance is None:
            raise Unavailable(404, "there is no instance")
        return self._service.network.instance

    def _attached(self, instance: Instance) -> str:
        if instance.role is None:
            raise Unavailable(404, "no role is attached")
        return instance.role

    def _allowed(self, token: str | None) -> Instance:
        instance = self._instance()
        if token is None and instance.tokens == "required":
            raise Unavailable(403, "only requests with a token are answered")
        if token is not None and self._tokens.get(token, self._clock()) <= self._clock():
            raise Unavailable(401, "the token is not known, or it has expired")
        return instance

    def _current_of(self, instance: Instance) -> Held:
        now, lasts = self._clock(), timedelta(seconds=instance.session_s)
        held = self._service.credentials.find(self._access_key_id)
        if held is None or held.role_arn != instance.role or not self._lasts_on(held, lasts, now):
            held = self._opened(instance, now + lasts)
            self._access_key_id, self._opened_at = held.access_key_id, now
        return held

    def _opened(self, instance: Instance, ends: datetime) -> Held:
        found = self._service.network.role(self._attached(instance))
        if found is None:  # network_rules.py: there is one
            raise Unavailable(404, "the role is gone")
        return self._service.credentials.hand_out(*found, f"vm-ram-{instance.id}", None, ends)

    def _lasts_on(self, held: Held, lasts: timedelta, now: datetime) -> bool:
        return held.expires_at is not None and held.expires_at - now > min(RENEWED_BEFORE, lasts / 2)
