"""A run that is shown to its asker again."""

from bot.slack.last import last_message
from bot.slack.limits import MESSAGE_BLOCKS, MESSAGE_CHARACTERS, size
from tests.slack.scenes import a_diagnosing_run, a_failed_run, a_quota, a_report, a_reported_run, an_item

LINK = "https://example.slack.com/archives/C0INCIDENT/p1767355200000100"
ITEM = an_item("VpnRouteQuota", "error", a_quota(20))


def test_the_report_is_there_with_the_way_to_its_thread_and_without_buttons() -> None:
    message = last_message(a_reported_run(a_report(ITEM)), LINK)

    assert LINK in str(message.blocks[0])
    assert "Open thread" in str(message.blocks[0])
    assert "actions" not in {block["type"] for block in message.blocks}
    assert "header" in {block["type"] for block in message.blocks}


def test_without_an_address_the_rest_is_the_same() -> None:
    with_link, without = (last_message(a_failed_run("bot.gave_up"), link) for link in (LINK, None))

    assert with_link.blocks[1:] == without.blocks[1:]
    assert LINK not in str(without.blocks)


def test_a_run_under_way_says_how_far_it_is() -> None:
    message = last_message(a_diagnosing_run(finished_count=3, total_count=7), LINK)

    assert "⏳" in str(message.blocks)


def test_the_longest_report_still_fits() -> None:
    message = last_message(a_reported_run(a_report(*[ITEM] * 200)), LINK)

    for blocks in (message.blocks, message.classic_blocks or []):
        assert len(blocks) <= MESSAGE_BLOCKS
        assert size(blocks) <= MESSAGE_CHARACTERS
