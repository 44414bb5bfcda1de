"""The forms that people have open, their Home tabs, and the rules for opening and replacing them."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from bot.emulators.slack.blocks import Surface
from bot.emulators.slack.limits import MOST_STACKED_VIEWS
from bot.emulators.slack.mint import Mint
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.view_schema import is_too_large, view_flaws
from bot.emulators.slack.with_ids import interactive_elements, with_ids, without_nulls
from bot.emulators.slack.workspace import Workspace
from bot.model.value import Value

MOST_VIEWS = 500  # of all people; the oldest make room

Filled = dict[str, dict[str, dict[str, Any]]]


class View(Value):
    """A view somebody has open; `content` is what the app sent, with every block and element named.

    `trigger_id` is what it was opened with, `errors` what the app said against the last submission, by block.
    `filled` is what the person has filled in so far, in the form of `state.values`.
    """

    id: str
    user_id: str
    root_id: str
    previous_id: str | None
    hash: str
    content: dict[str, Any]
    trigger_id: str | None = None
    errors: dict[str, str] = Field(default_factory=dict)
    filled: Filled = Field(default_factory=dict)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = self.content["blocks"]
        return blocks


class Views:
    """All views that are open, by their ID; a Home tab is one view a person."""

    def __init__(self, workspace: Workspace, mint: Mint) -> None:
        self._workspace = workspace
        self._mint = mint
        self._open: dict[str, View] = {}

    def __iter__(self) -> Iterator[View]:
        return iter(tuple(self._open.values()))

    def view(self, view_id: str) -> View | None:
        return self._open.get(view_id)

    def of(self, user_id: str) -> list[View]:
        return [view for view in self if view.user_id == user_id]

    def by_external_id(self, external_id: str) -> View | None:
        return next((view for view in self if view.content.get("external_id") == external_id), None)

    def home_of(self, user_id: str) -> View | None:
        return next((view for view in self.of(user_id) if view.content["type"] == Surface.HOME), None)

    def check(self, content: Any, surface: Surface, replaces: View | None = None) -> None:
        """Raise Refused(invalid_arguments | view_too_large | duplicate_external_id) as Slack would."""
        if is_too_large(content):
            raise Refused("view_too_large")
        if flaws := view_flaws(content, surface):
            raise Refused.because("invalid_arguments", flaws)
        holder = self.by_external_id(content["external_id"]) if content.get("external_id") else None
        if holder is not None and (replaces is None or holder.id != replaces.id):
            raise Refused("duplicate_external_id")

    def open(self, user_id: str, content: dict[str, Any], trigger_id: str) -> View:
        """Open a form, in place of those that the person has open."""
        self.check(content, Surface.MODAL)
        self.close_all(user_id)
        view_id = self._mint.id("V")
        return self._keep(self._made(view_id, user_id, view_id, None, content, trigger_id))

    def push(self, below: View, content: dict[str, Any]) -> View:
        """Put a form on top of another; raises Refused(push_limit_reached) for the fourth."""
        self.check(content, Surface.MODAL)
        if sum(view.root_id == below.root_id for view in self) >= MOST_STACKED_VIEWS:
            raise Refused("push_limit_reached")
        view_id = self._mint.id("V")
        return self._keep(self._made(view_id, below.user_id, below.root_id, below.id, content, below.trigger_id))

    def replace(self, view: View, content: dict[str, Any]) -> View:
        """Put new content into a view; what was filled in stays in fields of the same block_id and action_id.

        docs.slack.dev/reference/methods/views.update, "Preserving input entry"
        """
        self.check(content, Surface(view.content["type"]), view)
        made = self._made(view.id, view.user_id, view.root_id, view.previous_id, content, view.trigger_id)
        return self._keep(made.model_copy(update={"filled": _still_there(view.filled, made.blocks)}))

    def fill(self, view: View, filled: Filled) -> View:
        """Note what a person has filled in; the view's hash stays, for the app has changed nothing."""
        return self._keep(view.model_copy(update={"filled": filled}))

    def publish(self, user_id: str, content: dict[str, Any], expected_hash: str | None) -> View:
        """Set a person's Home tab."""
        home = self.home_of(user_id)
        self.check(content, Surface.HOME, home)
        if expected_hash and home is not None and home.hash != expected_hash:
            raise Refused("hash_conflict")
        view_id = home.id if home else self._mint.id("V")
        return self._keep(self._made(view_id, user_id, view_id, None, content, None))

    def show_errors(self, view: View, errors: dict[str, str]) -> View:
        return self._keep(view.model_copy(update={"errors": errors}))

    def close(self, view: View) -> None:
        """Close a form and what lies on top of it."""
        for above in [each for each in self if each.previous_id == view.id]:
            self.close(above)
        self._open.pop(view.id, None)

    def close_all(self, user_id: str) -> None:
        for view in self.of(user_id):
            if view.content["type"] == Surface.MODAL:
                self._open.pop(view.id, None)

    def wire(self, view: View) -> dict[str, Any]:
        """Give the view object of docs.slack.dev/reference/interaction-payloads/view-interactions-payload."""
        app = self._workspace.app
        usual = {"private_metadata": "", "callback_id": "", "external_id": "", "title": None, "submit": None}
        flags = {"close": None, "clear_on_close": False, "notify_on_close": False}
        return {
            **usual,
            **flags,
            **view.content,
            "id": view.id,
            "team_id": self._workspace.team_id,
            "app_id": app.id,
            "app_installed_team_id": self._workspace.team_id,
            "bot_id": app.bot_id,
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id,
            "state": {"values": {}},
        }

    def _made(
        self,
        view_id: str,
        user_id: str,
        root_id: str,
        previous_id: str | None,
        content: dict[str, Any],
        trigger_id: str | None,
    ) -> View:
        named = {**without_nulls(content), "blocks": with_ids(content["blocks"], self._mint)}
        view_hash = f"{self._mint.ts()}.{self._mint.secret()[:8]}"
        return View(
            id=view_id,
            user_id=user_id,
            root_id=root_id,
            previous_id=previous_id,
            hash=view_hash,
            content=named,
            trigger_id=trigger_id,
        )

    def _keep(self, view: View) -> View:
        self._open.pop(view.id, None)
        self._open[view.id] = view
        while len(self._open) > MOST_VIEWS:
            del self._open[next(iter(self._open))]
        return view


def _still_there(filled: Filled, blocks: list[dict[str, Any]]) -> Filled:
    fields = {
        (block["block_id"], element["action_id"], element["type"])
        for block in blocks
        for element in interactive_elements(block)
    }
    return {
        block_id: {
            action_id: kept
            for action_id, kept in elements.items()
            if (block_id, action_id, kept["type"]) in fields
        }
        for block_id, elements in filled.items()
    }
