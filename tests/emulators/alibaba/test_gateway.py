from datetime import timedelta

import pytest

from bot.emulators.alibaba.received import FORM
from tests.emulators.alibaba.client import BASE, EXAMPLE, LAB, ROOT, Clock, Cloud, Key, Wire, served

WHO_AM_I = "GetCallerIdentity"


async def test_a_signed_call_is_answered(cloud: Cloud) -> None:
    reply = await cloud.call(WHO_AM_I)

    assert reply.status == 200
    assert reply.body["Arn"] == "acs:ram::1234567890123456:user/lab"
    assert reply.headers["x-acs-request-id"] == reply.body["RequestId"]


async def test_parameters_may_come_in_any_order_encoding_and_place(cloud: Cloud) -> None:
    params = {"AcceptLanguage": "en-US", "OwnerAccount": "a b*~/ä", "OwnerId": ""}
    swapped = Wire(query="OwnerId=&OwnerAccount=a+b*%7e%2f%C3%A4&AcceptLanguage=en-US")

    assert (await cloud.call("DescribeRegions", params, wire=swapped)).code == "ok"
    assert (await cloud.call("DescribeRegions", wire=Wire(form=params))).code == "ok"
    assert (await cloud.call("DescribeRegions", params, wire=Wire(method="GET"))).code == "ok"


@pytest.mark.parametrize(
    "name", ["NeverHeardOf", "regionid", "Tag.1", "Tag.1.Name", "Tag.x.Key", "VpnGatewayId.1"]
)
async def test_an_unknown_parameter_is_named(cloud: Cloud, name: str) -> None:
    reply = await cloud.call("DescribeVpnGateways", {"RegionId": "cn-hangzhou", name: "it"})

    assert (reply.status, reply.code) == (400, "UnsupportedParameter")
    assert reply.body["Message"] == f'The parameter "{name}" is not supported.'


async def test_what_clients_send_with_every_call_is_known_everywhere(cloud: Cloud) -> None:
    common = {"Format": "JSON", "RegionId": "cn-hangzhou", "Timestamp": "2026-11-23T12:00:00Z"}

    assert (await cloud.call(WHO_AM_I, common)).code == "ok"


async def test_unknown_parameters_can_be_ignored_as_the_service_does(clock: Clock) -> None:
    async with served(EXAMPLE.changed(unknown_parameters="ignore"), clock) as cloud:
        assert (await cloud.call(WHO_AM_I, {"NeverHeardOf": "it"})).code == "ok"


