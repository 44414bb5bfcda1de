"""Does a tunnel come up, and if not, why: the negotiation of its two ends, computed from their settings.

Statuses: https://www.alibabacloud.com/help/en/doc-detail/120390.html. Codes of failures:
https://www.alibabacloud.com/help/en/doc-detail/477862.html, the column of error codes for the API. The sentences
and the lines of logs are ours (coverage.yml).
"""

from enum import StrEnum
from typing import NamedTuple

from bot.emulators.alibaba.tunnels import Connection, Tunnel
from bot.model.value import Value

NOTHING_ARRIVES = 100  # percent of packets lost


class Status(StrEnum):
    """How far a tunnel got: IKE is its first phase, IPsec its second."""

    NO_IKE = "ike_sa_not_established"
    NO_IPSEC = "ipsec_sa_not_established"
    UP = "ipsec_sa_established"


class Failure(Value):
    """Why a tunnel is down; `local` and `remote` are the values that do not match, never a secret."""

    code: str
    reason: str
    status: Status
    log: str
    local: str = ""
    remote: str = ""


class _Row(NamedTuple):
    """What comes of it when a setting differs."""

    setting: str
    code: str
    what: str
    status: Status


# In the order in which the ends find out.
_ROWS = (
    _Row("IkeVersion", "IkeVersionMismatch", "IKE versions", Status.NO_IKE),
    _Row("IkeMode", "NegotiationModeMismatch", "IKE modes", Status.NO_IKE),
    _Row("IkeEncAlg", "EncryptionAlgorithmMismatch", "IKE encryption", Status.NO_IKE),
    _Row("IkeAuthAlg", "AuthenticationAlgorithmMismatch", "IKE authentication", Status.NO_IKE),
    _Row("IkePfs", "DhGroupMismatch", "IKE DH groups", Status.NO_IKE),
    _Row("Psk", "PskMismatch", "pre-shared keys", Status.NO_IKE),
    _Row("IpsecEncAlg", "EncryptionAlgorithmMismatch", "IPsec encryption", Status.NO_IPSEC),
    _Row("IpsecAuthAlg", "AuthenticationAlgorithmMismatch", "IPsec authentication", Status.NO_IPSEC),
    _Row("IpsecPfs", "DhGroupMismatch", "IPsec DH groups", Status.NO_IPSEC),
    _Row("IkeLifetime", "LifetimeMismatch", "IKE lifetimes", Status.NO_IPSEC),
    _Row("IpsecLifetime", "LifetimeMismatch", "IPsec lifetimes", Status.NO_IPSEC),
)
_LOGS = {
    "IkeVersionMismatch": "no IKE config found for this version",
    "NegotiationModeMismatch": "unexpected exchange type",
    "EncryptionAlgorithmMismatch": "no acceptable ENCRYPTION_ALGORITHM found",
    "AuthenticationAlgorithmMismatch": "no acceptable INTEGRITY_ALGORITHM found",
    "DhGroupMismatch": "no acceptable DIFFIE_HELLMAN_GROUP found",
    "AlgorithmMismatch": "received NO_PROPOSAL_CHOSEN notify error",
    "PskMismatch": "decryption failed, received AUTHENTICATION_FAILED notify error",
    "LifetimeMismatch": "the lifetime of the SA is not the one configured",
}
_ALGORITHMS = frozenset({"EncryptionAlgorithmMismatch", "AuthenticationAlgorithmMismatch", "DhGroupMismatch"})


def failure(tunnel: Tunnel) -> Failure | None:
    """Say why a tunnel is down, if it is. A peer whose settings cannot be seen is taken to agree."""
    address = tunnel.peer.public_ip
    if tunnel.peer.path.loss_percent >= NOTHING_ARRIVES:
        log = f"sending retransmit 5 of request message ID 0 to {address}[500]; giving up, peer not responding"
        return Failure(code="NoResponse", reason="The peer does not respond.", status=Status.NO_IKE, log=log)
    differing = _differing(tunnel)
    if not differing:
        return None
    first = differing[0]
    phase = [row for row in differing if row.status is first.status and row.code in _ALGORITHMS]
    several = first.code in _ALGORITHMS and len({row.code for row in phase}) > 1
    shown = phase if several else [first]
    code = "AlgorithmMismatch" if several else first.code
    return Failure(
        code=code,
        reason=f"Both ends differ in their {', '.join(row.what for row in shown)}.",
        status=first.status,
        log=f"received packet from {address}[500]; {_LOGS[code]}",
        local=_values(shown, tunnel.settings.spelled_out()),
        remote=_values(shown, tunnel.peer.settings.spelled_out() if tunnel.peer.settings else {}),
    )


def status(tunnel: Tunnel) -> Status:
    found = failure(tunnel)
    return found.status if found else Status.UP


def tunnel_in_use(connection: Connection) -> Tunnel:
    """Give the tunnel that carries the traffic: the master, or the slave while only that one is up."""
    master, *rest = connection.all_tunnels
    return next((tunnel for tunnel in (master, *rest) if status(tunnel) is Status.UP), master)


def _differing(tunnel: Tunnel) -> list[_Row]:
    if tunnel.peer.settings is None:
        return []
    ours, theirs = tunnel.settings.spelled_out(), tunnel.peer.settings.spelled_out()
    return [row for row in _ROWS if ours[row.setting] != theirs[row.setting]]


def _values(rows: list[_Row], settings: dict[str, str | int]) -> str:
    return ",".join(str(settings[row.setting]) for row in rows if row.setting != "Psk")
