import aiohttp
import pytest

from bot.emulators.alibaba import AlibabaEmulator, load_network
from bot.emulators.serving import serving
from tests.emulators.alibaba.client import Clock, Cloud

PROVIDER = "acs:ram::1234567890123456:oidc-provider/emulated-cluster"


async def test_a_provider_that_exists_issues_tokens(cloud: Cloud) -> None:
    answer = await cloud.control("POST", "oidc-token", provider=PROVIDER)

    assert answer["ok"] is True
    assert answer["token"].count(".") == 2


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"provider": f"{PROVIDER}-2"}, "there is no such provider"),
        ({"provider": PROVIDER, "subject": ""}, "subject: "),
        ({"provider": PROVIDER, "lasts_s": 10**9}, "lasts_s: "),
        ({}, "provider: "),
    ],
)
async def test_an_order_that_cannot_be_carried_out_says_why(
    cloud: Cloud, order: dict[str, object], words: str
) -> None:
    answer = await cloud.control("POST", "oidc-token", **order)

    assert answer["ok"] is False
    assert words in answer["error"]


async def test_without_a_private_key_no_token_is_issued(clock: Clock) -> None:
    network = load_network()
    [provider] = network.accounts[0].oidc_providers
    public = provider.changed(keys=(provider.keys[0].changed(d=None),))
    account = network.accounts[0].changed(oidc_providers=(public,))
    app = AlibabaEmulator(network.changed(accounts=(account,)), clock).web_app()
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        answer = await Cloud(session, base_url.removeprefix("http://"), clock).control(
            "POST", "oidc-token", provider=PROVIDER
        )

    assert answer == {"ok": False, "error": "the private half of this key is not known"}
