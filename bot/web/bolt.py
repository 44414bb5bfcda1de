"""Slack's framework, set up so that none of its defaults stands between a request and its ack."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api import BotIdentity


class _Ourselves(AsyncAuthorize):
    """Answers every request with the one bot that there is; a function would be handed its arguments by name."""

    def __init__(self, answer: AuthorizeResult) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt annotates no return type
        self._answer = answer

    async def __call__(self, **about: Any) -> AuthorizeResult:
        del about
        return self._answer


class _App(AsyncApp):
    """Bolt with one client for all requests: nobody gives a request a token of its own here."""

    def _init_context(self, req: AsyncBoltRequest) -> None:
        req.context["logger"] = self.logger
        req.context["token"] = self.client.token
        req.context["client"] = self.client
        req.context["listener_runner"] = self.listener_runner


def bolt_app(client: AsyncWebClient, identity: BotIdentity) -> AsyncApp:
    """Make the app that routes what Slack sends; `identity` is what `auth.test` said once, at start.

    The choices below are each held by a test against the installed version:

    - `process_before_response`: else every ack waits for a poll of 10 ms, and an exception right after an ack
      costs 3 s and the ack (slack_bolt/listener/asyncio_runner.py).
    - `authorize`: else the first requests of all people call `auth.test`, each, before anything is acked. It also
      keeps a stray SLACK_CLIENT_ID from switching Bolt over to OAuth and dropping the token.
    - `request_verification_enabled`: our guard has checked the bytes, before anything was parsed.
    - `ssl_check_enabled`: answers whatever says `ssl_check`, before any other rule.
    - `attaching_function_token_enabled`: a payload does not choose the token that we call Slack with.
    - `logger`: Bolt gives its loggers this one's level, else the root's, and dumps requests below ERROR. What a
      listener raises comes to our error listener, not there.
    - the class: Bolt makes a client for each request, which looks through the environment for proxies.
    - `raise_error_for_unhandled_request`: what no listener knows reaches our error listener, which acks it; else
      it is a 404 for Slack and a dump of the request in the log.
    """
    answer = AuthorizeResult(
        enterprise_id=identity.enterprise_id,
        team_id=identity.team_id,
        bot_user_id=identity.user_id,
        bot_id=identity.bot_id,
        bot_token=client.token,
    )

    logger = logging.getLogger("slack_bolt.vpn-diagnose")
    logger.setLevel(logging.ERROR)
    return _App(
        logger=logger,
        name="vpn-diagnose",
        client=client,
        authorize=_Ourselves(answer),
        signing_secret="",
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
