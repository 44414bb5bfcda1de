"""What is known to be wrong with what somebody has chosen, as themselves, before a diagnosis is started."""

from typing import NamedTuple

from bot.access.listings import Listings, Looker
from bot.explain.denials import is_denial
from bot.explain.phrases import phrase
from bot.listeners.reading import read_connection_id, read_gateway_id
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.run import Language
from bot.model.vpn import VpnGateway
from bot.slack.escape import one_line
from bot.slack.limits import cut
from bot.slack.views import FormValues

# Characters of a word of the cloud's that is told.
_LONGEST_WORD = 40


class Chosen(NamedTuple):
    """What has been chosen so far; None for what was not, or is no ID."""

    region: RegionId | None
    gateway_id: VpnGatewayId | None
    connection_id: VpnConnectionId | None

    @classmethod
    def of(cls, values: FormValues, known_regions: frozenset[str]) -> "Chosen":
        region = (values.region or "").strip().lower()
        return cls(
            RegionId(region) if region in known_regions else None,
            _gateway_id(values.gateway_id),
            _connection_id(values.connection_id),
        )


async def notices(listings: Listings, looker: Looker, chosen: Chosen, language: Language) -> tuple[str, ...]:
    """Say what is wrong with what was chosen, and warm what the menus ask next; () also for what is not known.

    Raises Problem for a cloud that does not answer.
    """
    if chosen.region is None:
        return ()
    identity = looker.who.identity
    facts = {"identity": identity, "region": chosen.region}
    try:
        seen = await listings.gateways(looker, chosen.region)
    except Problem as problem:
        if not is_denial(problem.details):
            raise
        return (phrase("menu.notice_denied", language, **facts),)
    if not seen.entries and seen.complete:
        return (phrase("menu.notice_nothing_visible", language, **facts),)
    if chosen.gateway_id is None:
        return ()
    gateway = next((one for one in seen.entries if one.gateway_id == chosen.gateway_id), None)
    if gateway is None and not seen.complete:
        named = await listings.gateways(looker, chosen.region, chosen.gateway_id)
        gateway = next(iter(named.entries), None)
    if gateway is None:
        return (phrase("menu.notice_not_seen", language, gateway_id=chosen.gateway_id, **facts),)
    return (*_of_gateway(gateway, language), *await _of_connection(listings, looker, chosen, language))


def _of_gateway(gateway: VpnGateway, language: Language) -> tuple[str, ...]:
    said = []
    if gateway.ipsec_enabled is False:
        said.append(phrase("menu.notice_ipsec_off", language, gateway_id=gateway.gateway_id))
    for key, status, usual in (
        ("menu.notice_not_active", gateway.status, "active"),
        ("menu.notice_locked", gateway.business_status, "Normal"),
    ):
        if status not in {"", usual}:
            shown = cut(one_line(status), _LONGEST_WORD)
            said.append(phrase(key, language, gateway_id=gateway.gateway_id, status=shown))
    return tuple(said)


async def _of_connection(
    listings: Listings, looker: Looker, chosen: Chosen, language: Language
) -> tuple[str, ...]:
    """Say whether the connection is another gateway's; the gateway's own are looked at in any case."""
    region, connection_id = chosen.region, chosen.connection_id
    if region is None or chosen.gateway_id is None:
        return ()
    own = await listings.connections(looker, region, gateway_id=chosen.gateway_id)
    if connection_id is None or connection_id in {one.connection_id for one in own.entries}:
        return ()
    (*named,) = (await listings.connections(looker, region, connection_id=connection_id)).entries
    facts = {"connection_id": connection_id, "gateway_id": chosen.gateway_id}
    if not named:
        about = {"connection_id": connection_id, "identity": looker.who.identity, "region": region}
        return (phrase("menu.notice_connection_not_seen", language, **about),)
    if named[0].gateway_id is None:
        return (phrase("menu.notice_no_gateway", language, connection_id=connection_id),)
    if named[0].gateway_id != chosen.gateway_id:
        return (phrase("menu.notice_other_gateway", language, other_gateway_id=named[0].gateway_id, **facts),)
    return ()


def _gateway_id(text: str | None) -> VpnGatewayId | None:
    try:
        return read_gateway_id(text or "")
    except Problem:
        return None


def _connection_id(text: str | None) -> VpnConnectionId | None:
    try:
        return read_connection_id(text or "")
    except Problem:
        return None
