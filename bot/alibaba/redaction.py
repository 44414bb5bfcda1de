"""Takes secrets out of what a diagnosis says about the configuration of a tunnel, before anything else reads it.

The vendor does not say whether pre-shared keys are among `vcoConf` and its siblings, so they are assumed to be. A
text that speaks of one is told in words that are known to be none: what else is in it may be the key, wherever it
stands.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, cast

from bot.alibaba.answer import parsed
from bot.model.tokens import HIDDEN

# What hides nothing: that a list of settings is empty may be told beside the name of a secret.
NOTHING: tuple[object, ...] = ("", [], {}, None)

_SENSITIVE = re.compile(
    r"pre[\W_]{0,3}shared(?:[\W_]{0,3}(?:key|secret)s?)?|psk|key|secret|passw(?:or)?d|pass[\W_]{0,3}(?:phrase|code)"
    r"|pwd|token|credential|预共享(?:密钥|秘钥)?|預共享|密钥|秘钥|密匙|密鑰|金鑰|密码|密碼|口令|凭证",
    re.IGNORECASE,
)

# What a text that speaks of a secret may say besides, and, before it comes to the secret, the names that it has in
# settings. The vendor's own lines are among them: "mismatch of preshared secrets", "no shared key found for".
_ORDINARY_WORDS = """
a and are authentication both by chosen configured could decrypt decryption did differ differs do does ends error
expected failed failure for found from in incorrect invalid match mismatch mismatched missing no not of on peer
received successful the their to using was were with wrong 不匹配
"""
_NAMES_OF_SETTINGS = """
access auth bgp conf config enc encryption group ike ikev1 ikev2 ipsec key keys local name passphrase passwd
password peers pre preshared psk pwd remote secret secrets security shared token tokens tunnel value vco vpn
预共享密钥 预共享密钥不匹配 预共享 秘钥
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
_NAMES = _ORDINARY | frozenset(_NAMES_OF_SETTINGS.split())

# What the names of other settings are made of: only a list of nothing else is known to be one of names.
_PARTS_OF_SETTINGS = (
    "alg asn check cidr dpd enable hash health id ip lifetime mode nat pfs subnet traversal version"
)
_SETTINGS = _NAMES | frozenset(_PARTS_OF_SETTINGS.split())

_WORD = re.compile(r"[^\s=:;,|!?()\[\]{}<>'\"]+")
_PARTS_OF_A_NAME = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[^A-Za-z._/-]+")
_INTRODUCES_A_VALUE = re.compile(r"[=:'\"]")
_BEGINS_AN_ENTRY = re.compile(r"\s*(?:\[[^\]\s]{1,40}\]|\d{4}-\d\d-\d\d|\d\d:\d\d)\s*")
_ENDS = frozenset({"", ".", "!", "?", ":", "=", ")", "]"})  # what else follows the last word may be a key of signs
_SEVERAL_HIDDEN = re.compile(rf"{re.escape(HIDDEN)}(?:[^\w]*{re.escape(HIDDEN)})+")

# A list as short as this that begins with a name for a secret holds its values, whatever they look like.
_A_NAME_WITH_ITS_VALUES = 3

# A description is a few levels deep; JSON in a text in JSON can be nested without end.
_DEEPEST = 20


def redacted(value: Any, depth: int = 0) -> Any:
    """Return a parsed JSON value without secrets; texts that hold JSON are opened on the way.

    Hidden are: what stands under a name with psk, key, secret, password or token in it; what stands beside such a
    name, however deep that is (`{"item": {"name": "Psk"}, "local": …}`); and in any other text, whatever may be a
    secret.
    """
    if depth > _DEEPEST:
        return HIDDEN
    match value:
        case dict():
            return _without_secrets(value, depth)
        case list():
            return _list_without_secrets(value, depth)
        case str():
            return _opened(value, depth)
        case _:
            return value


def redacted_lines(text: str) -> str:
    """Return a log without secrets.

    An entry goes on to the next line that begins with a `[NAME]` or a time. Of one that speaks of a secret, only
    the lines that do are kept, and of those what is known to be none; after it, lines of a single word are hidden.
    """
    kept: list[str] = []
    after_a_secret = False
    for entry in _entries(text):
        if any(names_a_secret(line) for line in entry):
            kept += [_cut(line) if names_a_secret(line) else HIDDEN for line in entry]
            after_a_secret = True
            continue
        may_be_its_value = after_a_secret and all(_is_a_single_word(line) for line in entry)
        kept += [HIDDEN] * len(entry) if may_be_its_value else entry
        after_a_secret = may_be_its_value
    return "\n".join(kept)


