"""The bot's own identity as a credential: with it roles are assumed, and nothing else is done."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import assert_never

from pydantic import SecretStr

from bot.access.base_source import BaseSource, OwnKey, OwnMachineRole, OwnRoleByToken
from bot.access.renewing import Fresh, Renewing
from bot.access.secrets import resolve
from bot.access.session import LASTS
from bot.alibaba.sts import StsApi
from bot.model.credential import Credential
from bot.model.problem import Problem

AHEAD = timedelta(minutes=10)
"""How long before its end a credential is replaced."""

LAST_CALL = timedelta(seconds=30)
"""How long before its end it is not used any more: a call with its repetitions may take so long."""

SESSION = "vpn-diagnose"
"""What the bot's own session of a role is called in ActionTrail."""

_NEVER = datetime.max.replace(tzinfo=UTC)


class Base:
    """Gives the bot's own credential, as `make` does; one without an end is made once.

    Tasks may share it: one renewal is under way at most, and it begins while the old credential still works.
    """

    def __init__(self, make: Callable[[], Awaitable[Credential]], clock: Callable[[], datetime]) -> None:
        self._make = make
        self._held = Renewing(self._made, clock, "the bot's own identity")

    async def credential(self) -> Credential:
        """Give a credential that is good; raises Problem if there is none.

        These are `access.own_token` for a token file that cannot be read, and what STS or the machine answers.
        """
        return await self._held.get(None)

    def forget(self, refused: Credential) -> None:
        """Get another one next time, because the cloud takes this one no more."""
        self._held.forget(lambda _, held: held == refused)

    async def close(self) -> None:
        """Give up what is under way."""
        await self._held.close()

    async def _made(self, key: None) -> Fresh[Credential]:
        del key
        credential = await self._make()
        if credential.expires_at is None:
            return Fresh(credential, _NEVER, _NEVER)
        return Fresh(credential, credential.expires_at - AHEAD, credential.expires_at - LAST_CALL)


def base_of(
    source: BaseSource,
    sts: StsApi,
    machine: Callable[[str], Awaitable[Credential]],
    clock: Callable[[], datetime],
) -> Base:
    """Make the base identity of a source; `machine` asks the machine for the credential of its role, by name."""
    match source:
        case OwnKey():
            return holding(_credential(source), clock)
        case OwnRoleByToken():
            return Base(lambda: _by_token(source, sts, clock), clock)
        case OwnMachineRole(role_name=role_name):
            return Base(lambda: machine(role_name), clock)
        case _:
            assert_never(source)


def holding(credential: Credential, clock: Callable[[], datetime]) -> Base:
    """Make a base identity of a credential that there is."""

    async def held() -> Credential:
        return credential

    return Base(held, clock)


def _credential(key: OwnKey) -> Credential:
    return Credential(
        access_key_id=key.access_key_id,
        access_key_secret=key.access_key_secret,
        security_token=key.security_token,
    )


async def _by_token(source: OwnRoleByToken, sts: StsApi, clock: Callable[[], datetime]) -> Credential:
    # Read anew each time: whoever writes the file puts another token there before the old one ends.
    token = await asyncio.to_thread(_read_token, source.token_file)
    asked_at = clock()
    assumed = await sts.assume_role_with_oidc(
        role_arn=source.role_arn,
        provider_arn=source.provider_arn,
        token=token,
        session_name=SESSION,
        duration_s=int(LASTS.total_seconds()),
    )
    # The end is told by the cloud's clock; ours may be behind it by minutes.
    ends = asked_at + LASTS
    told = assumed.credential.expires_at
    return assumed.credential.changed(expires_at=min(told, ends) if told else ends)


def _read_token(file: Path) -> SecretStr:
    try:
        return resolve(f"file:{file}", {}, Path())
    except Problem as problem:
        reason = problem.facts["reason"]
        raise Problem("access.own_token", reference=str(file), reason=reason) from problem
