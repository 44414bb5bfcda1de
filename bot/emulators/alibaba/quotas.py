"""How often an account may call an operation: the vendor's documented quotas, counted.

Sources: https://www.alibabacloud.com/help/en/vpn/sub-product-ipsec-vpn/developer-reference/api-vpc-2016-04-28-quota-vpns
(calls in 60 seconds, by region, operation and main account) and
https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-quota (in a second, by account).
Where the window begins is not documented: here with the first call, and again with the first one after its end.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from pydantic import Field

from bot.emulators.alibaba.refusals import Refusal
from bot.model.value import Value


class Quota(Value):
    """At most `calls` in `seconds`; `by_region` counts each region apart."""

    calls: int = Field(ge=1, le=1_000_000_000)
    seconds: int = Field(default=60, ge=1, le=86_400)
    by_region: bool = True


# None where the vendor's tables say nothing: such an operation is not throttled unless network.yml says so.
DOCUMENTED: Mapping[str, Quota | None] = {
    "DescribeRegions": None,
    "DescribeVpnConnections": Quota(calls=600),
    "DescribeVpnGateways": Quota(calls=600),  # the table's row is of DescribeVpnGateway, the singular
    "DiagnoseVpnConnections": None,
    "DiagnoseVpnGateway": None,
    "GetVpnGatewayDiagnoseResult": Quota(calls=120),
    "AssumeRole": Quota(calls=100, seconds=1, by_region=False),
    "AssumeRoleWithOIDC": Quota(calls=100, seconds=1, by_region=False),
    "GetCallerIdentity": Quota(calls=100, seconds=1, by_region=False),
    "DecodeDiagnosticMessage": None,
}


# By operation, account and region: when a window began, and the calls in it.
Windows = dict[tuple[str, str, str], tuple[datetime, int]]


class Throttle:
    """Counts calls by operation, account and region."""

    def __init__(
        self,
        quotas: Mapping[str, Quota],
        accounts: Collection[str],
        regions: Collection[str],
        windows: Windows,
    ) -> None:
        """Take quotas that replace the documented ones, and what was counted so far.

        Accounts that are not known are counted together, and so are regions.
        """
        self._quotas = {name: quota for name, quota in {**DOCUMENTED, **quotas}.items() if quota}
        self._accounts = frozenset(accounts)
        self._regions = frozenset(regions)
        self._windows = windows

    def count(self, operation: str, account_id: str, region: str, now: datetime) -> None:
        """Count a call; raises Refusal when it is one too many."""
        quota = self._quotas.get(operation)
        if quota is None:
            return
        account = account_id if account_id in self._accounts else ""
        key = (operation, account, region if quota.by_region and region in self._regions else "")
        begun, calls = self._windows.get(key, (now, 0))
        if not timedelta(0) <= now - begun < timedelta(seconds=quota.seconds):
            begun, calls = now, 0
        if calls >= quota.calls:
            raise Refusal("Throttling.User")
        self._windows[key] = (begun, calls + 1)
