"""The console's address is on the site where the account can log in."""

import pytest

from bot.model.ids import RegionId
from bot.slack.console import Site, console_url

CHINA, INTERNATIONAL = "https://vpc.console.aliyun.com", "https://vpc.console.alibabacloud.com"


@pytest.mark.parametrize(
    ("region", "begins"),
    [
        ("cn-hangzhou", CHINA),
        ("cn-shanghai-finance-1", CHINA),
        ("cn-hongkong", INTERNATIONAL),
        ("eu-central-1", INTERNATIONAL),
    ],
)
def test_without_a_setting_the_region_tells_the_likelier_site(region: str, begins: str) -> None:
    assert console_url(RegionId(region)) == f"{begins}/vpn/{region}/vpns"


@pytest.mark.parametrize(("site", "begins"), [("china", CHINA), ("international", INTERNATIONAL)])
def test_a_site_that_is_set_goes_for_every_region(site: Site, begins: str) -> None:
    for region in ("cn-hangzhou", "eu-central-1"):
        assert console_url(RegionId(region), site).startswith(f"{begins}/vpn/{region}/")
