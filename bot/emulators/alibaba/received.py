"""A request as it arrived: decoded once, with everything that its signature is computed from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from bot.emulators.alibaba.refusals import Refusal

FORM = "application/x-www-form-urlencoded"
MOST_PARAMETERS = 200

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Received:
    """Header names are in lower case, values of repeated headers sorted and joined by commas."""

    method: str
    path: str
    host: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    parameters: Mapping[str, str]

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


async def receive(request: web.Request) -> Received:
    """Read a request; raises Refusal for one that cannot be decoded or is too large."""
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise Refusal("RequestBodyTooLarge") from error
    path, _, query_text = request.raw_path.partition("?")
    query = _decoded(query_text)
    form = _decoded(body.decode(errors="replace")) if request.content_type == FORM else {}
    headers = {name.lower(): _joined(request.headers.getall(name)) for name in request.headers}
    if not _is_text((path, *headers.values(), *query, *query.values())):
        raise Refusal("InvalidParameter.Format")
    return Received(
        method=request.method,
        path=path,
        host=request.host,
        query=query,
        headers=headers,
        body=body,
        parameters=query | form,
    )


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
