"""Lists of resources, read page by page to their end, within a bound."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeVar

from bot.alibaba.answer import integer_of, list_of, request_id_of
from bot.alibaba.operation import Operation
from bot.alibaba.retry import asked_to_wait_s
from bot.alibaba.rpc import RpcClient
from bot.model.credential import Credential
from bot.model.ids import RegionId
from bot.model.problem import Problem
from bot.model.value import Value
from bot.model.vpn import Listing

log = logging.getLogger(__name__)

# The vendor's largest page, and how many are read of one list.
PAGE_SIZE = 50
MOST_PAGES = 20
MOST_ENTRIES = PAGE_SIZE * MOST_PAGES

# Seconds that a list waits for the turns of its pages beyond the first, all together.
PATIENCE_S = 10.0

Entry = TypeVar("Entry", bound=Value)


async def listed(
    rpc: RpcClient,
    operation: Operation,
    params: Mapping[str, str],
    credential: Credential,
    region: RegionId,
    read: Callable[[Any], Entry | None],
) -> Listing[Entry]:
    """Read the list under the first of the fields that the operation answers with.

    What is no entry is left out; a list that lacks one, or is shorter than its count, does not count as complete.
    Entries that slip to the next page while the list changes are taken once. Where the account's quota leaves no
    turn for a further page within `PATIENCE_S`, the list is cut there and says so.

    Raises Problem as a single call does, and Problem("cloud.not_understood") if there is something else where the
    list should be.
    """
    entries: dict[Entry, None] = {}
    seen = left_out = 0
    ended, request_id = False, None
    async for answer in _pages(rpc, operation, params, credential, region):
        found = list_of(answer.get(operation.answers_with[0]))
        if found is None:
            raise Problem("cloud.not_understood", operation=operation.name, http_status=200)
        request_id = request_id or request_id_of(answer)
        known = len(entries)
        readable = [entry for one in found if (entry := read(one)) is not None]
        entries |= dict.fromkeys(readable)
        seen += len(found)
        left_out += len(found) - len(readable)
        ended = _is_the_end(found, seen, integer_of(answer.get("TotalCount")))
        if ended or len(entries) == known:  # the same page again, or nothing that can be read: no use going on
            break
    if left_out:
        log.warning("%s: %d entries could not be read", operation.name, left_out)
    complete = ended and not left_out and len(entries) <= MOST_ENTRIES
    return Listing(entries=tuple(entries)[:MOST_ENTRIES], complete=complete, request_id=request_id)


async def _pages(
    rpc: RpcClient, operation: Operation, params: Mapping[str, str], credential: Credential, region: RegionId
) -> AsyncIterator[dict[str, Any]]:
    """Ask for one page after another; wait for the turns of all but the first."""
    number, patience_s = 1, PATIENCE_S
    while number <= MOST_PAGES:
        page = dict(params) | {"PageNumber": str(number), "PageSize": str(PAGE_SIZE)}
        try:
            answer = await rpc.call(operation, page, credential, region)
        except Problem as problem:
            if number == 1 or problem.code != "cloud.busy":
                raise
            wait_s = asked_to_wait_s(problem)
            if wait_s > patience_s:
                return
            patience_s -= wait_s
            await rpc.pause(wait_s)
        else:
            number += 1
            yield answer


def _is_the_end(found: Sequence[Any], seen: int, total: int | None) -> bool:
    return len(found) < PAGE_SIZE if total is None else seen >= total
