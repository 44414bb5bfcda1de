"""A request as it arrived: decoded once, with everything that its signature is computed from.

It may be addressed as to a proxy (`POST http://vpc.cn-hangzhou.aliyuncs.com/?… HTTP/1.1`, RFC 9112, 3.2.2): so the
emulator can be an SDK's `http_proxy`, and the SDK signs and sends what it would send to the service.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from bot.emulators.alibaba.refusals import Refusal

FORM = "application/x-www-form-urlencoded"
MOST_PARAMETERS = 200

_SURROGATE = re.compile("[\ud800-\udfff]")
_AUTHORITY = re.compile(r"https?://[^/?]*", re.IGNORECASE)


@dataclass(frozen=True)
class Received:
    """Header names are in lower case, values of repeated headers sorted and joined by commas."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    parameters: Mapping[str, str]

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


async def receive(request: web.Request) -> Received:
    """Read a request; raises Refusal for one that cannot be decoded or is too large."""
    body = await _body(request)
    path, _, query_text = _AUTHORITY.sub("", request.raw_path, count=1).partition("?")
    query = _decoded(query_text)
    form = _decoded(body.decode(errors="replace")) if request.content_type == FORM else {}
    headers = {name.lower(): _joined(request.headers.getall(name)) for name in request.headers}
    is_packed = body and headers.get("content-encoding", "identity") != "identity"
    if is_packed or not _is_text((path, *headers.values(), *query, *query.values())):
        raise Refusal("InvalidParameter.Format")
    return Received(
        method=request.method,
        path=path or "/",
        query=query,
        headers=headers,
        body=body,
        parameters=query | form,
    )


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise Refusal("RequestBodyTooLarge") from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise Refusal("InvalidParameter.Format") from error


def _decoded(text: str) -> dict[str, str]:
    """Decode parameters in any order and in any of the ways that URLs are encoded."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARAMETERS))
    except ValueError as error:
        raise Refusal("InvalidParameter.Format") from error


def _joined(values: list[str]) -> str:
    return ",".join(sorted(value.strip() for value in values))


def _is_text(texts: tuple[str, ...]) -> bool:
    """Bytes that are not UTF-8 arrive as lone surrogates, which nothing can be computed from."""
    return not any(_SURROGATE.search(text) for text in texts)
