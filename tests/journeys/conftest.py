"""The world that a journey happens in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.world import World, living


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with living(tmp_path) as alive:
        yield alive
