"""RAM 2015-05-01: DecodeDiagnosticMessage.

Source: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-decodediagnosticmessage
"""

from bot.emulators.alibaba.authorization import authorize
from bot.emulators.alibaba.operations import Answer, Call, Operation, Product
from bot.emulators.alibaba.refusals import Refusal
from bot.emulators.alibaba.seal import Seal


class RamOperations:
    """The operations of RAM."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def product(self) -> Product:
        name = "DecodeDiagnosticMessage"
        return Product(
            "Ram", "2015-05-01", (Operation(name, ("EncodedDiagnosticMessage",), self.decode_diagnostic_message),)
        )

    def decode_diagnostic_message(self, call: Call) -> Answer:
        """Open the sealed message of a denial in the caller's own account."""
        authorize(call, "ram:DecodeDiagnosticMessage", "*")
        try:
            message = self._seal.decode(call.parameter("EncodedDiagnosticMessage"))
        except ValueError as error:
            raise Refusal("NotSupport") from error
        if message["AuthPrincipal"]["AuthPrincipalOwnerId"] != call.caller.account_id:
            raise Refusal("NotSupport")
        return Answer({"DecodedDiagnosticMessage": message}, {})
