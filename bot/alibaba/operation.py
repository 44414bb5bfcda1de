"""What is known of an operation before it is called: where it is, how a good answer looks, how often to ask."""

from bot.alibaba.endpoints import Product
from bot.model.value import Value
from bot.turns import Quota

# Quotas of VPN Gateway, calls in 60 s for an account and region; every program of the account shares them
# (www.alibabacloud.com/help/en/vpn/developer-reference/api-vpc-2016-04-28-quota-vpns, read November 2026):
# 120 for results, 600 for lists. Where no number is published, the least one of that page is taken for true: 30;
# but for starts, which people wait for, 120: if less is allowed, the service says so, and that silences the quota.
RESULTS = Quota(name="results", documented=120, window_s=60, at_once=10, per_s=1.5)
LISTS = Quota(name="lists", documented=600, window_s=60, at_once=40, per_s=7.5)
STARTS = Quota(name="starts", documented=120, window_s=60, at_once=50, per_s=0.9)
TUNNELS = Quota(name="tunnels", documented=30, window_s=60, at_once=15, per_s=0.2)
DECODING = Quota(name="decoding", documented=30, window_s=60, at_once=15, per_s=0.2)

# 100 a second for an account (www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-quota).
SESSIONS = Quota(name="sessions", documented=100, window_s=1, at_once=30, per_s=10)


class Operation(Value):
    """An operation of the API; a good answer has at least one of the fields `answers_with`.

    Operations with the same `quota` share it. `secrets` names the parameters that no error may repeat.
    """

    product: Product
    name: str
    version: str
    answers_with: tuple[str, ...]
    quota: Quota
    secrets: tuple[str, ...] = ()
