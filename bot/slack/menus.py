"""What the menus of the form offer: gateways and connections in words, and always what was typed itself.

An answer is made of groups, because only their labels can say something without being chosen. Slack wants an
option in each group, and at most 100 (docs.slack.dev/reference/interaction-payloads/block_suggestion-payload).
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bot.explain.phrases import phrase, phrases_of
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.run import Language
from bot.model.vpn import VpnConnection, VpnGateway
from bot.slack.blocks import plain_text
from bot.slack.escape import one_line
from bot.slack.limits import MENU_OPTIONS, OPTION_TEXT, OPTION_VALUE, cut, length

NO_CHOICE = "-"
"""The value of an option that only says something; whoever takes it has chosen nothing."""

_WHOLE = (VpnGatewayId.form, VpnConnectionId.form, RegionId.form)

# Subnets that are named of each side of a connection.
_MOST_SUBNETS = 3


class Choice(NamedTuple):
    """An option: its value, a line that names it, and a line about it; `words` is all that it is found by."""

    value: str
    text: str
    about: str = ""
    words: str = ""

    def is_meant_by(self, typed: str) -> bool:
        """Tell whether each of the words typed is somewhere in it."""
        searched = f"{self.text} {self.about} {self.words}".casefold()
        return all(word in searched for word in typed.casefold().split())


class Offer(NamedTuple):
    """What can be chosen, under its heading; `said` is why that is not all that there is.

    `used` are values of the person's own last diagnosis: in this channel, or anywhere if it `is_placeless`.
    """

    heading: str
    choices: tuple[Choice, ...] = ()
    said: str | None = None
    used: tuple[Choice, ...] = ()
    is_placeless: bool = False


def menu(offer: Offer, typed: str, language: Language) -> dict[str, Any]:
    """Render the answer to a question for options: what fits what was typed, and that text itself.

    Slack marks the first option, which Enter takes: the text stands there only if it is a whole ID, and of
    none offered the beginning.
    """
    typed = cut(one_line(typed), OPTION_VALUE)
    meant = [choice for choice in offer.choices if choice.is_meant_by(typed)]
    listed = {choice.value for choice in meant}
    used = [choice for choice in offer.used if choice.is_meant_by(typed) and choice.value not in listed]
    as_typed = (
        [] if not typed or typed in listed | {choice.value for choice in used} else [_typed(typed, language)]
    )
    room = MENU_OPTIONS - len(used) - len(as_typed)
    heading = offer.heading
    if len(meant) > room:
        heading = phrase("menu.more", language, shown=room, count=len(meant))
    itself = [*_group(offer.said or phrase("menu.as_typed", language), as_typed)]
    from_last = phrase("menu.used_anywhere" if offer.is_placeless else "menu.used", language)
    others = [*_group(from_last, used), *_group(heading, meant[:room])]
    begun = any(choice.value.startswith(typed.casefold()) for choice in (*used, *meant))
    groups = [*others, *itself] if begun or not _is_whole(typed) else [*itself, *others]
    if (offer.said and not as_typed) or not groups:
        nothing = Choice(NO_CHOICE, phrase("menu.type_it", language))
        groups.insert(0, *_group(offer.said or phrase("menu.nothing_meant", language), [nothing]))
    return {"option_groups": groups}


def option(choice: Choice) -> dict[str, Any]:
    """Render a choice, also for a menu that begins with it; foreign text is not parsed and cut."""
    about = {"description": plain_text(choice.about, OPTION_TEXT)} if choice.about else {}
    return {"text": plain_text(choice.text, OPTION_TEXT), "value": cut(choice.value, OPTION_VALUE), **about}


def gateway_choice(gateway: VpnGateway, language: Language) -> Choice:
    """Name a gateway, its ID, its status and whether it does IPsec at all."""
    told = [_state("gateway", gateway.status, language)]
    if gateway.ipsec_enabled is not None:
        told.append(phrase("menu.ipsec_on" if gateway.ipsec_enabled else "menu.ipsec_off", language))
    addresses = [address for address in (gateway.internet_ip, gateway.second_internet_ip) if address]
    about = " · ".join(one_line(text) for text in (*told, *addresses) if text)
    words = f"{gateway.name} {gateway.description} {gateway.vpc_id}"
    return Choice(gateway.gateway_id, _named(gateway.name, gateway.gateway_id), about, words)


def connection_choice(connection: VpnConnection, language: Language) -> Choice:
    """Name a connection, its ID, its status and the subnets at both ends."""
    status = _state("status", connection.status, language)
    ends = " ↔ ".join(_subnets(end) for end in (connection.local_subnets, connection.remote_subnets) if end)
    about = " · ".join(one_line(text) for text in (status, ends) if text)
    subnets = " ".join((*connection.local_subnets, *connection.remote_subnets))
    words = f"{connection.name} {connection.gateway_id or ''} {connection.status} {subnets}"
    return Choice(connection.connection_id, _named(connection.name, connection.connection_id), about, words)


def _state(kind: str, status: str, language: Language) -> str:
    """Say a state in words; one that is new goes by the vendor's name for it."""
    key = f"menu.{kind}_{status}"
    return phrase(key, language) if key in phrases_of("menu") else status


def _group(label: str, choices: Sequence[Choice]) -> Iterable[dict[str, Any]]:
    if choices:
        yield {"label": plain_text(label, OPTION_TEXT), "options": [option(choice) for choice in choices]}


def _is_whole(typed: str) -> bool:
    return any(form.fullmatch(typed.casefold()) for form in _WHOLE)


def _typed(typed: str, language: Language) -> Choice:
    return Choice(typed, phrase("menu.use_typed", language, value=cut(typed, OPTION_TEXT - 25)))


def _named(name: str, identifier: str) -> str:
    """Put a name before an ID, of which nothing is cut."""
    shown = cut(one_line(name), max(2, OPTION_TEXT - length(identifier) - len(" · ")))
    return f"{shown} · {identifier}" if shown else identifier


def _subnets(subnets: tuple[str, ...]) -> str:
    more = [f"+{len(subnets) - _MOST_SUBNETS}"] if len(subnets) > _MOST_SUBNETS else []
    return ", ".join([*subnets[:_MOST_SUBNETS], *more])
