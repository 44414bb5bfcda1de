"""The menus of the form ask for options: decided again for whoever asks now, and looked for as that person.

What was chosen above does not come with the question: `view.state.values` of a block_suggestion is not documented,
and does not follow what people choose (github.com/slackapi/bolt-js/issues/1146,
github.com/slackapi/java-slack-sdk/issues/1292). So the form itself carries it, see `bot.listeners.filling`.
"""

import asyncio
from typing import Any

from bot.access.entries import may_be_secret
from bot.access.listings import Listings, Looker
from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.last_here import last_here
from bot.listeners.payloads import Suggestion
from bot.listeners.regions import PLACES, PLACES_IN_CHINESE
from bot.listeners.replies import Reply
from bot.model.audit import AsWhom, Attempt
from bot.model.ids import RegionId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import DiagnosisRequest
from bot.model.run import Language
from bot.slack.menus import Choice, Offer, connection_choice, gateway_choice, menu
from bot.slack.views import LONGEST_VALUE, MENUS

CHOOSE = "choose"
"""The operation, as the audit trail names it: looking through what there is to choose from."""


async def picker_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Return the options that the ack offers; what was typed is always among them."""
    try:
        asked = Suggestion.read(body)
    except Problem as problem:
        return refused_menu(problem.details, body, intake.language)
    attempt = Attempt(asked.requester, None, CHOOSE)
    language = intake.language_for(asked.requester)
    try:
        origin = FormOrigin.read(asked.view.private_metadata, asked.requester.user_id, intake.form_key)
        attempt = attempt._replace(channel_id=origin.channel_id)
        picker = _Picker(asked, origin, intake, language)
        offer = await picker.offer()
    except Problem as problem:
        await intake.report_refusal(attempt, problem.details)
        return refused_menu(problem.details, body, language)
    if offer.choices and intake.filling.is_first_look(asked.view.id, asked.action_id):
        await intake.report_reading(attempt._replace(as_whom=picker.as_whom))
    return _answered(offer, asked.value, language)


def refused_menu(details: ProblemDetails, body: dict[str, Any], language: Language) -> Reply:
    """Say why a menu has nothing to offer but what was typed, which is decided about when the form is sent."""
    typed = body.get("value")
    told = typed[:LONGEST_VALUE] if isinstance(typed, str) else ""
    return _answered(_refused(details, language), told, language)


def _answered(offer: Offer, typed: str, language: Language) -> Reply:
    """Answer with what fits; a key or a token that was pasted here fits nothing, and is not told again."""
    if may_be_secret(typed):
        return menu(Offer(offer.heading, said=offer.said), "", language)
    return menu(offer, typed, language)


class _Picker:
    """One question for options, of somebody whose form it is."""

    def __init__(self, asked: Suggestion, origin: FormOrigin, intake: Intake, language: Language) -> None:
        self._asked = asked
        self._origin = origin
        self._intake = intake
        self._language = language
        self.as_whom: AsWhom | None = None

    async def offer(self) -> Offer:
        """Offer what there is for the field; raises Problem for whoever is not let in."""
        last = asyncio.create_task(last_here(self._intake, self._asked.requester, self._origin.channel_id))
        try:
            offer = await self._in_time()
            return offer._replace(used=self._used(await last), is_placeless=self._origin.asks_for_channel)
        finally:
            last.cancel()

    async def _in_time(self) -> Offer:
        try:
            async with asyncio.timeout(self._intake.menus_within_s):
                return await self._looked()
        except TimeoutError:
            return self._without("menu.silent")
        except Problem as problem:
            if problem.code.startswith(("access.", "bot.")):
                raise
            return _refused(problem.details, self._language)

    async def _looked(self) -> Offer:
        looker = await self._intake.access.looker(self._asked.requester, self._origin.channel_id)
        self.as_whom = self._intake.access.as_whom(looker.who)
        region, listings = self._origin.region, self._intake.listings
        match self._asked.action_id:
            case "region":
                return self._regions(looker)
            case "gateway_id" | "connection_id" if region is None:
                return self._without("menu.no_region")
            case "gateway_id" | "connection_id" if listings is None:
                return self._without("menu.not_asked")
            case "gateway_id" if region is not None and listings is not None:
                return await self._gateways(listings, looker, region)
            case "connection_id" if region is not None and listings is not None:
                return await self._connections(listings, looker, region)
            case _:
                raise Problem("bot.payload_unknown")

    def _regions(self, looker: Looker) -> Offer:
        """Offer the regions of the identity or, where access.yml names none, all, the default one first."""
        default = self._intake.default_region
        every = sorted(self._intake.all_regions, key=lambda region: (region != default, region))
        regions: tuple[str, ...] = looker.regions or tuple(every)
        return Offer(phrase("menu.regions", self._language), tuple(map(self._region, regions)))

    def _region(self, region: str) -> Choice:
        """Name a region and its place; it is found by the place in either language."""
        english, chinese = PLACES.get(region, ""), PLACES_IN_CHINESE.get(region, "")
        place = chinese if self._language == "zh" else english
        return Choice(region, f"{region} · {place}" if place else region, words=f"{english} {chinese}")

    async def _gateways(self, listings: Listings, looker: Looker, region: RegionId) -> Offer:
        listed = await listings.gateways(looker, region)
        self.as_whom, found = self._intake.access.as_whom(looker.who, listed.request_id), listed.entries
        choices = tuple(
            gateway_choice(gateway, self._language)
            for gateway in found
            if listings.may_be_chosen(looker, region, gateway.gateway_id, None)
        )
        facts = {"identity": looker.who.identity, "region": region}
        heading = phrase("menu.gateways", self._language, region=region)
        return Offer(heading, choices, None if choices else self._why_none("menu.nothing_visible", found, facts))

    async def _connections(self, listings: Listings, looker: Looker, region: RegionId) -> Offer:
        gateway_id = self._origin.gateway_id
        listed = await listings.connections(looker, region, gateway_id=gateway_id)
        self.as_whom, found = self._intake.access.as_whom(looker.who, listed.request_id), listed.entries
        choices = tuple(
            connection_choice(connection, self._language)
            for connection in found
            if connection.gateway_id is not None
            and listings.may_be_chosen(looker, region, connection.gateway_id, connection.connection_id)
        )
        facts = {"identity": looker.who.identity, "region": region}
        if gateway_id is None:
            heading = phrase("menu.connections", self._language, region=region)
            key = "menu.nothing_visible"
        else:
            heading = phrase("menu.connections_of", self._language, gateway_id=gateway_id)
            key = "menu.nothing_visible_of"
        return Offer(heading, choices, None if choices else self._why_none(key, found, facts))

    def _why_none(self, key: str, found: tuple[object, ...], facts: dict[str, str]) -> str:
        return phrase("menu.guarded" if found else key, self._language, **facts)

    def _without(self, key: str) -> Offer:
        return Offer(phrase("menu.type_it", self._language), said=phrase(key, self._language))

    def _used(self, last: DiagnosisRequest | None) -> tuple[Choice, ...]:
        """Offer the last value here, unless it is of something else than what is chosen above."""
        field, chosen = self._asked.action_id, self._origin
        if last is None or field not in MENUS:
            return ()
        is_elsewhere = field != "region" and chosen.region not in {None, last.region}
        is_of_another = field == "connection_id" and chosen.gateway_id not in {None, last.gateway_id}
        value = str(getattr(last, field))
        return () if is_elsewhere or is_of_another else (Choice(value, value),)


def _refused(details: ProblemDetails, language: Language) -> Offer:
    title = explain(details, language).title
    return Offer(phrase("menu.type_it", language), said=title)
