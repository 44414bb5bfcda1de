"""Files that are shared with one person: uploaded to where Slack says, then shared in a channel."""

from functools import partial
from typing import NamedTuple

import aiohttp
from pydantic import BaseModel

from bot.model.ids import ChannelId
from bot.model.problem import Problem
from bot.slack.answers import parsed
from bot.slack.api import SlackApi

UPLOAD = "files.upload"
"""The upload itself, which is no method: an HTTP POST to an address that Slack gives."""

_OK = 200


class File(NamedTuple):
    name: str
    content: bytes


class _Upload(BaseModel):
    upload_url: str
    file_id: str


async def share_file(api: SlackApi, file: File, channel: ChannelId, thread_ts: str | None = None) -> None:
    """Share a file in a channel that the bot is in; needs the scope `files:write`.

    Nobody else sees it in a direct message. Raises the `Problem`s of `bot.slack.answers`.
    docs.slack.dev/messaging/working-with-files#uploading_files
    """
    ask = partial(api.client.files_getUploadURLExternal, filename=file.name, length=len(file.content))
    reply = await api.call("files.getUploadURLExternal", ask)
    upload = parsed("files.getUploadURLExternal", _Upload, reply.data)
    await _upload(api, upload.upload_url, file.content)
    complete = partial(
        api.client.files_completeUploadExternal,
        files=[{"id": upload.file_id, "title": file.name}],
        channel_id=channel,
        thread_ts=thread_ts,
    )
    await api.call("files.completeUploadExternal", complete)


async def _upload(api: SlackApi, url: str, content: bytes) -> None:
    """Send the bytes, without our token: the address is the secret, and is good for once."""
    session = api.client.session
    if session is None:
        raise Problem("slack.unreachable", operation=UPLOAD)
    try:
        async with session.post(url, data=content, proxy=api.client.proxy) as answer:
            status = answer.status
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise Problem("slack.interrupted", operation=UPLOAD) from error
    if status != _OK:
        raise Problem("slack.not_understood", operation=UPLOAD, http_status=status)
