import re
from pathlib import Path

import pytest

from tests.emulators.slack.playground import INCIDENT, Playground

FOLDER = Path("bot/emulators/slack/page")
FILES = sorted(path.name for path in FOLDER.iterdir())
SCRIPTS = [name for name in FILES if name.endswith(".js")]


@pytest.mark.parametrize("path", ["/", f"/archives/{INCIDENT}/p1795402800000000"])
async def test_the_page_lets_no_script_in_but_its_own(slack: Playground, path: str) -> None:
    response = await slack.session.get(f"{slack.url}{path}")
    policy = response.headers["Content-Security-Policy"]

    assert (response.status, response.content_type) == (200, "text/html")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", [name for name in FILES if name != "index.html"])
async def test_each_part_of_the_page_is_served(slack: Playground, name: str) -> None:
    response = await slack.session.get(f"{slack.url}/page/{name}")

    assert response.status == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["index.html", "..%2f..%2femulator.py", "nothing.js"])
async def test_nothing_else_is_served(slack: Playground, name: str) -> None:
    assert (await slack.session.get(f"{slack.url}/page/{name}")).status == 404


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_markup_out_of_text(name: str) -> None:
    script = (FOLDER / name).read_text(encoding="utf-8")

    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", script)


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")

    assert not re.search(r"""(src|href|from|url)\s*[=(]?\s*["']?(https?:)?//""", text)
