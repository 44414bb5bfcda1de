"""The HTTP door as whoever runs the bot sees it: alive, ready or not and why, and its metrics."""

from collections.abc import Mapping

from aiohttp import ClientSession
from prometheus_client import CollectorRegistry

from bot.web.door import web_app
from bot.web.listening import listening
from bot.web.meters import Meters


async def good() -> Mapping[str, str | None]:
    return {"database": None, "slack": None}


async def deaf() -> Mapping[str, str | None]:
    return {"database": None, "slack": "the Socket Mode connection is lost"}


async def test_a_living_process_says_so(registry: CollectorRegistry) -> None:
    async with listening(web_app(good, registry), "127.0.0.1", 0) as url, ClientSession() as session:
        answer = await session.get(f"{url}/healthz")

        assert answer.status == 200


async def test_a_bot_is_ready_when_all_its_parts_are(registry: CollectorRegistry) -> None:
    async with listening(web_app(good, registry), "127.0.0.1", 0) as url, ClientSession() as session:
        answer = await session.get(f"{url}/readyz")

        assert answer.status == 200
        assert (await answer.json())["ready"] is True


async def test_a_bot_that_is_not_ready_says_why(registry: CollectorRegistry) -> None:
    async with listening(web_app(deaf, registry), "127.0.0.1", 0) as url, ClientSession() as session:
        answer = await session.get(f"{url}/readyz")

        assert answer.status == 503
        assert await answer.json() == {
            "ready": False,
            "checks": {
                "database": {"good": True, "reason": None},
                "slack": {"good": False, "reason": "the Socket Mode connection is lost"},
            },
            "warnings": {},
        }


async def test_a_warning_is_told_and_takes_no_bot_out(registry: CollectorRegistry) -> None:
    def warnings() -> dict[str, str | None]:
        return {"access_file": "line 3 is wrong", "another": None}

    app = web_app(good, registry, warnings=warnings)
    async with listening(app, "127.0.0.1", 0) as url, ClientSession() as session:
        answer = await session.get(f"{url}/readyz")

        assert answer.status == 200
        assert (await answer.json())["warnings"] == {"access_file": "line 3 is wrong"}


async def test_metrics_are_in_the_format_of_prometheus(registry: CollectorRegistry, meters: Meters) -> None:
    meters.refused.labels("signature").inc()

    async with listening(web_app(good, registry), "127.0.0.1", 0) as url, ClientSession() as session:
        answer = await session.get(f"{url}/metrics")

        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        assert 'vpn_diagnose_refused_requests_total{reason="signature"} 1.0' in await answer.text()


async def test_with_socket_mode_there_is_no_route_for_events(registry: CollectorRegistry) -> None:
    async with listening(web_app(good, registry), "127.0.0.1", 0) as url, ClientSession() as session:
        answer = await session.post(f"{url}/slack/events", data=b"{}")

        assert answer.status == 404
