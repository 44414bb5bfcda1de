"""Tag filters of a list: `Tag.N.Key` and `Tag.N.Value`, all of which an item has to bear."""

from collections.abc import Mapping

from bot.emulators.alibaba.operations import Call
from bot.emulators.alibaba.refusals import Refusal

PARAMETERS = ("Tag.N.Key", "Tag.N.Value")

# The vendor's limit, for filters as well as for the tags of one resource.
MOST_TAGS = 20


class TagFilter:
    """The tags that a call asks for; one without a value asks for its key alone."""

    def __init__(self, call: Call) -> None:
        """Read the filter; raises Refusal."""
        self._wanted = [(tag.get("Key", ""), tag.get("Value", "")) for tag in call.members(*PARAMETERS)]
        if len(self._wanted) > MOST_TAGS:
            raise Refusal("SizeLimitExceeded.TagNum")
        if any(not key for key, _ in self._wanted):
            raise Refusal("IllegalParam.TagKey")

    def takes(self, tags: Mapping[str, str]) -> bool:
        return all(key in tags and value in ("", tags[key]) for key, value in self._wanted)


def as_answered(tags: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    return {"Tag": [{"Key": key, "Value": value} for key, value in tags.items()]}
