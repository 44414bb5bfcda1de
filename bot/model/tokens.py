"""What looks like a key or a token: it is taken out of foreign words before they are kept, logged or shown."""

import re

HIDDEN = "(hidden)"

# In this order: tokens of Slack (docs.slack.dev/authentication/tokens), the ticket in a Socket Mode address, the
# address of a response_url, which anybody may post to for 30 minutes; keys' IDs and security tokens of Alibaba
# Cloud; what stands before the last @ of an address, a user and a password, which may hold one itself.
_LIKE_ONE = re.compile(
    r"\bx(?:ox[a-z]|app|wfp)(?:\.xox[a-z])?-[\w.-]+|(?<=ticket=)[^&\s'\")]+"
    r"|(?:(?<=hooks\.slack\.com/)|(?<=hooks\.slack-gov\.com/))[\w/-]+"
    r"|\bLTAI[A-Za-z0-9]{12,}|\bSTS\.[A-Za-z0-9]{16,}|\bCAIS[A-Za-z0-9+/=]{16,}"
    r"|(?<=://)[^\s:\"'<>]{0,100}:[^\s\"'<>]{0,300}(?=@)"
)


def without_tokens(text: str) -> str:
    """Hide what looks like a key or a token; linear in the text's length."""
    return _LIKE_ONE.sub(HIDDEN, text)
