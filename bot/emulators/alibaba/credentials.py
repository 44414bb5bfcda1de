"""Credentials: access keys from the network, and sessions of roles that have been handed out."""

import base64
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime

from pydantic import SecretStr

from bot.emulators.alibaba.callers import Caller, NamedPolicy, ram_user, role_session, root_user
from bot.emulators.alibaba.identities import AccessKey, Role
from bot.emulators.alibaba.network import Account, Network
from bot.model.value import Value

# Sessions that are kept; the oldest are forgotten, and their keys are then unknown.
MOST_SESSIONS = 5_000

# The service's tokens begin like this; they are hundreds of characters long and have no documented limit.
TOKEN_BEGINS = "CAIS"  # noqa: S105  the beginning of every token is no secret


class Held(Value):
    """A credential as the service holds it; of a session also its token, its end and whose session it is."""

    access_key_id: str
    secret: SecretStr
    caller: Caller
    active: bool = True
    token: SecretStr | None = None
    expires_at: datetime | None = None
    role_arn: str = ""
    session_name: str = ""

    def as_answered(self) -> dict[str, str]:
        """Lay out the credential of a session, as whoever opens it gets it."""
        return {
            "AccessKeyId": self.access_key_id,
            "AccessKeySecret": self.secret.get_secret_value(),
            "SecurityToken": self.token.get_secret_value() if self.token else "",
            "Expiration": f"{self.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        }


class Credentials:
    """All credentials that work, or worked once."""

    def __init__(self, network: Network, entropy: Callable[[int], bytes]) -> None:
        self._entropy = entropy
        self._opened: OrderedDict[str, Held] = OrderedDict()
        self.exchange(network)

    def exchange(self, network: Network) -> None:
        """Go over to another network.

        Sessions may do at once what their roles may do now; those of a role that is gone are unknown until it is
        back.
        """
        self._keys = {held.access_key_id: held for account in network.accounts for held in _keys(account)}
        self._sessions = {held.access_key_id: held for one in self._opened.values() for held in _now(one, network)}

    def find(self, access_key_id: str) -> Held | None:
        return self._keys.get(access_key_id) or self._sessions.get(access_key_id)

    def sessions(self) -> tuple[Held, ...]:
        """Give the sessions that are known, the oldest first."""
        return tuple(self._sessions.values())

    def hand_out(
        self, account: Account, role: Role, session_name: str, policy: NamedPolicy | None, expires_at: datetime
    ) -> Held:
        """Open a session of a role, and make its credential."""
        session = Held(
            access_key_id=f"STS.NE{self._entropy(10).hex()}",
            secret=SecretStr(base64.b64encode(self._entropy(33)).decode()),
            caller=role_session(account, role, session_name, policy),
            token=SecretStr(TOKEN_BEGINS + base64.b64encode(self._entropy(480)).decode()),
            expires_at=expires_at,
            role_arn=f"acs:ram::{account.id}:role/{role.name}",
            session_name=session_name,
        )
        self._keep(session)
        if len(self._opened) > MOST_SESSIONS:
            oldest, _ = self._opened.popitem(last=False)
            self._sessions.pop(oldest, None)
        return session

    def end(self, role_arn: str | None, at: datetime) -> int:
        """Let the sessions of a role, or all, end at a moment; give how many they are."""
        ending = [held for held in self._sessions.values() if role_arn in (None, held.role_arn)]
        for held in ending:
            self._keep(held.changed(expires_at=at))
        return len(ending)

    def _keep(self, session: Held) -> None:
        self._opened[session.access_key_id] = self._sessions[session.access_key_id] = session


def _keys(account: Account) -> Iterator[Held]:
    root = root_user(account)
    yield from (_held(key, root) for key in account.access_keys)
    for user in account.users:
        caller = ram_user(account, user)
        yield from (_held(key, caller) for key in user.access_keys)


def _now(session: Held, network: Network) -> Iterator[Held]:
    found = network.role(session.role_arn)
    if found is not None:
        caller = role_session(*found, session.session_name, session.caller.session_policy)
        yield session.changed(caller=caller)


def _held(key: AccessKey, caller: Caller) -> Held:
    return Held(access_key_id=key.id, secret=key.secret, caller=caller, active=key.active)
