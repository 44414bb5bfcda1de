import json
import re

from hypothesis import given
from hypothesis import strategies as st

from bot.access.session import OPERATIONS, SESSION_POLICY, session_name
from bot.alibaba import ram, tunnels, vpn
from bot.alibaba.operation import Operation
from bot.alibaba.ram_policy import Policy, Verdict, evaluate
from bot.model.ids import TeamId, UserId
from bot.model.request import Requester


def test_a_session_is_named_after_the_person() -> None:
    requester = Requester(team_id=TeamId("T0123ABCD"), user_id=UserId("U0123ABCD"))

    assert session_name(requester) == "slack-T0123ABCD-U0123ABCD"


@given(st.from_regex(TeamId.form, fullmatch=True), st.from_regex(UserId.form, fullmatch=True))
def test_every_name_is_one_that_sts_takes(team: str, user: str) -> None:
    name = session_name(Requester(team_id=TeamId(team), user_id=UserId(user)))

    assert re.fullmatch(r"[A-Za-z0-9.@_-]{2,64}", name)


def test_the_policy_is_short_enough_for_sts() -> None:
    assert len(SESSION_POLICY) <= 2048


def test_the_policy_allows_what_the_bot_calls_and_nothing_else() -> None:
    statements = Policy.model_validate_json(SESSION_POLICY).statements
    gateway = "acs:vpc:cn-hangzhou:1234567890123456:vpngateway/vpn-a"
    everything = (gateway, "acs:vpc:eu-central-1:1:vpnconnection/vco-a", "acs:ram:*:1:*", "acs:vpc:*:*:*", "*")

    for resource in everything:
        assert {evaluate(statements, operation, resource) for operation in OPERATIONS} == {Verdict.ALLOW}
    for other in (
        "vpc:DeleteVpnGateway",
        "vpc:DescribeVpcs",
        "sts:AssumeRole",
        "ram:ListUsers",
        "ecs:RunInstances",
    ):
        assert evaluate(statements, other, gateway) is Verdict.IMPLICIT_DENY


def test_every_operation_of_the_bot_is_in_it_but_the_one_that_nobody_needs() -> None:
    everything = [*vars(vpn).values(), *vars(tunnels).values(), *vars(ram).values()]
    called = {f"{one.product}:{one.name}" for one in everything if isinstance(one, Operation)}

    assert called - {"vpc:DescribeRegions"} == set(OPERATIONS)
    assert len([one for one in OPERATIONS if one.startswith("vpc:")]) == 5


def test_the_policy_names_each_operation() -> None:
    assert "*" not in "".join(json.loads(SESSION_POLICY)["Statement"][0]["Action"])
