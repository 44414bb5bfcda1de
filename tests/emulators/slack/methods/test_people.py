from tests.emulators.slack.playground import ALICE, Playground, refusal


async def test_a_person_is_known_with_home_and_kind(slack: Playground) -> None:
    guest = (await slack.web.users_info(user="U0GUEST"))["user"]
    partner = (await slack.web.users_info(user="U0PARTNER", include_locale=True))["user"]

    assert (guest["is_restricted"], guest["is_stranger"]) == (True, False)
    assert (partner["team_id"], partner["is_stranger"], partner["locale"]) == ("T0PARTNER", True, "en-US")


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
