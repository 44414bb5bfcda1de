"""The errors of the service: code, HTTP status and message, and the envelope they travel in.

Where the documentation leaves a hole in a message, or has no message, the words are ours (coverage.yml).

Codes of the gateway: https://developer.aliyun.com/ask/278265 (client errors that all OpenAPI products share).
Codes of DiagnoseVpnGateway:
https://www.alibabacloud.com/help/en/vpn/sub-product-ipsec-vpn/developer-reference/api-vpc-2016-04-28-diagnosevpngateway-vpns
Codes of STS: https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole and
https://help.aliyun.com/zh/ram/developer-reference/api-sts-2015-04-01-errorcodes
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.emulators.alibaba.denial import Denial

_DOCUMENTED: dict[str, tuple[int, str]] = {
    # The gateway
    "InvalidVersion": (400, "Specified parameter Version is not valid."),
    "InvalidAction.NotFound": (404, "Specified api is not found, please check your url and method."),
    "UnsupportedHTTPMethod": (400, "This http method is not supported."),
    "InvalidParameter.Format": (400, "Specified parameter format is not valid."),
    "RequestBodyTooLarge": (413, "The request body is too large."),
    "IncompleteSignature": (400, "The request signature does not conform to Aliyun standards."),
    "InvalidSignatureMethod": (400, "Specified signature method is not valid."),
    "InvalidTimeStamp.Format": (400, "Specified time stamp or date value is not well formatted."),
    "InvalidTimeStamp.Expired": (400, "Specified time stamp or date value is expired."),
    "InvalidAccessKeyId.NotFound": (404, "Specified access key is not found."),
    "InvalidAccessKeyId.Inactive": (400, "Specified access key is disabled."),
    "MissingSecurityToken": (400, "SecurityToken is mandatory for this action."),
    "InvalidSecurityToken.Malformed": (400, "Specified SecurityToken is malformed."),
    "InvalidSecurityToken.MismatchWithAccessKey": (400, "Specified SecurityToken mismatch with the AccessKey."),
    "InvalidSecurityToken.Expired": (400, "Specified SecurityToken is expired."),
    "SignatureDoesNotMatch": (400, "Specified signature does not match our calculation."),
    "SignatureNonceUsed": (400, "Specified signature nonce was used already."),
    "Throttling.User": (400, "Request was denied due to user flow control."),
    "InternalError": (500, "The request processing has failed due to some unknown error."),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    # VPC
    "InvalidRegionId.NotFound": (404, "The specified RegionId does not exist."),
    "IdempotentParameterMismatch": (
        400,
        (
            "The request uses the same client token as a previous, but non-identical request. "
            "Do not reuse a client token with different requests, unless the requests are identical."
        ),
    ),
    "VpnGateway.Configuring": (400, "The specified service is configuring."),
    "OperationUnsupported.DiagnoseVpn": (400, "Current version of the VPN does not support diagnose."),
    "IllegalParam.ResourceType": (400, "The param of ResourceType is illegal."),
    "OperationFailed.VpnGatewayDiagnosing": (400, "The VPN gateway is diagnosing."),
    "OperationFailed.StartDiagnose": (400, "Failed to start the diagnosis."),
    "IllegalParam.PrivateSourceIp": (400, "The param of PrivateSourceIp is illegal."),
    "IllegalParam.PrivateDestinationIp": (400, "The param of PrivateDestinationIp is illegal."),
    "Forbidden": (403, "User not authorized to operate on the specified resource."),
    "InvalidVpnGatewayInstanceId.NotFound": (404, "The specified VPN gateway instance does not exist."),
    "InvalidResourceId.NotFound": (404, "The specified resource does not exist."),
    "IllegalParam.TagKey": (400, "The param of Tag.Key is illegal."),
    "SizeLimitExceeded.TagNum": (400, "The maximum number of tags is exceeded."),
    # STS
    "InvalidParameter.RoleArn": (400, "The parameter RoleArn is wrongly formed."),
    "InvalidParameter.RoleSessionName": (400, "The parameter RoleSessionName is wrongly formed."),
    "InvalidParameter.DurationSeconds": (400, "The Min/Max value of DurationSeconds is 15min/1hr."),
    "InvalidParameter.ExternalId": (400, "The parameter ExternalId is wrongly formed."),
    "InvalidParameter.PolicyGrammar": (400, "The parameter Policy has not passed grammar check."),
    "InvalidParameter.PolicySize": (400, "The size of Policy must be smaller than 2048 bytes."),
    "NoPermission": (403, "You are not authorized to do this action. You should be authorized by RAM."),
    "AuthenticationFail.NoPermission": (401, "There is no permission"),
    "AuthenticationFail.OIDCToken.AudienceNotMatch": (401, "Invalid audience."),
    "AuthenticationFail.OIDCToken.Expired": (401, "This JsonWebToken is expired."),
    "AuthenticationFail.OIDCToken.Invalid": (401, "The Jwt content is invalid that cannot be recognized."),
    "AuthenticationFail.OIDCToken.InvalidSignature": (401, "OIDC token validate failed: invalid signature."),
    "InvalidParameter.OIDCProviderArn": (400, "The parameter OIDCProviderArn is wrongly formed."),
    "EntityNotExist.Role": (404, "The specified Role not exists."),
    # RAM
    "NotSupport": (400, "The encoded diagnostic message is not supported."),
}


class Refusal(Exception):
    """An error that the caller is answered with; `denied` becomes AccessDeniedDetail.

    Without a message the documented one is used, for which the code has to be in the table.
    """

    def __init__(self, code: str, message: str = "", denied: Denial | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status, documented = _DOCUMENTED.get(code, (400, ""))
        self.message = message or documented
        self.denied = denied

    def envelope(
        self, product: str, request_id: str, host: str, encode: Callable[[Mapping[str, Any]], str]
    ) -> dict[str, Any]:
        """Lay out the body of the answer; `encode` seals what a denial keeps to itself."""
        question = f"q={self.code}&product={product}&requestId={request_id}"
        body = {
            "Code": self.code,
            "Message": self.message,
            "RequestId": request_id,
            "HostId": host,
            "Recommend": f"https://api.alibabacloud.com/troubleshoot?{question}",
        }
        if self.denied is None:
            return body
        encoded = encode(self.denied.decoded())
        return body | {"AccessDeniedDetail": self.denied.detail() | {"EncodedDiagnosticMessage": encoded}}


def missing(parameter: str) -> Refusal:
    """Refuse for a mandatory parameter that is not there: the code is `Missing` and its name."""
    return Refusal(f"Missing{parameter}", f"{parameter} is mandatory for this action.")


def unsupported(parameter: str) -> Refusal:
    """Refuse for a parameter that no operation of this name has.

    Products with strict parameters answer so: https://help.aliyun.com/zh/polardb/client-error-codes.
    """
    return Refusal("UnsupportedParameter", f'The parameter "{parameter[:100]}" is not supported.')


def invalid(parameter: str) -> Refusal:
    """Refuse for a parameter that is not in its form: the code is `Invalid` and its name."""
    return Refusal(f"Invalid{parameter}", f"Specified parameter {parameter} is not valid.")
