"""The same diagnosis as commands of Alibaba Cloud's own command line, `aliyun`, to be copied.

Parameters are named as in the API, and a value with special characters stands in single quotes
(https://www.alibabacloud.com/help/en/cli/parameter-format-overview, read November 2026). The commands run with the
credentials of whoever enters them.
"""

import json
import shlex

from bot.explain.phrases import phrase
from bot.model.request import DiagnosisRequest
from bot.model.run import Run
from bot.slack.blocks import bold, line, preformatted, rich_text, small_print
from bot.slack.message import Message, notification

# How a longer line is broken in a shell of Linux and macOS.
_GOES_ON = " \\"


def start_command(request: DiagnosisRequest) -> tuple[str, ...]:
    """Give the lines of the command that starts the diagnosis."""
    parameters = {
        "RegionId": str(request.region),
        "VpnGatewayId": str(request.gateway_id),
        "ResourceId": str(request.connection_id),
        "ResourceType": "IPsec",
    }
    if request.addresses is not None:
        ends = {
            "PrivateSourceIp": str(request.addresses.source),
            "PrivateDestinationIp": str(request.addresses.destination),
        }
        parameters["IPsecExtendInfo"] = json.dumps(ends, separators=(",", ":"))
    return _command("DiagnoseVpnGateway", parameters)


def result_command(request: DiagnosisRequest, diagnose_id: str) -> tuple[str, ...]:
    """Give the lines of the command that asks for the result; `diagnose_id` is foreign text."""
    return _command("GetVpnGatewayDiagnoseResult", {"RegionId": str(request.region), "DiagnoseId": diagnose_id})


def command_message(run: Run) -> Message:
    """Render the commands, for the one who asked for them."""
    title = phrase("cli.title", run.language)
    lines = [*start_command(run.request)]
    if run.diagnose_id is not None:
        lines += ["", *result_command(run.request, run.diagnose_id)]
    text = phrase("cli.text", run.language, gateway_id=run.request.gateway_id, title=title)
    blocks = [
        rich_text(line(bold(title)), preformatted(lines)),
        small_print([phrase("cli.remark", run.language)]),
    ]
    return Message(text=notification(text), blocks=blocks)


def _command(operation: str, parameters: dict[str, str]) -> tuple[str, ...]:
    """Lay a command out with a parameter a line, so that a phone does not break it elsewhere."""
    lines = [f"aliyun vpc {operation}"]
    lines += [f"  --{name} {shlex.quote(value)}" for name, value in parameters.items()]
    return (*(each + _GOES_ON for each in lines[:-1]), lines[-1])
