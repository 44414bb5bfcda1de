"""An answer of GetVpnGatewayDiagnoseResult as a `DiagnosisReport`, whatever shape it comes in.

Source, read November 2026: https://www.alibabacloud.com/help/en/vpc/api-getvpngatewaydiagnoseresult.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.alibaba.answer import id_of, integer_of, list_of, moment_of, request_id_of, text_of
from bot.alibaba.details import read_detail
from bot.model.ids import RegionId, VpnConnectionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.report import DiagnosisReport, DiagnosticItem, ResultLevel

# There are seven checks; an answer with more than this is cut there.
MOST_ITEMS = 1000

_DIAGNOSE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LONGEST_NAME = 100


def read_diagnose_id(value: Any) -> str | None:
    """Return a DiagnoseId that can be sent back and shown, or None."""
    return value if isinstance(value, str) and _DIAGNOSE_ID.fullmatch(value) else None


def read_report(
    answer: Mapping[str, Any], region: RegionId, *, diagnose_id: str | None, gateway_id: VpnGatewayId | None
) -> DiagnosisReport:
    """Read the answer to a question for `diagnose_id` or for `gateway_id`, which fill in what it leaves out.

    Raises Problem("cloud.not_understood") when it does not say which diagnosis of which gateway it tells of, or
    when its results are no list. A single result that is not understood does not spoil the others.
    """
    known_id = read_diagnose_id(answer.get("DiagnoseId")) or diagnose_id
    known_gateway = id_of(VpnGatewayId, answer.get("VpnGatewayId")) or gateway_id
    results = list_of(answer.get("DiagnoseResult"))
    if known_id is None or known_gateway is None or results is None:
        raise Problem("cloud.not_understood", operation="GetVpnGatewayDiagnoseResult", http_status=200)
    items = tuple(_item(one) for one in results[:MOST_ITEMS])
    finish_time = moment_of(answer.get("FinishTime"))
    return DiagnosisReport(
        diagnose_id=known_id,
        request_id=request_id_of(answer) or "",
        region=region,
        gateway_id=known_gateway,
        connection_id=id_of(VpnConnectionId, answer.get("ResourceInstanceId")),
        begin_time=moment_of(answer.get("BeginTime")),
        finish_time=finish_time,
        finished_count=_count(answer.get("FinishedCount"), otherwise=len(items)),
        total_count=_count(answer.get("TotalCount"), otherwise=len(items) if finish_time else 0),
        items=items,
    )


def _item(result: Any) -> DiagnosticItem:
    fields: Mapping[str, Any] = result if isinstance(result, dict) else {"DiagnoseResultDescription": result}
    name = text_of(fields.get("DiagnoseName"), _LONGEST_NAME) or "?"
    level_text = text_of(fields.get("DiagnoseResultLevel"), _LONGEST_NAME) or ""
    return DiagnosticItem(
        name=name,
        level=_level(level_text),
        level_text=level_text,
        detail=read_detail(name, fields.get("DiagnoseResultDescription")),
    )


def _level(text: str) -> ResultLevel:
    try:
        return ResultLevel(text.strip().lower())
    except ValueError:
        return ResultLevel.UNKNOWN


def _count(value: Any, *, otherwise: int) -> int:
    count = integer_of(value)
    return otherwise if count is None else min(count, MOST_ITEMS)
