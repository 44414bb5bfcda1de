"""A run's report as a JSON file, for tickets and scripts; docs/export.md describes it.

Names are Alibaba Cloud's wherever it has one (DiagnoseName, lossRate, …). The number in `Schema` rises when a name
goes or changes its meaning; new names may come without.
"""

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, assert_never

from bot.model.decision import Decision
from bot.model.report import (
    ConfigConsistency,
    Connectivity,
    Detail,
    DiagnosisReport,
    DiagnosticItem,
    Quota,
    RouteConflict,
    Unreadable,
)
from bot.model.run import Run
from bot.model.tunnels import Tunnels, TunnelState
from bot.slack.verdict import NO_TUNNELS

SCHEMA = "vpn-diagnose/report/1"

# Characters that nobody sees and that could reorder what is read; within JSON's strings, as line ends are not.
_NOT_ASCII = re.compile(r"[^\x20-\x7e\n]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

Json = dict[str, Any]


def export_name(run: Run) -> str:
    """Give the name of the file: what was diagnosed and when (UTC)."""
    return f"{run.request.gateway_id}-{run.created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"


def export_json(run: Run, tunnels: Tunnels = NO_TUNNELS) -> bytes:
    """Give the file, in UTF-8; a run without a report has its request and how it ended."""
    written = json.dumps(_exported(run, tunnels), ensure_ascii=False, indent=2, allow_nan=False)
    return (_NOT_ASCII.sub(_escaped, written) + "\n").encode()


def _exported(run: Run, tunnels: Tunnels) -> Json:
    request, report = run.request, run.report
    addresses = request.addresses
    return {
        "Schema": SCHEMA,
        "RegionId": str(request.region),
        "VpnGatewayId": str(request.gateway_id),
        "ResourceId": str(request.connection_id),
        "ResourceType": "IPsec",
        "PrivateSourceIp": None if addresses is None else str(addresses.source),
        "PrivateDestinationIp": None if addresses is None else str(addresses.destination),
        "DiagnoseId": run.diagnose_id,
        **_result(report),
        "Tunnels": [_tunnel(tunnel) for tunnel in tunnels.each],
        "Decision": None if run.decision is None else _decision(run.decision),
        "Run": _run(run),
    }


def _result(report: DiagnosisReport | None) -> Json:
    return {
        "RequestId": report.request_id if report is not None else None,
        "BeginTime": _time(report.begin_time if report is not None else None),
        "FinishTime": _time(report.finish_time if report is not None else None),
        "FinishedCount": report.finished_count if report is not None else 0,
        "TotalCount": report.total_count if report is not None else 0,
        "DiagnoseResult": [_check(item) for item in report.items] if report is not None else [],
    }


def _check(item: DiagnosticItem) -> Json:
    level = item.level_text or item.level.value
    return {"DiagnoseName": item.name, "DiagnoseResultLevel": level, "Measured": _measured(item.detail)}


def _measured(detail: Detail) -> Json:
    match detail:
        case RouteConflict():
            overlaps = [overlap.model_dump() for overlap in detail.overlaps]
            return {"routes": list(detail.routes), "overlaps": overlaps, "remarks": list(detail.remarks)}
        case Quota():
            return {"quotaName": detail.quota_name, "used": detail.used, "quantity": detail.quantity}
        case ConfigConsistency():
            ends = [{"setting": d.setting, "local": d.cloud_side, "peer": d.peer_side} for d in detail.differing]
            return {"peerKnown": detail.peer_known, "vcoDiffConf": ends, "vcoLackConf": list(detail.lacking)}
        case Connectivity():
            measured = {"lossRate": _number(detail.loss_percent), "rtt": _number(detail.rtt_ms)}
            return {"srcIp": detail.source_ip, "targetIp": detail.target_ip, **measured}
        case Unreadable():
            return {"text": detail.text}
        case _:
            assert_never(detail)


def _tunnel(tunnel: TunnelState) -> Json:
    told: Json = {
        "TunnelId": None if tunnel.tunnel_id is None else str(tunnel.tunnel_id),
        "Role": tunnel.role,
        "Status": tunnel.status,
    }
    finding = tunnel.finding
    if finding is None:
        return told
    return told | {
        "FailedReasonCode": finding.reason_code,
        "FailedReason": finding.reason,
        "Severity": finding.severity,
        "FailedTime": _time(finding.failed_at),
        "MismatchLocalParam": finding.cloud_side,
        "MismatchRemoteParam": finding.peer_side,
        "SourceLog": finding.log,
    }


def _decision(decision: Decision) -> Json:
    return {
        "MadeAt": _time(decision.made_at),
        "AccessFileHash": decision.book_version,
        "Allowed": decision.allowed,
        "Steps": [
            {
                "Step": answer.step.value,
                "Answer": answer.answer.value,
                "Reason": answer.reason,
                "Operation": answer.operation,
                "RequestId": answer.request_id,
            }
            for answer in decision.steps
        ],
    }


def _run(run: Run) -> Mapping[str, Any]:
    return {
        "RunId": str(run.id),
        "State": run.state.value,
        "Problem": None if run.problem is None else run.problem.code,
        "AskedAt": _time(run.created_at),
        "AskedBy": {"TeamId": str(run.requester.team_id), "UserId": str(run.requester.user_id)},
        "Identity": run.identity,
        "Principal": run.principal,
        "AlreadyRunning": run.attached,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _number(value: float | None) -> float | None:
    """Keep what is no number out of the file: JSON has none of them."""
    return value if value is not None and math.isfinite(value) else None


def _escaped(found: re.Match[str]) -> str:
    unseen = unicodedata.category(found[0]) in _UNSEEN
    return json.dumps(found[0])[1:-1] if unseen else found[0]
