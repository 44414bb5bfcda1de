from collections.abc import AsyncIterator

import pytest

from tests.emulators.slack.playground import Playground, playing


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with playing() as playground:
        yield playground
