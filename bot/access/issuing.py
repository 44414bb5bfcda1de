"""Credentials for one person and the identity mapped to them: a role's session, or the identity's own key."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import assert_never

from pydantic import SecretStr

from bot.access.base import Base
from bot.access.identity import AccessKey, Identity, RoleToAssume
from bot.access.secrets import SecretReference, resolve
from bot.access.session import LASTS, SESSION_POLICY, session_name
from bot.alibaba.sts import AssumedRole, StsApi
from bot.explain.denials import is_denial
from bot.model.credential import Authorization, Credential
from bot.model.problem import Problem
from bot.model.request import Requester

# What the cloud says of a credential itself, whoever it belongs to and whatever it may do. A wrong secret is among
# them: it may have been replaced since it was read.
_OF_THE_CREDENTIAL = (
    "InvalidAccessKeyId",
    "InvalidSecurityToken",
    "MissingSecurityToken",
    "SignatureDoesNotMatch",
)


def refuses_the_credential(code: str) -> bool:
    """Tell whether the cloud takes this credential no more: expired, revoked, deleted, switched off, replaced."""
    return code.startswith(_OF_THE_CREDENTIAL)


class Issuer:
    """Makes authorizations; `base` is the bot's own identity, which roles are assumed with and nothing else."""

    def __init__(
        self, sts: StsApi, base: Base | None, environ: Mapping[str, str], secrets_directory: Path
    ) -> None:
        self._sts = sts
        self._base = base
        self._environ = environ
        self._secrets_directory = secrets_directory

    async def issue(self, identity: Identity, requester: Requester) -> Authorization:
        """Get credentials for this person as this identity, or raise; there is no second choice.

        Raises Problem("access.no_base_identity"), Problem("access.secret_missing"), what `Base` raises, and what
        STS answers, with `identity` and, of a role, `role_arn`.
        """
        match identity.source:
            case RoleToAssume() as role:
                return await self._assume(identity.name, role, requester)
            case AccessKey() as key:
                return await self._use(identity.name, key)
            case _:
                assert_never(identity.source)

    def check(self, identity: Identity) -> None:
        """Raise what `issue` would raise before it calls STS; may take a moment, for it reads files."""
        match identity.source:
            case RoleToAssume(external_id=external_id):
                self._need_base(identity.name)
                references = [external_id] if external_id else []
            case AccessKey(id=key_id, secret=secret):
                references = [key_id, secret]
            case _:
                assert_never(identity.source)
        for reference in references:
            self._resolve(identity.name, reference)

    async def _assume(self, name: str, role: RoleToAssume, requester: Requester) -> Authorization:
        base = self._need_base(name)
        external_id = await self._secret(name, role.external_id) if role.external_id else None
        own = await base.credential()
        try:
            assumed = await self._assumed(own, name, role, external_id, requester)
        except Problem as problem:
            newer = await _newer(base, own, problem)
            if newer is None:
                raise
            assumed = await self._assumed(newer, name, role, external_id, requester)
        return Authorization(identity=name, principal=assumed.arn, credential=assumed.credential)

    async def _assumed(
        self, own: Credential, name: str, role: RoleToAssume, external_id: SecretStr | None, requester: Requester
    ) -> AssumedRole:
        try:
            return await self._sts.assume_role(
                own,
                role_arn=role.role_arn,
                session_name=session_name(requester),
                external_id=external_id.get_secret_value() if external_id else None,
                policy=SESSION_POLICY,
                duration_s=int(LASTS.total_seconds()),
            )
        except Problem as problem:
            about = {"identity": name, "role_arn": str(role.role_arn)} | await self._who_asked(own, problem)
            raise Problem(problem.code, **about | problem.facts) from problem

    async def _who_asked(self, own: Credential, problem: Problem) -> dict[str, str]:
        """Say who was denied the role: RAM calls its users by a number, and a trust policy names an ARN."""
        if not is_denial(problem.details):
            return {}
        try:
            return {"base_arn": (await self._sts.get_caller_identity(own)).arn}
        except Problem:
            return {}  # the refusal itself matters more than whom it names

    async def _use(self, name: str, key: AccessKey) -> Authorization:
        credential = Credential(
            access_key_id=(await self._secret(name, key.id)).get_secret_value(),
            access_key_secret=await self._secret(name, key.secret),
        )
        caller = await self._sts.get_caller_identity(credential)
        # The account's quotas are shared by all of its keys and roles: turns are taken by account.
        credential = credential.changed(account_id=caller.account_id)
        return Authorization(identity=name, principal=caller.arn, credential=credential)

    def _need_base(self, name: str) -> Base:
        if self._base is None:
            raise Problem("access.no_base_identity", identity=name)
        return self._base

    async def _secret(self, name: str, reference: SecretReference) -> SecretStr:
        return await asyncio.to_thread(self._resolve, name, reference)

    def _resolve(self, name: str, reference: SecretReference) -> SecretStr:
        try:
            return resolve(reference, self._environ, self._secrets_directory)
        except Problem as problem:
            raise Problem(problem.code, identity=name, **problem.facts) from problem


async def _newer(base: Base, refused: Credential, problem: Problem) -> Credential | None:
    """Give another credential of the bot's own where the cloud has refused this one; None if there is none."""
    if not refuses_the_credential(problem.code):
        return None
    base.forget(refused)
    newer = await base.credential()
    return newer if newer != refused else None
