"""`vpn-diagnose audit`."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from bot.model.run import Run
from bot.store.database import Database, open_database
from bot.store.runs import Runs
from tests.store.audited import tamper, write_down
from tests.store.clock import now

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = f"sqlite:///{tmp_path}/bot.db"
    monkeypatch.setenv("VPN_DIAGNOSE_DATABASE_URL", address)
    return address


def with_database(url: str, *works: Callable[[Database], object]) -> None:
    async def do() -> None:
        async with open_database(url, now) as database:
            for work in works:
                await work(database)  # type: ignore[misc]

    asyncio.run(do())


def test_a_trail_as_it_was_written_is_good_and_its_end_can_be_noted(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with_database(url, lambda database: write_down(database, 3))

    status = main(["audit", "verify"])
    said = capsys.readouterr().out
    noted = re.search(r"--expect (3:[0-9a-f]{64})$", said.strip())

    assert status == 0
    assert "3 entries" in said
    assert noted is not None
    assert main(["audit", "verify", "--expect", noted[1]]) == 0


def test_what_was_done_to_the_trail_is_said_line_by_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with_database(
        url,
        lambda database: write_down(database, 9),
        lambda database: tamper(
            database,
            "UPDATE audit SET user_id = 'U0BOB' WHERE seq = 2",
            "DELETE FROM audit WHERE seq IN (4, 6, 7)",
        ),
    )

    status = main(["audit", "verify", "--expect", f"12:{'a' * 64}", "--expect", f"9:{'b' * 64}"])

    assert status == 1
    assert capsys.readouterr().out.splitlines() == [
        "entry 2 was changed",
        "entry 4 is missing",
        "entries 6 to 7 are missing",
        "entry 9 is not the one that was expected: it, or all up to it, was written anew",
        "entries 10 to 12 are missing",
        "NOT as it was written: 5 faults in 6 entries",
    ]


def test_of_many_faults_the_rest_is_counted(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    everything = "UPDATE audit SET user_id = 'U0BOB'"
    with_database(url, lambda database: write_down(database, 22), lambda database: tamper(database, everything))

    status = main(["audit", "verify"])

    assert status == 1
    assert "… and 2 more" in capsys.readouterr().out


def test_a_trail_without_entries_is_good(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with_database(url)

    assert main(["audit", "verify"]) == 0
    assert capsys.readouterr().out == "no entries yet\n"


def test_without_an_end_that_was_noted_it_says_that_the_very_end_is_not_checked(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with_database(url, lambda database: write_down(database, 1))

    main(["audit", "verify"])
    without = capsys.readouterr().out
    main(["audit", "verify", "--expect", without.split()[-1]])

    assert "not checked: whether other entries" in without
    assert "not checked" not in capsys.readouterr().out


@pytest.mark.parametrize("removed", ["seq > 0", "seq = 2"])
def test_a_trail_whose_end_is_gone_names_the_run_that_has_no_entry(
    removed: str, url: str, a_run: Callable[..., Run], capsys: pytest.CaptureFixture[str]
) -> None:
    run = a_run()
    with_database(
        url,
        lambda database: write_down(database, 1),
        lambda database: Runs(database).add(run, "trigger:1"),
        lambda database: tamper(database, f"DELETE FROM audit WHERE {removed}"),  # noqa: S608 - an intruder's
    )

    assert main(["audit", "verify"]) == 1
    assert (
        capsys.readouterr().out.splitlines()[0] == f"run {run.id} is stored, but its entry `accepted` is missing"
    )


def test_an_id_that_an_intruder_made_up_does_not_write_on_the_terminal(
    url: str, a_run: Callable[..., Run], capsys: pytest.CaptureFixture[str]
) -> None:
    with_database(
        url,
        lambda database: Runs(database).add(a_run(), "trigger:1"),
        lambda database: tamper(database, "UPDATE runs SET id = 'a' || char(27) || '[2J' || CAST(x'ff' AS TEXT)"),
    )

    assert main(["audit", "verify"]) == 1
    assert capsys.readouterr().out.startswith("run a\\x1b[2J\\udcff is stored")


def test_runs_from_before_the_trail_are_said_not_to_be_checked(
    url: str, a_run: Callable[..., Run], capsys: pytest.CaptureFixture[str]
) -> None:
    with_database(
        url,
        lambda database: Runs(database).add(a_run(), "trigger:1"),
        lambda database: tamper(database, "DELETE FROM audit", "UPDATE runs SET created_at = 1.0"),
        lambda database: write_down(database, 1),
    )

    assert main(["audit", "verify"]) == 0
    assert "not checked: 1 stored runs" in capsys.readouterr().out


def test_a_database_without_a_trail_is_not_good(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["audit", "verify"]), main(["audit", "export"])) == (1, 1)
    assert "no audit trail" in capsys.readouterr().err
    assert not Path(url.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize("wrong", ["7", "7:abc", f"0:{'a' * 64}", f"7:{'A' * 64}", f"7:{'a' * 64}\n"])
def test_an_end_in_another_form_is_wrong_usage(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", "verify", "--expect", wrong])

    assert ended.value.code == 2
    assert "SEQ:HASH" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["-1", "many"])
def test_a_number_that_is_none_is_wrong_usage(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", "export", "--after", wrong])

    assert ended.value.code == 2
    assert "--after" in capsys.readouterr().err


async def test_it_works_while_the_bot_has_the_database(
    url: str, a_run: Callable[..., Run], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_database(url, now) as database:
        run = a_run()
        await Runs(database).add(run, "trigger:1")
        await write_down(database, 1)

        statuses = [await asyncio.to_thread(main, ["audit", task]) for task in ("verify", "export")]

    lines = capsys.readouterr().out.splitlines()
    first, second = map(json.loads, lines[3:])
    assert statuses == [0, 0]
    assert first["RunId"] == run.id
    assert (first["Seq"], first["Event"], first["VpnGatewayId"]) == (1, "accepted", run.request.gateway_id)
    assert (second["Event"], second["Problem"]) == ("refused", "access.not_mapped")
    assert second["Previous"] == first["Hash"]


def test_only_what_is_new_is_exported_when_asked(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with_database(url, lambda database: write_down(database, 3))

    main(["audit", "export", "--after", "2"])

    assert [json.loads(line)["Seq"] for line in capsys.readouterr().out.splitlines()] == [3]


@pytest.mark.parametrize("forged", ["x'fffe'", "CAST(x'fffe' AS TEXT)"])
def test_an_export_goes_on_over_bytes_that_are_no_text(
    forged: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"  # PostgreSQL takes none
    monkeypatch.setenv("VPN_DIAGNOSE_DATABASE_URL", url)
    forge = f"UPDATE audit SET user_id = {forged} WHERE seq = 1"  # noqa: S608 - an intruder's
    with_database(url, lambda database: write_down(database, 2), lambda database: tamper(database, forge))

    assert main(["audit", "export"]) == 0
    assert [json.loads(line)["Seq"] for line in capsys.readouterr().out.splitlines()] == [1, 2]


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param("'no JSON'", id="a sentence"),
        pytest.param("5", id="a number"),
        pytest.param("''", id="nothing"),
        pytest.param("'[NaN]'", id="what JSON does not know"),
        pytest.param("CAST(x'fffe' AS TEXT)", id="bytes that are no text"),
        pytest.param("replace(hex(zeroblob(50000)), '00', '[')", id="nested without end"),
    ],
)
@pytest.mark.parametrize("column", ["steps", "denial"])
def test_an_export_names_the_row_in_which_something_else_was_put(
    column: str, forged: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"  # the forgeries are spelt in SQLite's SQL
    monkeypatch.setenv("VPN_DIAGNOSE_DATABASE_URL", url)
    forge = f"UPDATE audit SET {column} = {forged} WHERE seq = 2"  # noqa: S608 - an intruder's
    with_database(url, lambda database: write_down(database, 3), lambda database: tamper(database, forge))

    status = main(["audit", "export"])
    told = capsys.readouterr()

    assert status == 1
    assert [json.loads(line)["Seq"] for line in told.out.splitlines()] == [1, 2, 3]
    assert told.err == f"entry 2 was changed: its {column.capitalize()} cannot be read\n"


def test_an_export_can_be_checked_as_it_is_documented(
    url: str, a_run: Callable[..., Run], capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert recipe is not None
    with_database(
        url, lambda database: Runs(database).add(a_run(), "trigger:1"), lambda database: write_down(database, 2)
    )
    main(["audit", "export"])
    lines = capsys.readouterr().out.splitlines()

    good: dict[str, object] = {"lines": lines}
    exec(recipe[1], good)  # noqa: S102 - it is ours
    changed: dict[str, object] = {"lines": [line.replace("U0MALLORY", "U0BOB") for line in lines]}
    with pytest.raises(AssertionError):
        exec(recipe[1], changed)  # noqa: S102

    assert good["previous"] == json.loads(lines[-1])["Hash"]
