"""`vpn-diagnose migrate`."""

from pathlib import Path

import pytest

from bot.cli import main
from bot.store.schema import REVISIONS
from tests.store.old_file import write_old_file


def test_an_old_file_is_brought_up_to_date_and_again_is_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_old_file(tmp_path / "bot.db", [])
    monkeypatch.setenv("VPN_DIAGNOSE_DATABASE_URL", f"sqlite:///{tmp_path}/bot.db")

    status = [main(["migrate"]), main(["migrate"])]

    assert status == [0, 0]
    assert capsys.readouterr().out == f"the tables are at version {REVISIONS[-1]}\n" * 2


def test_a_database_that_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VPN_DIAGNOSE_DATABASE_URL", "postgresql://bot:hunter2@127.0.0.1:1/bot")

    status = main(["migrate"])

    said = capsys.readouterr().err
    assert status == 1
    assert "PostgreSQL" in said
    assert "hunter2" not in said
