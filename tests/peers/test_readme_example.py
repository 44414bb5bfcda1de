"""The README's example of the emulator and the official SDK does what it says, as it stands there."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
[SECTION] = re.findall(r"^### Testing your own code.*?(?=^###? )", README, flags=re.MULTILINE | re.DOTALL)


def block(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", SECTION, flags=re.DOTALL)
    return str(found)


@pytest.fixture
def address() -> Iterator[str]:
    """Run the README's command, on any free port, and give the address that it prints."""
    command, answer = block("console").splitlines()
    program, *arguments = shlex.split(command.removeprefix("$ "))
    assert (program, json.loads(answer).keys()) == (".venv/bin/python", {"ready"})
    arguments[arguments.index("--port") + 1] = "0"
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["ready"].removeprefix("http://")
        process.terminate()


def test_the_example_prints_what_the_readme_shows(address: str) -> None:
    code = block("python")
    assert "127.0.0.1:8200" in code

    done = subprocess.run(
        [sys.executable, "-c", code.replace("127.0.0.1:8200", address)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout == block("text")


def test_the_example_of_a_fault_is_an_order_that_is_taken(address: str) -> None:
    [order] = re.findall(r"`curl \S+ -d '(.*?)'`", SECTION)

    taken = subprocess.run(
        [sys.executable, "-c", POST, f"http://{address}/_emulator/faults", order],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert json.loads(taken.stdout)["open"][0]["times"] == 2


POST = """
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(opener.open(sys.argv[1], data=sys.argv[2].encode()).read().decode())
"""
