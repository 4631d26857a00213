"""Figures for Prometheus: this process's own, and those of the whole deployment as Redis has them.

Workers and desks answer no HTTP: what they count lies in Redis (`conversation/counters.py`), and
every gateway shows the same; take the largest of several gateways, not their sum. While Redis does
not answer only the process's own figures are shown.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from conversation.errors import Unavailable
from conversation.headroom import Headroom
from conversation.log import Log
from conversation.state import ASSISTANT
from conversation.state import LINE as IN_LINE
from gateway.lists import StaffLists
from gateway.notices import Notices
from gateway.sockets import Sockets
from gateway.vitals import Vitals
from gateway.workload import Workload

READ_WITHIN_S = 2.0
COMMITS = "commits:"


class Figures(Struct, frozen=True, kw_only=True):
    """Where the figures come from."""

    log: Log
    sockets: Sockets
    lists: StaffLists
    headroom: Headroom
    vitals: Vitals
    notices: Notices

    async def text(self) -> bytes:
        """Everything, in Prometheus's text format."""
        metrics = [*self._own()]
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                metrics += _of_all(await Workload.read(self.log))
        except (Unavailable, TimeoutError):
            pass
        registry = CollectorRegistry()
        registry.register(_Once(metrics))
        return generate_latest(registry)

    def _own(self) -> Iterator[Metric]:
        yield _gauge("sockets", "Connected clients of this process", len(self.sockets.connections))
        yield _counter(
            "frames_refused",
            "What clients sent that this process did not take, by code",
            self.sockets.refused,
            label="code",
        )
        up = int(self.vitals.reachable)
        yield _gauge("redis_up", "Whether Redis answered this process at its last look", up)
        gone = {"": self.vitals.outages}
        yield _counter("redis_unavailable", "Times this process found Redis unreachable", gone)
        left: dict[str, int] = {what: room.left_bytes for what, room in self.headroom.rooms.items()}
        yield _gauges("room_bytes", "What is left of disk and memory", left, label="of")
        standing: Counter[str] = Counter(notice.code for notice in self.notices.standing)
        yield _gauges("notices", "What is wrong now, by code", standing, label="code")
        loads = self.lists.loads()
        human = loads.total() - loads[ASSISTANT] - loads[IN_LINE]
        statuses = {"assistant": loads[ASSISTANT], "waiting": loads[IN_LINE], "human": human}
        yield _gauges("conversations", "Open conversations", statuses, label="status")
        yield _gauges("holds", "Open holds", self.lists.holds(), label="status")


class _Once(Collector):
    """Figures that were read already."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _of_all(now: Workload) -> Iterator[Metric]:
    """The deployment's figures."""
    commits = {
        name.removeprefix(COMMITS): count
        for name, count in now.counts.items()
        if name.startswith(COMMITS)
    }
    yield _counter("commits", "Commits to a log, by what became of them", commits, label="outcome")
    for name, words in (
        ("jobs_reclaimed", "Jobs taken over from a worker that fell silent"),
        ("jobs_parked", "Jobs given up after three attempts and handed to people"),
        ("jobs_stuck", "Attempts at jobs that cannot be done nor handed over: a log is damaged"),
        ("outcomes_left", "Unknown outcomes that only a person can settle: no tool could tell"),
    ):
        yield _counter(name, words, {"": now.counts[name]})
    waiting = sum(jobs.waiting for jobs in now.jobs)
    yield _gauge("jobs_waiting", "Jobs that no worker has taken yet", waiting)
    running = sum(jobs.running for jobs in now.jobs)
    yield _gauge("jobs_running", "Jobs that a worker holds", running)
    yield _gauge("timers_overdue", "Timers that no desk has run", now.overdue)


def _gauge(name: str, words: str, value: int) -> Metric:
    return GaugeMetricFamily(f"handrail_{name}", words, value=value)


def _gauges(name: str, words: str, values: Mapping[str, int], *, label: str) -> Metric:
    family = GaugeMetricFamily(f"handrail_{name}", words, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _counter(name: str, words: str, values: Mapping[str, int], *, label: str = "") -> Metric:
    """A counter, of one value named "" when it has no label."""
    family = CounterMetricFamily(f"handrail_{name}", words, labels=[label] if label else [])
    for value, count in values.items():
        family.add_metric([value] if label else [], count)
    return family
