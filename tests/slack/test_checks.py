"""A check in a report: in full when somebody has to act on it, else a row or a line."""

from typing import Any

import pytest

from bot.explain.checks import CheckWords, describe
from bot.model.report import ConfigConsistency, ConfigDifference, ResultLevel, RouteConflict
from bot.model.run import Language
from bot.slack.checks import as_lines, as_table, in_full
from bot.slack.findings import Finding
from tests.slack.parsed_by_slack import texts
from tests.slack.scenes import FEW_ROUTES, an_item

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def a_finding(detail: Any, name: str = "VcoConfigConsistency", language: Language = "en") -> Finding:
    return Finding(level=ResultLevel.ERROR, words=describe(an_item(name, "error", detail), language))


def parts_of(finding: Finding, language: Language = "en") -> list[str]:
    return [part["type"] for part in in_full(finding, language)["elements"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_that_differ_are_a_list_in_both_languages(language: Language) -> None:
    difference = ConfigDifference(setting="IkeEncAlg", cloud_side="aes256", peer_side="aes")
    detail = ConfigConsistency(peer_known=True, differing=(difference,), lacking=("RemoteSubnet",))

    block = in_full(a_finding(detail, language=language), language)

    (listed,) = [part for part in block["elements"] if part["type"] == "rich_text_list"]
    assert len(listed["elements"]) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_single_fact_is_no_list(language: Language) -> None:
    difference = ConfigDifference(setting="IkeConfig.IkeEncAlg", cloud_side="x" * 60, peer_side="y" * 60)
    detail = ConfigConsistency(peer_known=True, differing=(difference,))

    assert set(parts_of(a_finding(detail, language=language), language)) == {"rich_text_section"}


def test_wide_characters_count_twice_when_a_line_is_filled() -> None:
    narrow = RouteConflict(remarks=("r" * 16, "s" * 16))
    wide = RouteConflict(remarks=("路" * 16, "由" * 16))

    assert "rich_text_list" not in parts_of(a_finding(narrow, "RouteEntryConflict", "zh"), "zh")
    assert "rich_text_list" in parts_of(a_finding(wide, "RouteEntryConflict", "zh"), "zh")


def test_a_check_without_a_next_step_promises_none() -> None:
    words = CheckWords(title="A check", meaning="It failed.", facts=(), next_step=None)

    block = in_full(Finding(level=ResultLevel.ERROR, words=words), "en")

    assert texts([block]) == "❌ \nError: A check\nIt failed."


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_has_a_head_in_its_language_and_a_row_a_check(language: Language) -> None:
    finding = Finding(level=ResultLevel.NORMAL, words=describe(FEW_ROUTES, language))

    (block,) = as_table([finding, finding], language)

    head, *rows = [[cell["text"] for cell in row] for row in block["rows"]]
    assert head == {"en": ["Normal", "Measured", "What it says"], "zh": ["正常", "测量值", "含义"]}[language]
    assert rows == [[f"✅ {finding.words.title}", *finding.words.facts, finding.words.meaning]] * 2


def test_no_normal_checks_are_no_blocks() -> None:
    assert as_table([], "en") == as_lines([], "en") == []
