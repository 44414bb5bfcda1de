"""The gateway in front of all products: what is checked before an operation sees a call, and in which order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from bot.emulators.alibaba.authentication import (
    Nonces,
    check_credential,
    check_date,
    check_signature,
    read_claim,
)
from bot.emulators.alibaba.callers import NOBODY, Caller
from bot.emulators.alibaba.credentials import Credentials
from bot.emulators.alibaba.operations import Operation, Product
from bot.emulators.alibaba.quotas import Throttle
from bot.emulators.alibaba.received import Received
from bot.emulators.alibaba.refusals import Refusal, missing, unsupported


class Admitted(NamedTuple):
    """A call that got past the gateway."""

    operation: Operation
    caller: Caller


class Gateway:
    """Admits calls to the operations of the products."""

    def __init__(
        self,
        products: Sequence[Product],
        credentials: Credentials,
        throttle: Throttle,
        nonces: Nonces,
        unknown_parameters: Literal["refuse", "ignore"],
    ) -> None:
        self._unknown_parameters = unknown_parameters
        self._products = {product.version: product for product in products}
        self._credentials = credentials
        self._throttle = throttle
        self._nonces = nonces

    def admit(self, received: Received, now: datetime) -> Admitted:
        """Check a request; raises Refusal at the first thing that is wrong.

        The service does not document its order. This one lets nobody learn anything without a good signature
        but whether an operation and a key exist, and a nonce is used up only by a request that is genuine.
        Authorization comes next, in the operation: it knows the resource. Then come the operation's parameters.
        """
        operation = self._operation(received)
        caller = NOBODY if operation.anonymous else self._caller(received, now)
        account_id = caller.account_id or _account_of_the_role(received)
        self._throttle.count(operation.name, account_id, received.parameters.get("RegionId", ""), now)
        self._check_names(operation, received)
        return Admitted(operation, caller)

    def _check_names(self, operation: Operation, received: Received) -> None:
        for name in operation.required:
            if not received.parameters.get(name):
                raise missing(name)
        if self._unknown_parameters == "refuse":
            for name in received.parameters:
                if not operation.takes(name):
                    raise unsupported(name)

    def product(self, received: Received) -> Product | None:
        return self._products.get(received.header("x-acs-version"))

    def _operation(self, received: Received) -> Operation:
        if received.path != "/":
            raise Refusal("InvalidAction.NotFound")
        for header, parameter in (("x-acs-action", "Action"), ("x-acs-version", "Version")):
            if not received.header(header):
                raise _without(header, parameter, received)
        product = self.product(received)
        if product is None:
            raise Refusal("InvalidVersion")
        operation = product.operation(received.header("x-acs-action"))
        if received.method not in operation.methods:
            raise Refusal("UnsupportedHTTPMethod")
        return operation

    def _caller(self, received: Received, now: datetime) -> Caller:
        """Find out who has signed a request, and that they have."""
        claim = read_claim(received)
        check_date(received, now)
        held = self._credentials.find(claim.access_key_id)
        if held is None:
            raise Refusal("InvalidAccessKeyId.NotFound")
        check_credential(held, received.header("x-acs-security-token"), now)
        check_signature(received, claim, held)
        self._nonces.use(held.access_key_id, received.header("x-acs-signature-nonce"), now)
        return held.caller


def _without(header: str, parameter: str, received: Received) -> Refusal:
    """Refuse a request without one of the headers that name its operation, also one that names it elsewhere."""
    if parameter not in received.parameters:
        return missing(parameter)
    if "Signature" in received.parameters:
        return Refusal(
            "InvalidSignatureMethod",
            "This is a signature of version 1; this emulator takes version 3, ACS3-HMAC-SHA256 in Authorization, "
            "with the operation in x-acs-action and x-acs-version.",
        )
    return Refusal(f"Missing{parameter}", f"{parameter} is mandatory for this action. It belongs into {header}.")


def _account_of_the_role(received: Received) -> str:
    """Give the account whose role is asked for: of a call without a signature it is all that is known."""
    _, _, rest = received.parameters.get("RoleArn", "").partition("acs:ram::")
    return rest.partition(":")[0]
