"""The credential of the RAM role of the ECS instance that the bot runs on, from its metadata server.

In security hardening mode alone: a token first, which only the instance itself gets, then the credential with it.
Sources, read November 2026: https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata for the
addresses and the token; for the credential, and for `Code` in it, what alibabacloud_credentials 1.0 reads.

access.machine_silent          no answer: this is no instance, or its metadata server is switched off
access.machine_role_missing    the instance has no role of that name
access.machine_not_understood  an answer without a credential in it
"""

import asyncio
import re
from typing import NamedTuple

import httpx

from bot.alibaba.answer import parsed
from bot.alibaba.temporary import read_temporary
from bot.alibaba.transport import read_bounded, without_request
from bot.model.credential import Credential
from bot.model.problem import Problem

BASE_URL = "http://100.100.100.200"

# Seconds for both calls together, and for a connection: the server is on the machine next to the instance.
WITHIN_S = 5.0
_EXTENSIONS = {"timeout": httpx.Timeout(2.0).as_dict()}

# Seconds that a token is asked for; it is used once, at once.
_TOKEN_LASTS_S = 60

_ROLE_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,1000}")

_OK, _NOT_FOUND = 200, 404


class _Answer(NamedTuple):
    status: int
    body: bytes


class EcsMetadata:
    """Asks the metadata server of the instance."""

    def __init__(
        self, http: httpx.AsyncBaseTransport, base_url: str = BASE_URL, *, within_s: float = WITHIN_S
    ) -> None:
        """Ask over the connections of `http`, and give up after `within_s`."""
        self._http = http
        self._within_s = within_s
        self._base = httpx.URL(base_url)

    async def credential(self, role_name: str) -> Credential:
        """Return the present credential of the role; the server hands out a new one well before its end.

        Raises Problem: `access.machine_silent` with `host`, `access.machine_role_missing` with `role`, or
        `access.machine_not_understood` with `http_status`.
        """
        if not _ROLE_NAME.fullmatch(role_name) or not role_name.strip("."):
            raise Problem("access.machine_role_missing", role=role_name)
        try:
            async with asyncio.timeout(self._within_s):
                token = await self._token()
                path = f"/latest/meta-data/ram/security-credentials/{role_name}"
                answer = await self._asked("GET", path, {"x-aliyun-ecs-metadata-token": token})
        except (httpx.RequestError, OSError) as error:
            raise Problem("access.machine_silent", host=self._base.host) from without_request(
                error, self._base.host
            )
        if answer.status == _NOT_FOUND:
            raise Problem("access.machine_role_missing", role=role_name)
        return _credential(answer)

    async def _token(self) -> str:
        headers = {"x-aliyun-ecs-metadata-token-ttl-seconds": str(_TOKEN_LASTS_S)}
        answer = await self._asked("PUT", "/latest/api/token", headers)
        token = answer.body.decode("ascii", errors="replace").strip()
        if answer.status != _OK or not _TOKEN.fullmatch(token):
            raise _not_understood(answer.status)
        return token

    async def _asked(self, method: str, path: str, headers: dict[str, str]) -> _Answer:
        url = self._base.copy_with(path=path)
        request = httpx.Request(method, url, headers=headers, extensions=_EXTENSIONS)
        response = await self._http.handle_async_request(request)
        try:
            return _Answer(response.status_code, await read_bounded(response, "ECS metadata"))
        except Problem:
            raise _not_understood(response.status_code) from None


def _credential(answer: _Answer) -> Credential:
    try:
        fields = parsed(answer.body)
    except ValueError:  # not handed on: the parser's words quote the body
        fields = None
    good = answer.status == _OK and isinstance(fields, dict) and fields.get("Code") == "Success"
    credential = read_temporary(fields) if good else None
    if credential is None:
        raise _not_understood(answer.status)
    return credential


def _not_understood(http_status: int) -> Problem:
    return Problem("access.machine_not_understood", http_status=http_status)
