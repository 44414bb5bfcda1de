"""The steps that the app offers to Workflow Builder, as its manifest declares them."""

from bot.model.value import Value

USER_CONTEXT = "slack#/types/user_context"


class Parameter(Value):
    """An input or output of a step (docs.slack.dev/reference/types)."""

    name: str
    type: str = "string"
    is_required: bool = False

    def takes(self, value: object) -> bool:
        """Tell whether a value is of this type; of what is not played anything is."""
        if self.type == "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        return isinstance(value, str) if self.type == "string" else True


class Function(Value):
    """A step; `callback_id` is its name in the manifest."""

    callback_id: str
    title: str
    description: str
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()


DIAGNOSE = Function(
    callback_id="diagnose_vpn_gateway",
    title="Diagnose a VPN gateway",
    description="Finds out why a VPN to Alibaba Cloud is down, as the person who started the workflow",
    inputs=(
        Parameter(name="started_by", type=USER_CONTEXT, is_required=True),
        Parameter(name="channel_id", type="slack#/types/channel_id", is_required=True),
        Parameter(name="gateway_id", is_required=True),
        Parameter(name="connection_id", is_required=True),
        Parameter(name="region"),
        Parameter(name="source_ip"),
        Parameter(name="destination_ip"),
    ),
    outputs=(
        Parameter(name="diagnose_id", is_required=True),
        Parameter(name="verdict", is_required=True),
        Parameter(name="needs_attention", type="integer", is_required=True),
        Parameter(name="total", type="integer", is_required=True),
        Parameter(name="permalink"),
    ),
)
