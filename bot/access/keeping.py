"""Keeps what decisions are made by as it is outside: access.yml, the members of groups, people and channels."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from bot.access.admission import Admission
from bot.access.book import Book
from bot.access.book_file import LOOK_EVERY_S, BookFile
from bot.access.groups import REFRESH_EVERY_S, Sleep


async def keep_current(
    admission: Admission, file: BookFile | None, usable: Callable[[Book], None], sleep: Sleep
) -> None:
    """Look again and again until cancelled; without `file` the book stays as it is.

    `usable` raises Problem for a new version of the book that is not to come into force; it may read files. User
    groups for which Slack had no time at the start, or when a version came into force, are asked after at once.
    """

    async def reload() -> None:
        book = await file.look(usable, admission.may_be_in) if file is not None else None
        if book is not None:
            await admission.replace(book)
            replaced.set()

    async def find_groups() -> None:
        while True:
            await replaced.wait()
            replaced.clear()
            await admission.find_unknown_groups(sleep)

    replaced = asyncio.Event()
    replaced.set()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_again_and_again(reload, LOOK_EVERY_S, sleep))
        tasks.create_task(find_groups())
        tasks.create_task(_again_and_again(partial(admission.refresh_groups, sleep), REFRESH_EVERY_S, sleep))
        tasks.create_task(_again_and_again(admission.refresh_people, REFRESH_EVERY_S, sleep))


async def _again_and_again(look: Callable[[], Awaitable[None]], every_s: float, sleep: Sleep) -> None:
    while True:
        await sleep(every_s)
        await look()
