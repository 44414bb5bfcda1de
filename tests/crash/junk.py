"""Requests that are not from Slack, or in no form of Slack's, written by hypothesis and by hand."""

import itertools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.web.guard import LARGEST_BODY, WINDOW_S, signature_of

FORM = b"application/x-www-form-urlencoded"
JSON = b"application/json"

# How often hypothesis draws in one go.
HAND = 200


@dataclass(frozen=True, slots=True)
class Junk:
    """Bytes for a connection of their own.

    `kind` is what is wrong with them: `forged`, `malformed`, `replayed`, or `signed`. The last are from Slack as
    far as anybody can tell, in a form that it does not have: they may be acknowledged. No others may.
    """

    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Slack:
    """Who can sign: `secret` is Slack's and ours, `now` the time of the door."""

    secret: SecretStr
    now: Callable[[], datetime]

    def stamp(self, ago_s: float = 0) -> bytes:
        return str(int(self.now().timestamp() - ago_s)).encode()

    def head(self, body: bytes, content_type: bytes = FORM, **changes: bytes) -> dict[bytes, bytes]:
        """Give the headers of a request that is signed as it should be; `changes` by name, with _ for -."""
        stamp = self.stamp()
        signature = signature_of(self.secret, stamp.decode(), body).encode()
        right = {
            b"Host": b"bot.example",
            b"Content-Type": content_type,
            b"Content-Length": str(len(body)).encode(),
            b"X-Slack-Request-Timestamp": stamp,
            b"X-Slack-Signature": signature,
        }
        return right | {name.replace("_", "-").encode(): value for name, value in changes.items()}


def written(headers: dict[bytes, bytes], body: bytes, line: bytes = b"POST /slack/events HTTP/1.1") -> bytes:
    lines = [line, *(name + b": " + value for name, value in headers.items()), b"Connection: close", b"", b""]
    return b"\r\n".join(lines) + body


def genuine(slack: Slack, number: int) -> bytes:
    """Give a command as Slack sends it, each one new."""
    fields = {
        "command": "/vpn-diagnose",
        "text": "help",
        "team_id": "T0EMULATED",
        "user_id": "U0ALICE",
        "channel_id": "C0INCIDENT",
        "trigger_id": f"{number}.{slack.stamp().decode()}",
    }
    body = urlencode(fields).encode()
    return written(slack.head(body), body)


def by_hand(slack: Slack) -> list[Junk]:
    """Give what people who attack a door of this kind try first."""
    body = urlencode({"command": "/vpn-diagnose", "text": "help", "team_id": "T0EMULATED"}).encode()
    deep = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
    large = b"x" * (LARGEST_BODY + 1)
    other = Slack(SecretStr("somebody-elses-secret"), slack.now)
    zeros = b"v0=" + b"0" * 64
    old = slack.stamp(WINDOW_S + 60)
    signed_long_ago = signature_of(slack.secret, old.decode(), body).encode()
    forged = [
        written(slack.head(body, X_Slack_Signature=zeros), body),
        written(slack.head(body, X_Slack_Signature=b""), body),
        written(slack.head(body, X_Slack_Signature=b"v0="), body),
        written(slack.head(body, X_Slack_Signature=b"v0=\xff\xfe"), body),
        written(slack.head(body, X_Slack_Signature=b"v1=" + b"0" * 64), body),
        written(other.head(body), body),
        written(slack.head(b"another body"), body),
        written(slack.head(body) | {b"X-Slack-Request-Timestamp": b"soon"}, body),
        written(slack.head(body) | {b"X-Slack-Request-Timestamp": b"9" * 400}, body),
        written(slack.head(body) | {b"X-Slack-Request-Timestamp": b"-1"}, body),
        written(slack.head(body) | {b"X-Slack-Request-Timestamp": old}, body),
        written(
            slack.head(body) | {b"X-Slack-Request-Timestamp": old, b"X-Slack-Signature": signed_long_ago}, body
        ),
        written(slack.head(b"ssl_check=1", X_Slack_Signature=zeros), b"ssl_check=1"),
        written({b"Host": b"x", b"Content-Type": JSON, b"Content-Length": b"1"}, b"{"),
        written({b"Host": b"x", b"Content-Type": FORM, b"Content-Length": b"15"}, b"payload=notjson"),
        written(slack.head(deep, JSON, X_Slack_Signature=zeros), deep),
    ]
    malformed = [
        written(slack.head(large), large),
        written(slack.head(body, Content_Length=b"99999999999"), body),
        written(slack.head(body, Content_Length=b"-1"), body),
        written(slack.head(body, Content_Length=b"3"), body),
        written(slack.head(body, Content_Encoding=b"gzip"), body),
        written(slack.head(body, b"multipart/form-data; boundary=x"), body),
        written(slack.head(body, b"text/plain"), body),
        written(slack.head(body, Transfer_Encoding=b"chunked"), body),
        written(slack.head(body) | {b"X-A\x00": b"x"}, body),
        written(slack.head(body), body, b"GET /slack/events HTTP/1.1"),
        written(slack.head(body), body, b"POST /slack/events HTTP/9.9"),
        written(slack.head(body), body, b"PUT /slack/events HTTP/1.1"),
        written(slack.head(body), body, b"POST /slack/events/../../etc/passwd HTTP/1.1"),
        written(slack.head(body), body, b"POST /" + b"a" * 20_000 + b" HTTP/1.1"),
        written(slack.head(body), body, b"POST http://xn--/slack/events HTTP/1.1"),
        written(slack.head(body), body, b"POST http://xn--a%0asecret/slack/events HTTP/1.1"),
        b"GET http://xn--/healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"\r\n\r\n\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\n" + b"X-Many: x\r\n" * 1_000 + b"\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]
    odd = [b"", b"payload=", b"payload=%5B%5D", b"a=%ff", b"&" * 5_000, b"\x00", body[:-9], deep]
    signed = [written(slack.head(each), each) for each in odd]
    signed += [
        written(slack.head(each, JSON), each) for each in (b"{}", b"[]", b'{"a": NaN}', b"[" * 50_000, deep)
    ]
    groups = {"forged": forged, "malformed": malformed, "signed": signed}
    return [Junk(kind, data) for kind, members in groups.items() for data in members]