@pytest.mark.parametrize(
    ("wire", "code", "status"),
    [
        (Wire(method="PUT"), "UnsupportedHTTPMethod", 400),
        (Wire(signed={"x-acs-version": ""}), "MissingVersion", 400),
        (Wire(signed={"x-acs-version": "2099-01-01"}), "InvalidVersion", 400),
        (Wire(signed={"x-acs-version": "2016-04-28"}), "InvalidAction.NotFound", 404),
        (Wire(signed={"x-acs-action": ""}), "MissingAction", 400),
        (Wire(signed={"x-acs-action": "Nonsense"}), "InvalidAction.NotFound", 404),
        (
            Wire(signed={"x-acs-action": "ListUsers", "x-acs-version": "2015-05-01"}),
            "InvalidAction.NotFound",
            404,
        ),
        (Wire(signed={"x-acs-date": ""}), "MissingDate", 400),
        (Wire(signed={"x-acs-date": "yesterday"}), "InvalidTimeStamp.Format", 400),
        (Wire(signed={"x-acs-signature-nonce": ""}), "MissingSignatureNonce", 400),
        (Wire(unsigned={"authorization": ""}), "MissingAccessKeyId", 400),
        (Wire(unsigned={"authorization": "Bearer x"}), "InvalidSignatureMethod", 400),
        (Wire(unsigned={"authorization": "ACS3-HMAC-SHA256 Credential=a"}), "IncompleteSignature", 400),
        (Wire(unsigned={"x-acs-extra": "not signed"}), "IncompleteSignature", 400),
        (Wire(unsigned={"x-acs-content-sha256": "0" * 64}), "SignatureDoesNotMatch", 400),
        (Wire(query="Other=parameters"), "SignatureDoesNotMatch", 400),
        (Wire(form={"Format": "JSON"}, signed={"content-type": ""}), "IncompleteSignature", 400),
        (Wire(form={"Format": "JSON"}, signed={"content-encoding": "gzip"}), "InvalidParameter.Format", 400),
        (Wire(query="&".join(f"p{n}=1" for n in range(300))), "InvalidParameter.Format", 400),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_request_is_refused_at_the_first_thing_that_is_wrong(
    cloud: Cloud, wire: Wire, code: str, status: int
) -> None:
    reply = await cloud.call(WHO_AM_I, wire=wire)

    assert (reply.code, reply.status) == (code, status)


@pytest.mark.parametrize("place", ["query", "form"])
async def test_a_call_of_version_1_is_told_which_version_is_taken(cloud: Cloud, place: str) -> None:
    query = "Action=DescribeRegions&Version=2016-04-28&AccessKeyId=LTAI&SignatureMethod=HMAC-SHA1&Signature=x"
    headers = {"content-type": FORM} if place == "form" else {}
    target, body = ("/", query.encode()) if place == "form" else (f"/?{query}", b"")

    reply = await cloud.send("POST", target, headers, body)

    assert (reply.code, reply.status) == ("InvalidSignatureMethod", 400)
    assert "a signature of version 1" in reply.body["Message"]
    assert "x-acs-action" in reply.body["Message"]


@pytest.mark.parametrize("name", ["Action", "Version"])
async def test_what_has_to_be_a_header_is_not_looked_for_among_the_parameters(cloud: Cloud, name: str) -> None:
    reply = await cloud.call(WHO_AM_I, {name: "it"}, wire=Wire(signed={f"x-acs-{name.lower()}": ""}))

    assert (reply.code, reply.status) == (f"Missing{name}", 400)
    assert reply.body["Message"] == f"{name} is mandatory for this action. It belongs into x-acs-{name.lower()}."


async def test_a_refusal_has_the_documented_envelope(cloud: Cloud) -> None:
    reply = await cloud.call("DescribeRegions", key=Key("LTAInobody", "x"))

    assert (reply.status, reply.code) == (404, "InvalidAccessKeyId.NotFound")
    assert reply.body.keys() == {"Code", "Message", "RequestId", "HostId", "Recommend"}
    assert reply.body["Message"] == "Specified access key is not found."
    assert reply.body["HostId"] == cloud.host
    assert "q=InvalidAccessKeyId.NotFound&product=Vpc" in reply.body["Recommend"]
    assert reply.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("skew_s", "code"),
    [(900, "ok"), (901, "InvalidTimeStamp.Expired"), (-900, "ok"), (-901, "InvalidTimeStamp.Expired")],
)
async def test_a_clock_may_differ_by_15_minutes(cloud: Cloud, clock: Clock, skew_s: int, code: str) -> None:
    date = clock() + timedelta(seconds=skew_s)

    reply = await cloud.call(WHO_AM_I, wire=Wire(signed={"x-acs-date": f"{date:%Y-%m-%dT%H:%M:%SZ}"}))

    assert reply.code == code


async def test_a_nonce_works_once(cloud: Cloud) -> None:
    replay = Wire(signed={"x-acs-signature-nonce": "once"})

    codes = [(await cloud.call(WHO_AM_I, wire=replay)).code for _ in range(2)]

    assert codes == ["ok", "SignatureNonceUsed"]


async def test_a_forged_request_uses_up_nobodys_nonce(cloud: Cloud) -> None:
    wire = Wire(signed={"x-acs-signature-nonce": "mine"})
    forged = await cloud.call(WHO_AM_I, key=Key(LAB.id, "guessed"), wire=wire)

    assert forged.code == "SignatureDoesNotMatch"
    assert (await cloud.call(WHO_AM_I, wire=wire)).code == "ok"


async def test_a_wrong_signature_shows_what_the_server_signed(cloud: Cloud) -> None:
    reply = await cloud.call(WHO_AM_I, {"A": "b c"}, key=Key(LAB.id, "wrong"))

    assert reply.code == "SignatureDoesNotMatch"
    assert "server StringToSign is [ACS3-HMAC-SHA256\n" in reply.body["Message"]
    assert "server CanonicalRequest is [POST\n/\nA=b%20c\nhost:" in reply.body["Message"]
    assert LAB.secret not in reply.body["Message"]


async def test_a_key_that_is_switched_off_is_inactive(cloud: Cloud) -> None:
    reply = await cloud.call(WHO_AM_I, key=Key("LTAIemulatorOld", "emulator-old-secret"))

    assert reply.code == "InvalidAccessKeyId.Inactive"


async def test_a_session_needs_its_own_living_token(cloud: Cloud, clock: Clock) -> None:
    session = (await cloud.assume()).session_key
    other = (await cloud.assume()).session_key

    assert (await cloud.call(WHO_AM_I, key=session)).code == "ok"
    spoiled = {
        None: "MissingSecurityToken",
        "not a token": "InvalidSecurityToken.Malformed",
        other.token: "InvalidSecurityToken.MismatchWithAccessKey",
    }
    for token, code in spoiled.items():
        assert (await cloud.call(WHO_AM_I, key=Key(session.id, session.secret, token))).code == code
    clock.advance(3600)
    assert (await cloud.call(WHO_AM_I, key=session)).code == "InvalidSecurityToken.Expired"


async def test_a_lasting_key_takes_no_token(cloud: Cloud) -> None:
    token = (await cloud.assume()).session_key.token

    assert (await cloud.call(WHO_AM_I, key=Key(LAB.id, LAB.secret, token))).code == (
        "InvalidSecurityToken.MismatchWithAccessKey"
    )


@pytest.mark.parametrize("name", ["RegionId", "VpnGatewayId", "ResourceId", "ResourceType"])
async def test_a_missing_parameter_is_named(cloud: Cloud, name: str) -> None:
    reply = await cloud.start(**{name: ""})

    assert (reply.status, reply.code) == (400, f"Missing{name}")
    assert reply.body["Message"] == f"{name} is mandatory for this action."


async def test_an_operation_may_take_one_method_only(cloud: Cloud) -> None:
    params = {"RegionId": "cn-hangzhou", "VpnConnectionIds.1": "vco-healthy0000000000001"}

    assert (await cloud.call("DiagnoseVpnConnections", params)).code == "ok"
    refused = await cloud.call("DiagnoseVpnConnections", params, wire=Wire(method="GET"))
    assert (refused.code, refused.status) == ("UnsupportedHTTPMethod", 400)


async def test_every_kind_of_caller_learns_who_they_are(cloud: Cloud) -> None:
    session = (await cloud.assume()).session_key

    user, root, role = [(await cloud.call(WHO_AM_I, key=key)).body for key in (BASE, ROOT, session)]

    assert (user["IdentityType"], user["UserId"]) == ("RAMUser", "210000000000000001")
    assert (root["IdentityType"], root["Arn"]) == ("Account", "acs:ram::1234567890123456:root")
    assert (role["IdentityType"], role["RoleId"]) == ("AssumedRoleUser", "310000000000000001")
    assert role["Arn"] == ("acs:ram::1234567890123456:assumed-role/vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE")
    assert {user["AccountId"], root["AccountId"], role["AccountId"]} == {"1234567890123456"}
