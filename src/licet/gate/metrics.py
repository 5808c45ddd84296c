"""What does Prometheus read? Calls by feature and status, refusals by code, time spent, calls alive, workers.

Counting is a few additions to plain dictionaries; everything else happens when somebody reads. No label ever names a
holder, a key or an address: series would grow without bound, and tell strangers who calls.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from licet.gate import lag as lags
from licet.gate.lag import Lag

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_BUCKETS_NS = tuple(int(s * 1e9) for s in BUCKETS_S)


class Metrics:
    """Counts; `gauges` are asked when somebody reads."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, int], int] = {}
        self.refusals: dict[str, int] = {}
        self._times: dict[str, list[int]] = {}  # the buckets, then the sum in nanoseconds
        self.gauges: dict[str, tuple[str, Callable[[], int]]] = {}
        self.lag = Lag()
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def request(self, route: str, status: int, took_ns: int) -> None:
        """One answer. `route` is a feature's name or a route's path: a bounded set."""
        key = (route, status)
        self.requests[key] = self.requests.get(key, 0) + 1
        times = self._times.get(route)
        if times is None:
            times = self._times[route] = [0] * (len(BUCKETS_S) + 2)
        times[bisect_left(_BUCKETS_NS, took_ns)] += 1
        times[-1] += took_ns

    def refused(self, code: str) -> None:
        self.refusals[code] = self.refusals.get(code, 0) + 1

    def collect(self) -> Iterator[Metric]:
        """For prometheus_client."""
        requests = CounterMetricFamily("licet_requests", "Answers by route and status.", labels=["route", "status"])
        for (route, status), n in self.requests.items():
            requests.add_metric([route, str(status)], n)
        yield requests
        refusals = CounterMetricFamily("licet_refusals", "Refusals by reason code.", labels=["code"])
        for code, n in self.refusals.items():
            refusals.add_metric([code], n)
        yield refusals
        times = HistogramMetricFamily("licet_request_seconds", "Time from request to answer.", labels=["route"])
        for route, counts in self._times.items():
            times.add_metric([route], list(_cumulated(BUCKETS_S, counts[:-1])), counts[-1] / 1e9)
        yield times
        lag = HistogramMetricFamily("licet_loop_lag_seconds", "How late the gate's loop comes to what is due.")
        lag.add_metric([], list(_cumulated(lags.BUCKETS_S, self.lag.counts)), self.lag.sum_s)
        yield lag
        for name, (words, ask) in self.gauges.items():
            yield GaugeMetricFamily(f"licet_{name}", words, value=ask())

    def page(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self._registry)


def _cumulated(buckets_s: Iterable[float], counts: Iterable[int]) -> Iterator[tuple[str, int]]:
    total = 0
    for le, n in zip((*map(str, buckets_s), "+Inf"), counts, strict=True):
        total += n
        yield le, total