KEYS = st.sampled_from(
    ["type", "team", "user", "view", "event", "command", "text", "trigger_id", "payload", "actions"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
PAYLOADS = st.dictionaries(
    KEYS,
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
    ),
    max_size=6,
)
BODIES = st.one_of(
    st.binary(max_size=300),
    PAYLOADS.map(lambda payload: json.dumps(payload).encode()),
    PAYLOADS.map(lambda payload: urlencode({"payload": json.dumps(payload)}).encode()),
    st.dictionaries(KEYS, st.text(max_size=20), max_size=6).map(lambda fields: urlencode(fields).encode()),
)
TYPES = st.sampled_from([FORM, JSON])
NO_LINE = st.binary(max_size=60).map(lambda value: value.replace(b"\r", b"").replace(b"\n", b""))
SIGNATURES = NO_LINE | st.binary(min_size=32, max_size=32).map(lambda digest: b"v0=" + digest.hex().encode())
HEADERS = st.sampled_from(
    [b"Content-Length", b"Content-Type", b"Transfer-Encoding", b"Expect", b"Upgrade", b"X-Slack-Request-Timestamp",
     b"Content-Encoding", b"Host", b"Cookie", b"Range"]
)  # fmt: skip


class Stuff(NamedTuple):
    """What junk is made of: bytes where something else should be."""

    body: bytes
    content_type: bytes
    signature: bytes
    header: bytes
    value: bytes
    garbage: bytes
    at: float


STUFF = st.builds(
    Stuff, BODIES, TYPES, SIGNATURES, HEADERS, NO_LINE, st.binary(min_size=1, max_size=8), st.floats(0, 0.999)
)


def made_of(stuff: Stuff, slack: Slack) -> list[Junk]:
    """Make a request of each kind but the replayed ones."""
    body = stuff.body
    headers = slack.head(body, stuff.content_type, X_Slack_Signature=stuff.signature)
    forged = written(headers, body)
    place = int(stuff.at * len(forged))
    return [
        Junk("forged", forged),
        Junk("malformed", written(headers | {stuff.header: stuff.value}, body)),
        Junk("malformed", forged[:place] + stuff.garbage + forged[place + len(stuff.garbage) :]),
        Junk("signed", written(slack.head(body, stuff.content_type), body)),
    ]


def junk(slack: Slack, number: int, chance: int) -> Iterator[Junk]:
    """Give `number` requests in an order that `chance` decides: a half by hypothesis, the rest by hand."""
    dice = random.Random(chance)  # noqa: S311 - no secret
    hand = by_hand(slack)
    for drawn in itertools.islice(_drawn(slack, chance), number):
        yield dice.choice([drawn, dice.choice(hand)])


def _drawn(slack: Slack, chance: int) -> Iterator[Junk]:
    for hand in itertools.count(chance):
        yield from _hand(slack, hand)


def _hand(slack: Slack, chance: int) -> list[Junk]:
    found: list[Junk] = []

    @seed(chance)
    @settings(
        max_examples=HAND,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(STUFF)
    def draw(stuff: Stuff) -> None:
        found.extend(made_of(stuff, slack))

    draw()
    return found
