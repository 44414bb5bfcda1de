"""What the doors count, for `/metrics`."""

from prometheus_client import CollectorRegistry, Counter, Histogram

# Seconds; Slack tells the person that the command failed after 3.
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)


class Meters:
    """The doors' meters in `registry`, which takes each name once."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.ack_seconds = Histogram(
            "vpn_diagnose_ack_seconds",
            "From a request of Slack's to its acknowledgement.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self.refused = Counter(
            "vpn_diagnose_refused_requests",
            "Requests at the HTTP door that are not from Slack, by reason.",
            ["reason"],
            registry=registry,
        )
        self.dropped = Counter(
            "vpn_diagnose_dropped_connections",
            "Connections at the HTTP door that were closed without an answer, by reason.",
            ["reason"],
            registry=registry,
        )
        self.declined = Counter(
            "vpn_diagnose_declined_payloads",
            "What Slack sent and the bot did not work on, and said so, by the problem's code.",
            ["code"],
            registry=registry,
        )
