"""Who somebody is to the bot and what that lets them do, as it is shown to them alone."""

from datetime import UTC, datetime

from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.explain.sentences import together
from bot.model.decision import Answer
from bot.model.run import Language
from bot.model.standing import Narrowing, OperationAnswer, Standing
from bot.slack.about import LONGEST_ID
from bot.slack.blocks import Element, bold, bullets, line, rich_text, small_print, words
from bot.slack.escape import one_line
from bot.slack.limits import Block, cut
from bot.slack.message import Message, notification

# Seconds by which two clocks may differ without a word: the round trip alone makes a second.
UNREMARKABLE_S = 2.0

# A guardrail can be of any length; these many of its statements are shown, and each to this length.
MOST_STATEMENTS = 10
LONGEST_STATEMENT = 300

_SIGNS = {Answer.PASSED: "✅", Answer.REFUSED: "⛔", Answer.UNKNOWN: "❔", Answer.NOT_ASKED: "⚪"}


def standing_message(standing: Standing, last_used: datetime | None, language: Language) -> Message:
    """Render it; `last_used` is when this person last asked for a diagnosis, None if that is not known."""
    title = phrase("whoami.title", language)
    small = small_print([_clock(standing, language), _last_used(last_used, language)])
    about = rich_text(line(bold(title)), *_about(standing, language))
    return Message(text=notification(title), blocks=[about, *_tried(standing, language), small])


def guardrail_lines(guardrail: tuple[Narrowing, ...], language: Language) -> list[str]:
    """Say each statement of a guardrail in words; those that deny come first, for they win."""
    ordered = sorted(guardrail, key=lambda statement: statement.effect != "Deny")
    lines = [_narrowed(statement, language) for statement in ordered[:MOST_STATEMENTS]]
    more = len(ordered) - len(lines)
    return lines + ([phrase("whoami.guardrail_more", language, count=more)] if more > 0 else [])


def _about(standing: Standing, language: Language) -> list[Element]:
    sentences = [
        phrase("whoami.mapped", language, mapped_by=standing.mapped_by, identity=standing.identity),
        _acting_as(standing, language),
        _regions(standing, language),
    ]
    lines = [line(words(sentence, 2 * LONGEST_ID)) for sentence in sentences]
    if not standing.guardrail:
        return [*lines, line(words(phrase("whoami.guardrail_none", language)))]
    heading = line(words(phrase("whoami.guardrail", language)))
    return [*lines, heading, bullets(guardrail_lines(standing.guardrail, language))]


def _acting_as(standing: Standing, language: Language) -> str:
    if standing.role is None:
        return phrase("whoami.access_key", language, principal=standing.principal or "?")
    return phrase("whoami.role", language, role=standing.role, session=standing.session or "?")


def _regions(standing: Standing, language: Language) -> str:
    if not standing.regions:
        return phrase("whoami.regions_any", language)
    return phrase("whoami.regions", language, regions=", ".join(standing.regions))


def _narrowed(statement: Narrowing, language: Language) -> str:
    key = "whoami.denied" if statement.effect == "Deny" else "whoami.allowed"
    said = phrase(key, language, resources=one_line(", ".join(statement.resources)))
    if statement.conditions:
        said += phrase("whoami.on_condition", language, conditions=one_line(", ".join(statement.conditions)))
    return cut(said, LONGEST_STATEMENT)


def _tried(standing: Standing, language: Language) -> list[Block]:
    if standing.problem is not None:
        explained = explain(standing.problem, language)
        who = phrase("problem.who", language, who=explained.mended_by)
        sentence = together((explained.happened, explained.next_step))
        return [rich_text(line(bold(explained.title)), line(words(sentence)), line(words(who)))]
    if not standing.operations:
        return []
    heading = phrase("whoami.tried", language, region=standing.region)
    lines = [line(words(_operation(one, language))) for one in standing.operations]
    return [rich_text(line(bold(heading)), *lines)]


def _operation(tried: OperationAnswer, language: Language) -> str:
    said = phrase(f"whoami.operation_{tried.answer}", language, operation=tried.operation)
    if tried.answer is Answer.NOT_ASKED and tried.operation == "DiagnoseVpnGateway":
        said = phrase("whoami.operation_start", language, operation=tried.operation)
    if tried.answer is Answer.REFUSED and tried.no_such_gateway:
        said = phrase("whoami.operation_refused_nowhere", language, operation=tried.operation)
    elif tried.answer is Answer.REFUSED and tried.tried_on:
        said = phrase(
            "whoami.operation_refused_on", language, operation=tried.operation, gateway_id=tried.tried_on
        )
    ids = [tried.reason, f"RequestId {tried.request_id}" if tried.request_id else None]
    why = ", ".join(filter(None, ids)) if tried.answer in {Answer.REFUSED, Answer.UNKNOWN} else ""
    return f"{_SIGNS[tried.answer]} {said}" + (f" ({why})" if why else "")


def _clock(standing: Standing, language: Language) -> str:
    ahead = standing.clock_ahead_s
    if ahead is None:
        return phrase("whoami.clock_unknown" if standing.problem else "whoami.clock_within", language)
    if abs(ahead) < UNREMARKABLE_S:
        return phrase("whoami.clock_good", language)
    key = "whoami.clock_ahead" if ahead > 0 else "whoami.clock_behind"
    return phrase(key, language, seconds=round(abs(ahead)))


def _last_used(last_used: datetime | None, language: Language) -> str:
    if last_used is None:
        return phrase("whoami.never_used", language)
    return phrase("whoami.last_used", language, at=f"{last_used.astimezone(UTC):%Y-%m-%d %H:%M}")
