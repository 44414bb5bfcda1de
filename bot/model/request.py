"""What is asked, by whom, and where the answer goes."""

from ipaddress import IPv4Address

from bot.model.ids import ChannelId, RegionId, TeamId, UserId, VpnConnectionId, VpnGatewayId
from bot.model.value import Value


class PrivateAddresses(Value):
    """Two private ends whose reachability is to be tested: the VPC's side first, then the data centre's."""

    source: IPv4Address
    destination: IPv4Address


class DiagnosisRequest(Value):
    """One diagnosis: a gateway, one of its IPsec connections and, if wanted, two private ends."""

    region: RegionId
    gateway_id: VpnGatewayId
    connection_id: VpnConnectionId
    addresses: PrivateAddresses | None = None


class Requester(Value):
    """The Slack person who asks; a user ID means something only together with its workspace."""

    team_id: TeamId
    user_id: UserId


class Conversation(Value):
    """Where the answer goes: a channel, and the thread in it if the question came from one."""

    channel_id: ChannelId
    thread_ts: str | None = None
