"""Whether those who ask are full members, by Slack's word for it: asked before anything is said or called."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.access.answers import Answers
from bot.access.outsiders import Outsiders
from bot.access.slack_ids import SLACKBOT
from bot.explain.problems import treatment
from bot.model.ids import TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.slack.directory import Account

FRESH_FOR = timedelta(minutes=5)
"""How long Slack is not asked again about somebody; who is deactivated is out within this time."""

UNMAPPED_WITHIN_S = 1.5
"""How many seconds somebody who is not in the book waits for Slack to say who they are, ahead of their refusal."""

# "No such user", or none that this bot could know (docs.slack.dev/reference/methods/users.info).
_UNKNOWN_TO_SLACK = frozenset({"slack.user_not_found", "slack.user_not_visible"})
_NOBODY = Account(user_id=UserId("U00NOBODY"), team_id=None, is_deactivated=False, is_bot=None, is_guest=None)


class People:
    """Accounts as Slack last described them; `look` asks Slack who somebody is.

    `enterprise_id` is the organization that the bot's own workspace belongs to, if it does.
    """

    def __init__(
        self,
        look: Callable[[UserId], Awaitable[Account]],
        enterprise_id: TeamId | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._look = look
        self._enterprise_id = enterprise_id
        self._answers = Answers(self._account, clock, FRESH_FOR)
        self._outsiders = Outsiders(self._account, clock)

    def check_known(self, requester: Requester) -> None:
        """Raise as `check` does if it is known that this person is outside, else have Slack asked meanwhile.

        Waits for nothing: what it lets pass `check` has still to decide.
        """
        known = self._answers.known(requester.user_id)
        if known is not None:
            self._decide(known, requester)

    async def check(self, requester: Requester) -> None:
        """Return if Slack says that this is a full member of the workspace they ask from, or raise Problem.

        "access.stranger", "access.guest", "access.deactivated" and "access.not_a_person", with `team_id` and
        `user_id`; "access.person_unknown", also with `reason` and Slack's `retry_after_s`, if Slack has not said
        it lately; what Slack answers if waiting would not help ("slack.missing_scope").
        """
        try:
            account = await self._answers.get(requester.user_id)
        except Problem as problem:
            if treatment(problem.details).retry == "never":
                raise
            who = {"team_id": requester.team_id, "user_id": requester.user_id}
            wait = {name: problem.facts[name] for name in ("retry_after_s",) if name in problem.facts}
            raise Problem("access.person_unknown", **who, **wait, reason=problem.code) from problem
        self._decide(account, requester)

    def check_said(self, requester: Requester, *, in_book: bool) -> None:
        """Return if Slack has said that somebody without an identity is a full member, who may hear why.

        Raises as `check` does; "access.person_unknown" if Slack has not said so lately, and is being asked. It
        lets nobody pass: without an identity they are refused, and this decides in which words.
        """
        user = requester.user_id
        if in_book:
            account = self._answers.known(user)
        else:
            account = self._answers.held(user) or self._outsiders.account(user)
        if account is None:
            raise Problem("access.person_unknown", team_id=requester.team_id, user_id=user)
        self._decide(account, requester)

    async def learn(self, requester: Requester, within_s: float, *, in_book: bool) -> None:
        """Have Slack asked about somebody, and wait so long at most if nothing holds of them; raises nothing."""
        if in_book:
            await self._answers.learn(requester.user_id, within_s)
        elif self._answers.held(requester.user_id) is None:
            await self._outsiders.learn(requester.user_id, within_s)

    def locale(self, requester: Requester) -> str | None:
        """Give the locale that this person last had in Slack, without asking; None if it is not known."""
        account = self._answers.last(requester.user_id)
        return self._outsiders.locale(requester.user_id) if account is None else account.locale

    async def refresh(self) -> None:
        """Ask again about those who asked lately; to be called every few minutes."""
        await self._answers.renew()

    async def close(self) -> None:
        """Give up the questions under way."""
        await self._answers.close()
        await self._outsiders.close()

    async def _account(self, user: UserId) -> Account:
        """Ask Slack; that it knows nobody is an answer too."""
        try:
            return await self._look(user)
        except Problem as problem:
            if problem.code not in _UNKNOWN_TO_SLACK:
                raise
            return _NOBODY

    def _decide(self, account: Account, requester: Requester) -> None:
        code = _why_outside(account, requester, self._enterprise_id)
        if code is not None:
            raise Problem(code, team_id=requester.team_id, user_id=requester.user_id)


def _why_outside(account: Account, requester: Requester, enterprise_id: TeamId | None) -> str | None:
    """Return the code of what keeps this account out, None for a full member. What is not said keeps out too."""
    if requester.user_id == SLACKBOT:
        return "access.not_a_person"
    if account.user_id != requester.user_id:
        return "access.stranger"
    if account.is_deactivated:
        return "access.deactivated"
    if account.is_stranger or not _is_at_home(account, requester.team_id, enterprise_id):
        return "access.stranger"
    if account.is_bot is not False:
        return "access.not_a_person"
    return None if account.is_guest is False else "access.guest"


def _is_at_home(account: Account, team_id: TeamId, enterprise_id: TeamId | None) -> bool:
    """Tell whether the workspace is the account's own, or one of its organization's, which must be ours too."""
    if account.enterprise_id is None:
        return account.team_id == team_id
    return account.enterprise_id == enterprise_id and team_id in {account.team_id, *account.teams}
