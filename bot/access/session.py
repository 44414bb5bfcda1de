"""What an assumed role's session is called and held to, for each person who asks."""

import json
from datetime import timedelta

from bot.model.request import Requester

LASTS = timedelta(hours=1)
"""The longest that every role allows: a role's own limit is 1 to 12 hours."""

OPERATIONS = (
    "ram:DecodeDiagnosticMessage",
    "vpc:DescribeVpnConnections",
    "vpc:DescribeVpnGateways",
    "vpc:DiagnoseVpnConnections",
    "vpc:DiagnoseVpnGateway",
    "vpc:GetVpnGatewayDiagnoseResult",
)
"""What a session may call at most, if its role may.

Five operations of VPN Gateway: diagnose, read the result, look at the gateway, at its connections and at their
tunnels. The one of RAM opens the sealed reason of a denial and reads nothing else; a role need not allow it.
sts:GetCallerIdentity is open to everyone.
"""

# STS gives the session what the role's own policies and this one both allow, and takes 2048 characters of it
# (www.alibabacloud.com/help/en/ram/api-assumerole). Gateways are named in the role's policy and in the guardrail.
SESSION_POLICY = json.dumps(
    {"Version": "1", "Statement": [{"Effect": "Allow", "Action": list(OPERATIONS), "Resource": "*"}]},
    separators=(",", ":"),
)


def session_name(requester: Requester) -> str:
    """Name the session after the person, so that ActionTrail shows who asked: `slack-T0123ABCD-U0123ABCD`.

    STS takes 2 to 64 of [A-Za-z0-9.@_-] (www.alibabacloud.com/help/en/ram/api-assumerole); the longest is 50.
    """
    return f"slack-{requester.team_id}-{requester.user_id}"
