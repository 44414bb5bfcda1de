"""What the README says of the control interface works as it stands there."""

import json
import re
from pathlib import Path

from tests.emulators.alibaba.client import Cloud

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


async def test_every_order_of_the_example_is_taken(cloud: Cloud) -> None:
    [example] = re.findall(r"```sh\ncontrol=http://127\.0\.0\.1:8200/_emulator\n(.*?)```", README, flags=re.DOTALL)
    orders = re.findall(r"^curl (?:-X POST )?\$control/(\w+)(?: -d '(.*?)')?", example, flags=re.MULTILINE)
    assert len(orders) == len(example.splitlines())

    answers = [await cloud.control("POST", path, **json.loads(body or "{}")) for path, body in orders]

    assert [answer["ok"] for answer in answers] == [True] * len(orders)
