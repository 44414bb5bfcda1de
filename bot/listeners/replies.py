"""What goes back with an acknowledgement: seen by the person who acted, and by nobody else."""

from functools import cache
from typing import Any

from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.explain.sentences import together
from bot.listeners.command_text import LONGEST_TEXT
from bot.listeners.reading import FieldErrors
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Language
from bot.slack.blocks import bold, bullets, code, glue, line, rich_text, small_print, words
from bot.slack.escape import escape
from bot.slack.limits import Block
from bot.slack.views import notice_view

Reply = dict[str, Any]

COMMAND = "/vpn-diagnose"
EXAMPLE = f"{COMMAND} vpn-bp1k4m9x2q7r vco-bp1t8w3z6n5j cn-hangzhou"
EXAMPLE_WITH_ADDRESSES = f"{COMMAND} vpn-bp1k4m9x2q7r vco-bp1t8w3z6n5j 192.168.1.1 10.8.0.1 cn-hangzhou"

# A command can be of any length; whoever pasted a page sees the first mistakes and how many more there are.
MOST_MISTAKES = 10

# Problems after which the same form can be sent again: said beside this field, so that nothing typed is lost.
_FIELD_OF = {
    "access.guardrail": "gateway_id",
    "bot.not_stored": "destination_ip",
    "bot.overloaded": "destination_ip",
    "bot.too_many": "destination_ip",
    "bot.too_many_gateway": "gateway_id",
    "bot.too_many_yours": "destination_ip",
}


def problem_reply(details: ProblemDetails, language: Language) -> Reply:
    """Say one problem in private, as the answer to a command."""
    explained = explain(details, language)
    sentence = together((explained.happened, explained.next_step))
    who = phrase("problem.who", language, who=explained.mended_by)
    small = [text for text in (who, explained.reference) if text]
    blocks = [rich_text(line(bold(explained.title)), line(words(sentence))), small_print(small)]
    colon = "：" if language == "zh" else ": "
    return _ephemeral(f"{explained.title}{colon}{sentence}", blocks)


def mistakes_reply(problems: tuple[ProblemDetails, ...], language: Language) -> Reply:
    """Say every mistake in a command's text, with an example that works."""
    shown = problems[:MOST_MISTAKES]
    said = [_sentence(details, language) for details in _each_kind(shown, language)]
    more = len(problems) - len(shown)
    if more > 0:
        said.append(phrase("command.more_mistakes", language, count=more))
    heading = phrase("command.mistakes", language)
    example = line(words(phrase("command.for_example", language)), glue(" "), code(EXAMPLE))
    return _ephemeral(together((heading, *said)), [rich_text(line(bold(heading)), bullets(said), example)])


def _each_kind(problems: tuple[ProblemDetails, ...], language: Language) -> tuple[ProblemDetails, ...]:
    """Name all unknown words in one problem, where the first of them stands."""
    unknown = [details.facts.get("value", "") for details in problems if details.code == "form.word_unknown"]
    if len(unknown) <= 1:
        return problems
    named = phrase("command.between_words", language).join(unknown)
    first = next(at for at, details in enumerate(problems) if details.code == "form.word_unknown")
    others = [details for details in problems if details.code != "form.word_unknown"]
    meant = {name: fact for name, fact in problems[first].facts.items() if name == "suggestion"}
    return (*others[:first], Problem("form.words_unknown", value=named, **meant).details, *others[first:])


def too_long_reply(language: Language) -> Reply:
    """Say that the text was not read, with an example that works."""
    said = phrase("command.too_long", language, longest=LONGEST_TEXT)
    example = line(words(phrase("command.for_example", language)), glue(" "), code(EXAMPLE))
    return _ephemeral(said, [rich_text(line(words(said)), example)])


@cache
def accepted_reply(language: Language) -> Reply:
    """Say that the request was taken in; nothing more is certain yet, and the decision may take a while."""
    return words_reply(phrase("command.accepted", language))


def words_reply(said: str) -> Reply:
    """Say one sentence of ours."""
    return _ephemeral(said, [rich_text(line(words(said)))])


def looking_reply(language: Language) -> Reply:
    """Say that the answer follows."""
    return words_reply(phrase("whoami.looking", language))


def help_reply(language: Language) -> Reply:
    """Say how the command is used."""
    heading = phrase("command.help", language)
    typed = {
        "command.help_form": COMMAND,
        "command.help_start": EXAMPLE,
        "command.help_addresses": EXAMPLE_WITH_ADDRESSES,
        "command.help_whoami": f"{COMMAND} whoami",
        "command.help_last": f"{COMMAND} last",
        "command.help_history": f"{COMMAND} history",
        "command.help_history_here": f"{COMMAND} history here",
        "command.help_help": f"{COMMAND} help",
    }
    lines = [line(code(text), glue(phrase(key, language))) for key, text in typed.items()]
    after = small_print([phrase("command.help_after", language)])
    return _ephemeral(heading, [rich_text(line(bold(heading)), *lines), after])


def errors_reply(errors: FieldErrors, language: Language) -> Reply:
    """Say beside each field of the form what is wrong in it."""
    sentences = {field: _sentence(details, language) for field, details in errors.by_field.items()}
    return {"response_action": "errors", "errors": sentences}


def form_problem_reply(details: ProblemDetails, language: Language) -> Reply:
    """Say one problem in answer to a submitted form: beside a field if it can be sent again, else instead."""
    field = _FIELD_OF.get(details.code)
    if field is not None:
        return errors_reply(FieldErrors(by_field={field: details}), language)
    explained = explain(details, language)
    # A modal's title is too short for most problems', so the problem's own stands in the text.
    title = explained.title + ("。" if language == "zh" else ".")
    text = together((title, explained.happened, explained.next_step, explained.reference))
    return {"response_action": "update", "view": notice_view(phrase("form.title", language), text, language)}


def _sentence(details: ProblemDetails, language: Language) -> str:
    explained = explain(details, language)
    return together((explained.happened, explained.next_step))


def _ephemeral(text: str, blocks: list[Block]) -> Reply:
    return {"response_type": "ephemeral", "text": escape(text), "blocks": blocks}
