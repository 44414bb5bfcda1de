"""What goes back with an acknowledgement: seen by the person who acted, and by nobody else."""

from functools import cache
from typing import Any

from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.explain.sentences import together
from bot.listeners.command_text import LONGEST_TEXT
from bot.listeners.history_text import HISTORY, LAST
from bot.listeners.reading import FieldErrors
from bot.model.ids import UserId
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Language
from bot.slack.blocks import Element, bold, bullets, code, glue, line, mention, rich_text, small_print, words
from bot.slack.escape import escape
from bot.slack.limits import Block
from bot.slack.views import notice_view

Reply = dict[str, Any]

COMMAND = "/vpn-diagnose"
EXAMPLE = "vpn-bp1k4m9x2q7r vco-bp1t8w3z6n5j cn-hangzhou"
EXAMPLE_WITH_ADDRESSES = "vpn-bp1k4m9x2q7r vco-bp1t8w3z6n5j 192.168.1.1 10.8.0.1 cn-hangzhou"
"""What is typed behind the command, or behind the bot's name where Slack takes no commands: in threads."""

# What people read of the bot's name in a sentence.
_NAME = "@vpn-diagnose"

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


def mistakes_reply(problems: tuple[ProblemDetails, ...], language: Language, bot: UserId | None = None) -> Reply:
    """Say every mistake in a command's text, with an example that works: a mention of `bot` if it is given."""
    called = {} if bot is None else {"command": _NAME, "help": f"{_NAME} help"}
    shown = [each.changed(facts=each.facts | called) for each in problems[:MOST_MISTAKES]]
    said = [_sentence(details, language) for details in _each_kind(tuple(shown), language)]
    more = len(problems) - len(shown)
    if more > 0:
        said.append(phrase("command.more_mistakes", language, count=more))
    heading = phrase("command.mistakes", language)
    parts = [line(bold(heading)), bullets(said), _example(language, bot)]
    return _ephemeral(together((heading, *said)), [rich_text(*parts)])


def _each_kind(problems: tuple[ProblemDetails, ...], language: Language) -> tuple[ProblemDetails, ...]:
    """Name all unknown words in one problem, where the first of them stands."""
    unknown = [details.facts.get("value", "") for details in problems if details.code == "form.word_unknown"]
    if len(unknown) <= 1:
        return problems
    named = phrase("command.between_words", language).join(unknown)
    first = next(at for at, details in enumerate(problems) if details.code == "form.word_unknown")
    others = [details for details in problems if details.code != "form.word_unknown"]
    all_of_them = Problem("form.words_unknown", **problems[first].facts | {"value": named}).details
    return (*others[:first], all_of_them, *others[first:])


def too_long_reply(language: Language, bot: UserId | None = None) -> Reply:
    """Say that the text was not read, with an example that works: a mention of `bot` if it is given."""
    said = phrase("command.too_long", language, longest=LONGEST_TEXT)
    return _ephemeral(said, [rich_text(line(words(said)), _example(language, bot))])


def _example(language: Language, bot: UserId | None) -> Element:
    return line(words(phrase("command.for_example", language)), glue(" "), *_typed(EXAMPLE, bot))


def _typed(text: str, bot: UserId | None) -> list[Element]:
    """Show the whole of what is typed, with `text` behind the command or the bot's name."""
    if bot is None:
        return [code(f"{COMMAND} {text}" if text else COMMAND)]
    return [mention(bot), glue(" "), code(text)] if text else [mention(bot)]


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


def help_reply(language: Language, bot: UserId | None = None) -> Reply:
    """Say how the command is used, or how a mention of `bot` is if it is given."""
    heading = phrase("command.help", language)
    typed = {
        "command.help_form" if bot is None else "mention.help_form": "",
        "command.help_start": EXAMPLE,
        "command.help_addresses": EXAMPLE_WITH_ADDRESSES,
        "command.help_whoami": "whoami",
        "command.help_last": LAST,
        "command.help_history": HISTORY,
        "command.help_history_here": f"{HISTORY} here",
        "command.help_help": "help",
    }
    lines = [line(*_typed(text, bot), glue(phrase(key, language))) for key, text in typed.items()]
    notes = ["command.help_after"] if bot is not None else ["command.help_after", "command.help_thread"]
    after = small_print([phrase(key, language) for key in notes])
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
