"""Whether the private addresses that were asked for are those that were tested.

A followed diagnosis was started with other addresses, or with none: only its result tells.
"""

from bot.model.report import Connectivity, DiagnosisReport
from bot.model.request import PrivateAddresses
from bot.model.run import Run

PRIVATE_CHECK = "VcoPrivateConnectivity"


def covers_addresses(run: Run) -> bool:
    """Tell whether the addresses that were given are part of the diagnosis, as far as is known."""
    if run.report is None:
        return not run.attached
    return has_private_result(run.report) and (not run.attached or _tested(run.report, run.request.addresses))


def has_private_result(report: DiagnosisReport) -> bool:
    return any(item.name == PRIVATE_CHECK for item in report.items)


def missing_result(run: Run, report: DiagnosisReport) -> str | None:
    """Return the key of the phrase that says which private test is missing; None if none is."""
    if run.request.addresses is None:
        return None if has_private_result(report) else "report.no_private_check"
    if covers_addresses(run):
        return None
    if run.attached and (report.finished or has_private_result(report)):
        return "report.addresses_not_included"
    return "report.addresses_without_result"


def _tested(report: DiagnosisReport, addresses: PrivateAddresses | None) -> bool:
    """Tell whether the probes went between these two; a result that cannot be read does not say so."""
    details = (item.detail for item in report.items if item.name == PRIVATE_CHECK)
    probed = [(each.source_ip, each.target_ip) for each in details if isinstance(each, Connectivity)]
    return addresses is not None and (str(addresses.source), str(addresses.destination)) in probed
