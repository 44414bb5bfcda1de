"""What the ledger shows of a request: anybody may send anything, so it is cut, and secrets are left out."""

import re
from typing import Any

from bot.emulators.alibaba.received import Received

LONGEST = 300
MOST = 30

_SECRET = re.compile(r"secret|password|psk|externalid|signature|(?<!^client)token", re.IGNORECASE)


def shown(received: Received) -> dict[str, Any]:
    """Choose parameters; the ClientToken, which is no secret, also stands by itself."""
    parameters = {
        cut(name): "(hidden)" if _SECRET.search(name) else cut(value)
        for name, value in list(received.parameters.items())[:MOST]
    }
    return {"parameters": parameters, "client_token": parameters.get("ClientToken")}


def cut(text: str) -> str:
    return text[:LONGEST].encode(errors="replace").decode()
