"""Files on their way: an address for the bytes, good for once, and what was brought there until it is shared."""

from collections.abc import Callable
from datetime import datetime

from bot.emulators.slack.limits import UPLOAD_LIFE
from bot.emulators.slack.mint import Mint
from bot.emulators.slack.refused import Refused
from bot.model.value import Value

MOST_REMEMBERED = 200


class File(Value):
    """A file; `content` is None until it is uploaded, `shared` once it is complete."""

    id: str
    secret: str
    name: str
    length: int
    issued_at: datetime
    content: bytes | None = None
    title: str = ""
    is_complete: bool = False


class Files:
    """The latest files of a workspace, by their ID."""

    def __init__(self, mint: Mint, now: Callable[[], datetime]) -> None:
        self._mint = mint
        self._now = now
        self._files: dict[str, File] = {}

    def issue(self, name: str, length: int) -> File:
        file = File(
            id=self._mint.id("F"), secret=self._mint.secret(), name=name, length=length, issued_at=self._now()
        )
        self._files[file.id] = file
        while len(self._files) > MOST_REMEMBERED:
            del self._files[next(iter(self._files))]
        return file

    def upload(self, secret: str, content: bytes) -> File:
        """Take the bytes in; raises Refused(invalid_token | used_url | expired_url | length_mismatch)."""
        file = next((one for one in self._files.values() if one.secret == secret), None)
        if file is None:
            raise Refused("invalid_token")
        if file.content is not None:
            raise Refused("used_url")
        if self._now() - file.issued_at > UPLOAD_LIFE:
            raise Refused("expired_url")
        if len(content) != file.length:
            raise Refused("length_mismatch")
        return self._keep(file.model_copy(update={"content": content}))

    def complete(self, file_id: str, title: str) -> File:
        """Finish an upload, once; raises Refused(file_not_found)."""
        file = self._files.get(file_id)
        if file is None or file.content is None or file.is_complete:
            raise Refused("file_not_found")
        return self._keep(file.model_copy(update={"title": title or file.name, "is_complete": True}))

    def get(self, file_id: str) -> File | None:
        """Give a file that has been shared."""
        file = self._files.get(file_id)
        return file if file is not None and file.is_complete else None

    def _keep(self, file: File) -> File:
        self._files[file.id] = file
        return file
