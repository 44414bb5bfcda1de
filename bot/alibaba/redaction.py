"""Takes secrets out of what a diagnosis says about the configuration of a tunnel, before anything else reads it.

The vendor does not say whether pre-shared keys are among `vcoConf` and its siblings, so they are assumed to be. A
text that speaks of one is told in words that are known to be none: what else is in it may be the key, wherever it
stands.
"""

import re
from typing import Any

from bot.alibaba.answer import parsed

HIDDEN = "(hidden)"

_SENSITIVE = re.compile(r"psk|key|secret|password|passwd|token|密钥|密码|口令", re.IGNORECASE)

# What a text that speaks of a secret may say besides, and, before it comes to the secret, the names that it has in
# settings. The vendor's own lines are among them: "mismatch of preshared secrets", "no shared key found for".
_ORDINARY_WORDS = """
a and are authentication both by chosen configured could decrypt decryption did differ differs do does ends error
expected failed failure for found from in incorrect invalid match mismatch mismatched missing no not of on peer
received successful the their to using was were with wrong 不匹配
"""
_NAMES_OF_SETTINGS = """
access auth bgp conf config enc encryption group ike ikev1 ikev2 ipsec key keys local name passwd password peers
pre preshared psk remote secret secrets security shared token tokens tunnel value vco vpn
预共享密钥 预共享密钥不匹配
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
_NAMES = _ORDINARY | frozenset(_NAMES_OF_SETTINGS.split())

_WORD = re.compile(r"[^\s=:;,|!?()\[\]{}<>'\"]+")
_PARTS_OF_A_NAME = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[^A-Za-z._/-]+")
_INTRODUCES_A_VALUE = re.compile(r"[=:'\"]")
_ENDS = frozenset({"", ".", "!", "?", ":", "=", ")", "]"})  # what else follows the last word may be a key of signs
_SEVERAL_HIDDEN = re.compile(rf"{re.escape(HIDDEN)}(?:[^\w]*{re.escape(HIDDEN)})+")

# A list as short as this is a name with its values; a longer one is a list of names.
_A_NAME_WITH_ITS_VALUES = 3

# A description is a few levels deep; JSON in a text in JSON can be nested without end.
_DEEPEST = 20


def redacted(value: Any, depth: int = 0) -> Any:
    """Return a parsed JSON value without secrets; texts that hold JSON are opened on the way.

    Hidden are: what stands under a name with psk, key, secret, password or token in it; what stands beside such a
    name (`{"name": "Psk", "local": …}`); and in any other text, whatever follows such a word.
    """
    if depth > _DEEPEST:
        return HIDDEN
    match value:
        case dict():
            return _without_secrets(value, depth)
        case list():
            if _is_a_secret_with_its_name(value):
                return [_cut(str(value[0])), *[HIDDEN] * (len(value) - 1)]
            return [redacted(one, depth + 1) for one in value]
        case str():
            return _opened(value, depth)
        case _:
            return value


def redacted_lines(text: str) -> str:
    """Return a log without secrets: what follows a word for one is hidden, on the next line too if need be."""
    kept: list[str] = []
    ends_with_the_word = False
    for line in text.splitlines():
        kept.append(HIDDEN if ends_with_the_word else _cut(line))
        match = _SENSITIVE.search(line)
        ends_with_the_word = match is not None and not line[match.end() :].strip(" \t:=\"'")
    return "\n".join(kept)


def names_a_secret(text: str) -> bool:
    """Tell whether a name or code is about a secret, so that the values beside it are one."""
    return _SENSITIVE.search(text) is not None


def _without_secrets(value: dict[str, Any], depth: int) -> dict[str, Any]:
    about_a_secret = any(_speaks_of_a_secret(one) for one in value.values())
    kept: dict[str, Any] = {}
    for name, one in value.items():
        hide = _SENSITIVE.search(name) or (about_a_secret and not _speaks_of_a_secret(one))
        kept[_cut(name)] = HIDDEN if hide else redacted(one, depth + 1)
    return kept


def _is_a_secret_with_its_name(value: list[Any]) -> bool:
    if not 1 < len(value) <= _A_NAME_WITH_ITS_VALUES:
        return False
    return _speaks_of_a_secret(value[0]) and not any(_speaks_of_a_secret(one) for one in value[1:])


def _speaks_of_a_secret(value: Any) -> bool:
    if isinstance(value, list):
        return any(isinstance(one, str) and _SENSITIVE.search(one) for one in value)
    return isinstance(value, str) and _SENSITIVE.search(value) is not None


def _opened(text: str, depth: int) -> Any:
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return redacted(parsed(text), depth + 1)
        except ValueError:
            pass
    return _cut(text)


def _cut(text: str) -> str:
    """Keep of a text that speaks of a secret the words that are none, up to what introduces a value of it."""
    first = _SENSITIVE.search(text)
    if first is None:
        return text
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
