"""The vendor's own SDKs, pointed at the emulator, their blocking and their asyncio side behind one `ask`.

Importing them puts handlers on loggers of their own (`alibabacloud-tea`, `credentials`, `darabonba-core`). Their
asyncio side makes a session for every call, and closes it.
"""

import asyncio
from typing import Any, NamedTuple

from alibabacloud_ram20150501.client import Client as RamClient
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi import models as open_api
from alibabacloud_tea_openapi.utils_models import GlobalParameters
from alibabacloud_vpc20160428.client import Client as VpcClient
from darabonba.runtime import RuntimeOptions

from bot.model.credential import Credential


class Sdk(NamedTuple):
    """One side of the SDKs: their `…_with_options` methods, or those that end in `_async`."""

    host: str
    is_async: bool

    def vpc(self, credential: Credential, headers: dict[str, str] | None = None) -> VpcClient:
        """Make a client; `headers` take the place of its own."""
        config = self._config(credential)
        config.global_parameters = GlobalParameters(headers=headers or {})
        return VpcClient(config)

    def sts(self, credential: Credential | None) -> StsClient:
        return StsClient(self._config(credential))

    def ram(self, credential: Credential) -> RamClient:
        return RamClient(self._config(credential))

    async def ask(self, client: Any, method: str, *request: Any) -> Any:
        """Call a method, such as `describe_vpn_gateways_with_options`, and give the body of its answer."""
        arguments = (*request, RuntimeOptions())
        if self.is_async:
            return (await getattr(client, f"{method}_async")(*arguments)).body
        return (await asyncio.to_thread(lambda: getattr(client, method)(*arguments))).body

    def _config(self, credential: Credential | None) -> open_api.Config:
        given: dict[str, Any] = {}
        if credential is not None:
            given["access_key_id"] = credential.access_key_id
            given["access_key_secret"] = credential.access_key_secret.get_secret_value()
            if credential.security_token is not None:
                given["security_token"] = credential.security_token.get_secret_value()
        return open_api.Config(protocol="http", endpoint=self.host, no_proxy="127.0.0.1", **given)
