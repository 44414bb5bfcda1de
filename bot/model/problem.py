"""The one exception of the bot: a code with facts, made into sentences by `bot.explain`.

Codes of our own begin with one of `OWN_NAMESPACES` and a dot (`access.not_mapped`, `slack.not_in_channel`).
Every other code is Alibaba Cloud's, in its own spelling (`OperationFailed.VpnGatewayDiagnosing`).
"""

from typing import Self

from pydantic import Field

from bot.model.tokens import without_tokens
from bot.model.value import Value

OWN_NAMESPACES = frozenset({"access", "bot", "cloud", "form", "settings", "slack"})

Fact = str | int | float

# A fact may hold foreign text (a vendor's message); what goes into the database and into Slack is bounded here.
LONGEST_FACT = 1000


class ProblemDetails(Value):
    """What a `Problem` says, as a value that can be stored."""

    code: str
    facts: dict[str, str] = Field(default_factory=dict)

    @property
    def is_from_the_cloud(self) -> bool:
        return self.code.partition(".")[0] not in OWN_NAMESPACES or "." not in self.code


class Problem(Exception):
    """Something that a person must be told; `facts` fill the sentence and never hold a secret.

    What looks like a key or a token in them is hidden here, whoever wrote it.

    Facts with a meaning of their own: `message` (the vendor's words), `request_id`, `http_status`, `operation`,
    `retry_after_s` (seconds to wait that the other side asked for).
    """

    def __init__(self, code: str, /, **facts: Fact) -> None:
        self.details = ProblemDetails(
            code=code, facts={name: without_tokens(str(value))[:LONGEST_FACT] for name, value in facts.items()}
        )
        super().__init__(code)

    @classmethod
    def of(cls, details: ProblemDetails) -> Self:
        return cls(details.code, **details.facts)

    @property
    def code(self) -> str:
        return self.details.code

    @property
    def facts(self) -> dict[str, str]:
        return self.details.facts

    def __str__(self) -> str:
        request_id = self.facts.get("request_id")
        return f"{self.code} (RequestId {request_id})" if request_id else self.code
