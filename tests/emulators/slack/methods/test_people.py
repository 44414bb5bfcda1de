from bot.emulators.slack import EXAMPLE
from bot.emulators.slack.workspace import Person
from bot.model.ids import TeamId, UserId
from tests.emulators.slack.playground import ALICE, Playground, playing, refusal

WANDA = Person(
    id=UserId("W0WANDA"),
    name="wanda",
    real_name="Wanda (of the organization)",
    team_id=TeamId("T0SISTER"),
    enterprise_id=TeamId("E0ORG"),
    enterprise_teams=(TeamId("T0SISTER"), TeamId("T0EMULATED")),
)
STRANGER = Person(id=UserId("U0STRANGE"), name="stranger", real_name="A stranger", team_id=TeamId("T0AFAR"))


async def test_a_person_is_known_with_home_and_kind(slack: Playground) -> None:
    guest = (await slack.web.users_info(user="U0GUEST"))["user"]
    partner = (await slack.web.users_info(user="U0PARTNER", include_locale=True))["user"]

    assert (guest["is_restricted"], guest["is_stranger"]) == (True, False)
    assert (partner["team_id"], partner["is_restricted"], partner["locale"]) == ("T0PARTNER", False, "en-US")


async def test_a_guest_may_be_one_of_a_single_channel(slack: Playground) -> None:
    solo = (await slack.web.users_info(user="U0SOLO"))["user"]

    assert (solo["is_restricted"], solo["is_ultra_restricted"]) == (True, True)


async def test_somebody_of_another_company_is_a_stranger_only_while_no_channel_is_shared_with_them() -> None:
    workspace = EXAMPLE.model_copy(update={"people": (*EXAMPLE.people, STRANGER)})
    async with playing(workspace) as slack:
        partner = (await slack.web.users_info(user="U0PARTNER"))["user"]
        stranger = (await slack.web.users_info(user="U0STRANGE"))["user"]

    assert partner["is_stranger"] is False
    assert stranger["is_stranger"] is True


async def test_of_somebody_who_left_slack_says_little(slack: Playground) -> None:
    dora = (await slack.web.users_info(user="U0DORA"))["user"]

    assert dora["deleted"] is True
    assert "is_restricted" not in dora


async def test_bots_and_workflows_are_said_to_be_such_and_slackbot_is_not(slack: Playground) -> None:
    workflow = (await slack.web.users_info(user="U0WORKFLOW"))["user"]
    slackbot = (await slack.web.users_info(user="USLACKBOT"))["user"]

    assert (workflow["is_bot"], workflow["is_workflow_bot"]) == (True, True)
    assert slackbot["is_bot"] is False


async def test_somebody_of_an_organization_names_its_workspaces() -> None:
    workspace = EXAMPLE.model_copy(update={"people": (*EXAMPLE.people, WANDA)})
    async with playing(workspace) as slack:
        wanda = (await slack.web.users_info(user="W0WANDA"))["user"]

    assert wanda["team_id"] == "T0SISTER"
    assert wanda["enterprise_user"]["enterprise_id"] == "E0ORG"
    assert wanda["enterprise_user"]["teams"] == ["T0SISTER", "T0EMULATED"]


async def test_nobody_is_not_found(slack: Playground) -> None:
    assert (await refusal(slack.web.users_info(user="U0NOBODY")))["error"] == "user_not_found"


async def test_a_group_lists_its_members(slack: Playground) -> None:
    assert (await slack.web.usergroups_users_list(usergroup="S0ONCALL"))["users"] == [ALICE]
    assert (await refusal(slack.web.usergroups_users_list(usergroup="S0NONE")))["error"] == "no_such_subteam"


async def test_groups_are_listed_with_users_on_demand(slack: Playground) -> None:
    (short,) = (await slack.web.usergroups_list())["usergroups"]
    (full,) = (await slack.web.usergroups_list(include_users=True))["usergroups"]

    assert (short["handle"], short["user_count"]) == ("oncall", 1)
    assert "users" not in short
    assert full["users"] == [ALICE]
