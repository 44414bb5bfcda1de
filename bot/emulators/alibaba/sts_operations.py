"""STS 2015-04-01: AssumeRole, AssumeRoleWithOIDC and GetCallerIdentity.

Sources: https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole and
https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerolewithoidc
"""

import re

from bot.alibaba.ram_policy import Verdict
from bot.emulators.alibaba import oidc
from bot.emulators.alibaba.authorization import authorize, check_trust, trust
from bot.emulators.alibaba.callers import IdentityType
from bot.emulators.alibaba.credentials import Credentials
from bot.emulators.alibaba.identities import OidcProvider
from bot.emulators.alibaba.network import Network
from bot.emulators.alibaba.operations import Answer, Call, Operation, Product
from bot.emulators.alibaba.refusals import Refusal
from bot.emulators.alibaba.session_request import (
    checked,
    find_role,
    hand_out,
    role_arn,
    session_name,
    session_policy,
)

_PROVIDER_ARN = re.compile(r"acs:ram::([0-9]{16}):oidc-provider/([A-Za-z0-9._-]{1,128})")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


class StsOperations:
    """The operations of STS over one network."""

    def __init__(self, network: Network, credentials: Credentials) -> None:
        self._network = network
        self._credentials = credentials

    def product(self) -> Product:
        both = ("RoleArn", "RoleSessionName")
        operations = (
            Operation(
                "AssumeRole",
                both,
                self.assume_role,
                ("DurationSeconds", "ExternalId", "Policy"),
                ignored=("SourceIdentity",),
            ),
            Operation(
                "AssumeRoleWithOIDC",
                ("OIDCProviderArn", *both),
                self.assume_role_with_oidc,
                ("DurationSeconds", "OIDCToken", "Policy"),
                anonymous=True,
            ),
            Operation("GetCallerIdentity", (), self.get_caller_identity),
        )
        return Product("Sts", "2015-04-01", operations)

    def assume_role(self, call: Call) -> Answer:
        """Hand out a session. The caller needs sts:AssumeRole, and the role has to trust them."""
        if call.caller.kind is IdentityType.ACCOUNT:
            raise Refusal("NoPermission", "Roles may not be assumed by root accounts.")
        arn = role_arn(call)
        authorize(call, "sts:AssumeRole", arn)
        session_name(call)
        policy = session_policy(call)
        found = find_role(self._network, arn)
        check_trust(call, found.role, arn, _with_external_id(call))
        body, session = hand_out(call, self._credentials, found, policy)
        return Answer(body, {"session": session})

    def assume_role_with_oidc(self, call: Call) -> Answer:
        """Hand out a session to whoever brings a token of a provider that the role trusts."""
        arn = role_arn(call)
        session_name(call)
        policy = session_policy(call)
        provider_arn = checked(call, "OIDCProviderArn", _PROVIDER_ARN)
        identity = oidc.verified(call.parameter("OIDCToken"), self._provider(provider_arn), call.now)
        found = find_role(self._network, arn)
        naming = [one for one in found.role.trust.statements if provider_arn in one.principal.federated]
        claims = {"oidc:iss": identity.issuer, "oidc:aud": identity.audience, "oidc:sub": identity.subject}
        if trust(naming, arn, {**call.context, **claims}) is not Verdict.ALLOW:
            raise Refusal("AuthenticationFail.NoPermission")
        body, session = hand_out(call, self._credentials, found, policy)
        return Answer(body | {"OIDCTokenInfo": _told(identity)}, {"session": session})

    def get_caller_identity(self, call: Call) -> Answer:
        """Tell callers who they are, which needs no permission."""
        caller = call.caller
        body = {
            "IdentityType": caller.kind.value,
            "AccountId": caller.account_id,
            "PrincipalId": caller.principal_id,
            "Arn": caller.arn,
        }
        if caller.kind is IdentityType.ROLE:
            return Answer(body | {"RoleId": caller.principal_id.partition(":")[0]}, {})
        return Answer(body | {"UserId": caller.principal_id}, {})

    def _provider(self, arn: str) -> OidcProvider:
        provider = self._network.oidc_provider(arn)
        if provider is None:
            raise Refusal("AuthenticationFail.NoPermission", "No such OIDC Provider registered.")
        return provider


def _with_external_id(call: Call) -> dict[str, str]:
    if not call.parameter("ExternalId"):
        return dict(call.context)
    return dict(call.context) | {"sts:ExternalId": checked(call, "ExternalId", _EXTERNAL_ID)}


def _told(identity: oidc.Identity) -> dict[str, str]:
    return {
        "Subject": identity.subject,
        "Issuer": identity.issuer,
        "ClientIds": ",".join(identity.audiences),
        "IssuanceTime": f"{identity.issued_at:%Y-%m-%dT%H:%M:%SZ}",
        "ExpirationTime": f"{identity.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "VerificationInfo": "Success",
    }
