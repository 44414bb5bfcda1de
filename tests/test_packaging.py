"""What is installed is what was pinned: the lock files, the bounds, the wheel and the image."""

import json
import re
import subprocess
import sys
import threading
import tomllib
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
IMAGE = (ROOT / "Dockerfile").read_text()
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock", "requirements-tools.lock"]

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
POSTGRES = PROJECT["project"]["optional-dependencies"]["postgres"]
RUNTIME = [Requirement(line) for line in PROJECT["project"]["dependencies"] + POSTGRES]
GROUPS = {name: [Requirement(line) for line in lines] for name, lines in PROJECT["dependency-groups"].items()}


def entries(lock: str) -> list[str]:
    """Return a lock file's requirements, each with its hashes on one line, without comments."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return text.replace("\\\n", " ").splitlines()


def pins(lock: str) -> dict[str, Version]:
    found = (re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)", entry) for entry in entries(lock))
    return {canonicalize_name(match[1]): Version(match[2]) for match in found if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    without = [entry for entry in entries(lock) if not re.search(r"==\S+.* --hash=sha256:[0-9a-f]{64}", entry)]

    assert without == []
    assert len(pins(lock)) == len(entries(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_no_path(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert not re.search(r"://|--index-url|--find-links|(^|\s)/\w|\bfile:", text, flags=re.MULTILINE)


@pytest.mark.parametrize("lock", ["requirements-dev.lock", "requirements-bench.lock"])
def test_tests_and_benchmarks_run_on_the_versions_that_are_shipped(lock: str) -> None:
    shipped = pins("requirements.lock")

    assert shipped.items() <= pins(lock).items()


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements.lock", RUNTIME),
        ("requirements-dev.lock", RUNTIME + GROUPS["dev"] + GROUPS["peers"]),
        ("requirements-bench.lock", RUNTIME + GROUPS["bench"]),
        ("requirements-tools.lock", GROUPS["tools"]),
    ],
    ids=LOCKS,
)
def test_a_lock_is_compiled_from_the_project_as_it_is(lock: str, requirements: list[Requirement]) -> None:
    pinned = pins(lock)

    amiss = [
        str(r) for r in requirements if pinned.get(canonicalize_name(r.name), Version("0")) not in r.specifier
    ]

    assert amiss == [], "run: make lock"


def test_every_dependency_is_bounded_above() -> None:
    everything = RUNTIME + [requirement for group in GROUPS.values() for requirement in group]

    unbounded = [str(r) for r in everything if not any(s.operator in {"<", "==", "~="} for s in r.specifier)]

    assert unbounded == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        str(directory),
    ]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    [built] = directory.glob("*.whl")
    return built


def test_the_wheel_holds_the_bot_with_its_data_and_nothing_else(wheel: Path) -> None:
    ignored = {"__pycache__", ".DS_Store"}
    wanted = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "bot").rglob("*")
        if file.is_file() and not ignored & set(file.parts) and file.suffix != ".pyc"
    }

    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert names == wanted


def test_the_bot_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(unpacked)

    settings = subprocess.run(
        [sys.executable, "-m", "bot", "settings"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert "VPN_DIAGNOSE_ACCESS_FILE" in settings.stdout


def test_the_image_holds_no_secret_and_is_not_root() -> None:
    last_stage = IMAGE.rpartition("\nFROM ")[2]

    assert not re.search(r"(TOKEN|SECRET|KEY)\w*=", IMAGE)
    assert re.search(r"^USER 10001:10001$", last_stage, flags=re.MULTILINE)
    assert "COPY . " not in IMAGE


class Alive(BaseHTTPRequestHandler):
    """Answers as a process that lives: 200 on /healthz, 404 elsewhere."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def health_check(port: int) -> int:
    """Run the image's health check as the container would, behind a proxy; return its exit status."""
    [command] = re.findall(r"^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$", IMAGE, flags=re.MULTILINE)
    _, *arguments = json.loads(command)
    environ = {"VPN_DIAGNOSE_PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run([sys.executable, *arguments], env=environ, check=False, capture_output=True).returncode


def test_the_health_check_passes_where_the_bot_answers_and_fails_where_nothing_does() -> None:
    with HTTPServer(("127.0.0.1", 0), Alive) as server:
        threading.Thread(target=server.serve_forever).start()

        alive = health_check(server.server_port)

        server.shutdown()
    dead = health_check(server.server_port)

    assert alive == 0
    assert dead != 0


def test_compose_gives_the_containers_no_more_than_they_need() -> None:
    services = yaml.safe_load((ROOT / "compose.yml").read_text())["services"]

    assert services.keys() == {"bot", "database"}
    for service in services.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not {"privileged", "network_mode", "pid"} & service.keys()
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert services["bot"]["read_only"]
    assert "cap_add" not in services["bot"]


def test_compose_runs_replicas_on_postgresql() -> None:
    services = yaml.safe_load((ROOT / "compose.yml").read_text())["services"]
    address = services["bot"]["environment"]["VPN_DIAGNOSE_DATABASE_URL"]

    assert services["bot"]["deploy"]["replicas"] == 2
    assert address.startswith("postgresql://")
    assert "@database/" in address
    assert "${DATABASE_PASSWORD:?" in address, "the password comes from .env, and starting without one is refused"
