"""The App Home says who somebody is here, and what came of what they asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.emulators.slack.blocks import Surface
from bot.emulators.slack.view_schema import view_flaws
from bot.model.ids import RegionId
from bot.model.problem import ProblemDetails
from bot.model.run import Language
from bot.slack.history_list import Past
from bot.slack.home import Me, home_view
from tests.slack.parsed_by_slack import UNPARSED, texts
from tests.slack.scenes import BROKEN, HEALTHY, ROLE, a_reported_run

LANGUAGES: tuple[Language, ...] = ("en", "zh")
ALICE = Me(identity="network-oncall", principal=ROLE, regions=(RegionId("cn-hangzhou"), RegionId("cn-qingdao")))
NOBODY = Me(problem=ProblemDetails(code="access.not_mapped", facts={"user_id": "U0BOB", "team_id": "T0EMULATED"}))
THREAD = "https://emulated.slack.test/archives/C0INCIDENT/p1767355200000100"


def said(me: Me, language: Language = "en") -> str:
    return texts(home_view(me, [], language)["blocks"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("me", [ALICE, NOBODY], ids=["mapped", "not mapped"])
def test_slack_takes_it(me: Me, language: Language) -> None:
    view = home_view(me, [Past(run=a_reported_run(BROKEN), permalink=THREAD)], language)

    assert not view_flaws(view, Surface.HOME)


@pytest.mark.parametrize(
    ("language", "identity", "regions"),
    [
        ("en", f"You diagnose as network-oncall ({ROLE}).", "The form offers: cn-hangzhou, cn-qingdao"),
        ("zh", f"您以身份network-oncall（{ROLE}）进行诊断。", "表单提供的地域：cn-hangzhou、cn-qingdao"),
    ],
)
def test_it_says_as_whom_somebody_diagnoses_and_where(language: Language, identity: str, regions: str) -> None:
    assert {identity, regions} <= set(said(ALICE, language).splitlines())


def test_what_is_not_known_of_an_identity_is_not_said() -> None:
    text = said(Me(identity="lab"))

    assert "You diagnose as lab." in text
    assert "The form offers" not in text


def test_a_button_opens_the_form() -> None:
    (row,) = [block for block in home_view(ALICE, [], "en")["blocks"] if block["type"] == "actions"]

    (button,) = row["elements"]
    assert button["action_id"] == "open_form"
    assert "value" not in button


def test_who_is_not_mapped_gets_the_reason_in_place_of_the_button() -> None:
    view = home_view(NOBODY, [], "en")

    assert "actions" not in {block["type"] for block in view["blocks"]}
    assert "U0BOB" in texts(view["blocks"])
    assert "Who can mend it: the people who keep access.yml" in texts(view["blocks"])


def test_their_last_runs_are_there_with_the_way_to_their_threads() -> None:
    view = home_view(ALICE, [Past(run=a_reported_run(HEALTHY), permalink=THREAD)], "en")

    assert "all 7 checks are normal" in texts(view["blocks"])
    assert "Open thread" in texts(view["blocks"])
    assert "U0ALICE" not in str(view["blocks"][-1])
    assert "You have not asked for any yet." in said(ALICE)


FOREIGN = st.text(st.characters(codec=None), max_size=3000)


@settings(max_examples=10, deadline=None)
@given(
    identity=FOREIGN, principal=st.none() | FOREIGN, count=st.integers(0, 300), language=st.sampled_from(LANGUAGES)
)
def test_slack_takes_it_whatever_the_names_and_however_many_runs(
    identity: str, principal: str | None, count: int, language: Language
) -> None:
    past = [Past(run=a_reported_run(BROKEN), permalink=THREAD)] * count

    view = home_view(Me(identity=identity, principal=principal), past, language)

    kinds = {part["type"] for block in view["blocks"] for part in _parts(block)}
    assert not view_flaws(view, Surface.HOME)
    assert kinds <= UNPARSED


def _parts(node: object) -> list[dict[str, str]]:
    if isinstance(node, list):
        return [part for each in node for part in _parts(each)]
    if not isinstance(node, dict):
        return []
    own = [node] if "type" in node else []
    return own + [part for each in node.values() for part in _parts(each)]
