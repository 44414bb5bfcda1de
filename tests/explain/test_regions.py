"""The public regions have the form of regions."""

from bot.explain.regions import PUBLIC_REGIONS
from bot.model.ids import RegionId


def test_every_public_region_has_the_form_of_one() -> None:
    assert "cn-hangzhou" in PUBLIC_REGIONS
    assert all(RegionId(region) for region in PUBLIC_REGIONS)
