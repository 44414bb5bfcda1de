"""A few seconds of what `make soak` does for minutes."""

from pathlib import Path

import pytest

from tests.crash.soak import soaked


@pytest.mark.parametrize(("database", "replicas"), [("sqlite", 1), ("postgresql", 2)])
async def test_runs_survive_kills_at_random(tmp_path: Path, database: str, replicas: int) -> None:
    outcome = await soaked(tmp_path, seconds=6, rate=4, replicas=replicas, database=database)

    assert outcome.acked > 0
    assert outcome.kills > 0
    assert outcome.threads >= outcome.acked
    assert outcome.wrong == ()