def names_a_secret(text: str) -> bool:
    """Tell whether a name or code is about a secret, so that the values beside it are one."""
    return _SENSITIVE.search(_plain(text)) is not None


def _plain(text: str) -> str:
    """Return a text in which a word cannot hide: without full-width letters and what is not seen."""
    if text.isascii():
        return text
    return "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")


def _entries(text: str) -> list[list[str]]:
    entries: list[list[str]] = []
    for line in text.splitlines():
        if not entries or _BEGINS_AN_ENTRY.match(line):
            entries.append([line])
        else:
            entries[-1].append(line)
    return entries


def _is_a_single_word(line: str) -> bool:
    prefix = _BEGINS_AN_ENTRY.match(line)
    return len(line[prefix.end() if prefix else 0 :].split()) <= 1


def _without_secrets(value: dict[str, Any], depth: int) -> dict[str, Any]:
    # What stands under a name for a secret is the secret, and names nothing beside it.
    about_a_secret = any(_is_only_a_name(one) for name, one in value.items() if not names_a_secret(name))
    kept: dict[str, Any] = {}
    for name, one in value.items():
        hide = names_a_secret(name) or (about_a_secret and one not in NOTHING and not _speaks_of_a_secret(one))
        kept[_cut(name)] = HIDDEN if hide else redacted(one, depth + 1)
    return kept


def _list_without_secrets(value: list[Any], depth: int) -> list[Any]:
    if _is_a_secret_with_its_name(value):
        return [_cut(str(value[0])), *[HIDDEN] * (len(value) - 1)]
    names = [one for one in value if _is_only_a_name(one)]
    if not names or all(isinstance(one, str) and _is_made_of(_SETTINGS, one) for one in value):
        return [redacted(one, depth + 1) for one in value]
    return [redacted(one, depth + 1) if _speaks_of_a_secret(one) else HIDDEN for one in value]


def _is_a_secret_with_its_name(value: list[Any]) -> bool:
    if not 1 < len(value) <= _A_NAME_WITH_ITS_VALUES:
        return False
    named = isinstance(value[0], str) and names_a_secret(value[0])
    return named and not any(_speaks_of_a_secret(one) for one in value[1:])


def _is_only_a_name(value: Any) -> bool:
    """Tell whether nothing stands in a value but names for a secret: its values are elsewhere, then."""
    texts = [one for one in _leaves(value) if isinstance(one, str)]
    return bool(texts) and all(map(names_a_secret, texts))


def _speaks_of_a_secret(value: Any) -> bool:
    return any(isinstance(one, str) and names_a_secret(one) for one in _leaves(value))


def _leaves(value: Any) -> Iterator[Any]:
    """Yield what stands in a value; the names in objects are not among it."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as names:
                waiting += names.values()
            case list() as ones:
                waiting += ones
            case leaf:
                yield leaf


def _opened(text: str, depth: int) -> Any:
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return redacted(parsed(text), depth + 1)
        except ValueError:
            pass
    return _cut(text)


def _cut(text: str) -> str:
    """Keep of a text that speaks of a secret the words that are none, up to what introduces a value of it."""
    if not names_a_secret(text):
        return text
    text = _plain(text)
    first = cast("re.Match[str]", _SENSITIVE.search(text))
    kept: list[str] = []
    end, known = 0, _NAMES
    for word in _WORD.finditer(text):
        introduced = _INTRODUCES_A_VALUE.search(text, end, word.start()) if known is _ORDINARY else None
        if introduced:
            return _joined([*kept, text[end : introduced.end()], HIDDEN])
        kept += text[end : word.start()], word[0] if _is_made_of(known, word[0]) else HIDDEN
        end = word.end()
        if end >= first.end():
            known = _ORDINARY
    rest = text[end:]
    return _joined([*kept, rest if rest.strip() in _ENDS else HIDDEN])


def _is_made_of(known: frozenset[str], word: str) -> bool:
    parts = _PARTS_OF_A_NAME.findall(word)
    return bool(parts) and all(part.lower() in known for part in parts)


def _joined(parts: list[str]) -> str:
    return _SEVERAL_HIDDEN.sub(HIDDEN, "".join(parts))
