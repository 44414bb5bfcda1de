"""What the cloud is called with; secrets are wrapped so that no repr, log or dump shows them."""

from datetime import datetime

from pydantic import SecretStr

from bot.model.value import Value


class Credential(Value):
    """An access key, with the security token and the end of its life (UTC) if it is a temporary one.

    `account_id` is the account that it belongs to, where that is known: its quotas are shared by all its keys.
    """

    access_key_id: str
    access_key_secret: SecretStr
    security_token: SecretStr | None = None
    expires_at: datetime | None = None
    account_id: str | None = None


class Authorization(Value):
    """The positive decision: as whom the cloud may be called for one person; lives in memory only.

    `identity` is the name in access.yml, `principal` the ARN as the cloud sees it, `confirmed_at` when the cloud
    was asked whose it is.
    """

    identity: str
    principal: str
    credential: Credential
    confirmed_at: datetime | None = None
