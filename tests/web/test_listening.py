"""The door opens on the address it is told, or says why it cannot."""

import pytest
from aiohttp import web

from bot.model.problem import Problem
from bot.web.listening import listening


async def test_a_port_that_is_taken_is_named() -> None:
    async with listening(web.Application(), "127.0.0.1", 0) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(Problem) as raised:
            async with listening(web.Application(), "127.0.0.1", port):
                pass

    assert raised.value.code == "settings.port_in_use"
    assert raised.value.facts == {"host": "127.0.0.1", "port": str(port)}


async def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Problem) as raised:
        async with listening(web.Application(), "192.0.2.1", 0):
            pass

    assert raised.value.code == "settings.invalid"


async def test_an_address_of_ipv6_is_a_url() -> None:
    try:
        async with listening(web.Application(), "::1", 0) as url:
            assert url.startswith("http://[::1]:")
    except Problem:
        pytest.skip("this machine has no IPv6")
