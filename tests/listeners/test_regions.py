"""A region that is not one is answered with the one that was meant, where that can be told."""

import pytest

from bot.listeners.regions import PLACES, PLACES_IN_CHINESE, known_regions, nearest_region, region_named
from bot.model.ids import RegionId


def test_every_region_has_the_form_of_a_region() -> None:
    assert [RegionId(region) for region in PLACES] == list(PLACES)


def test_every_place_has_a_name_of_its_own_in_both_languages() -> None:
    assert set(PLACES_IN_CHINESE) == set(PLACES)
    assert len({*PLACES.values()}) == len({*PLACES_IN_CHINESE.values()}) == len(PLACES)


@pytest.mark.parametrize("typed", ["cn-hangzhou", "CN-Hangzhou", "Hangzhou", "hangzhou", "杭州"])
def test_a_region_is_named_by_its_id_or_its_place(typed: str) -> None:
    assert region_named(typed, known_regions()) == "cn-hangzhou"
    assert region_named(typed, frozenset({"cn-qingdao"})) is None


@pytest.mark.parametrize("typed", ["", "hangzou", "杭", "cn-hangzhou-h"])
def test_what_is_only_like_a_place_names_no_region(typed: str) -> None:
    assert region_named(typed, known_regions()) is None


def test_a_region_that_the_administrator_names_is_known() -> None:
    assert "xx-new-9" in known_regions(["xx-new-9"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("cn-hangzou", "cn-hangzhou", id="a slip"),
        pytest.param("CN_HANGZHOU", "cn-hangzhou", id="an underscore"),
        pytest.param("hangzhou", "cn-hangzhou", id="the city"),
        pytest.param("cn-hangzhou-h", "cn-hangzhou", id="a zone"),
        pytest.param("ap-southeast-1a", "ap-southeast-1", id="a zone abroad"),
        pytest.param("Frankfurt", "eu-central-1", id="a city abroad"),
        pytest.param("singapour", "ap-southeast-1", id="a slip in a city"),
    ],
)
def test_the_region_that_was_meant_is_found(typed: str, meant: str) -> None:
    assert nearest_region(typed, known_regions()) == meant


@pytest.mark.parametrize("typed", ["", "-", "please", "vpn", "xx-nowhere-9", "杭州", "10.0.0.1"])
def test_nothing_is_guessed_where_nothing_is_alike(typed: str) -> None:
    assert nearest_region(typed, known_regions()) is None


def test_only_known_regions_are_suggested() -> None:
    assert nearest_region("Frankfurt", frozenset({"cn-hangzhou"})) is None
