"""What handrail adds to a streamed reply: delay of its first frame, and CPU time per token.

One run, alternating: the plain `openai` client reads a number of streams of 50 tokens a second
directly; then as many customers have the same streams through handrail. Handrail runs as in
production: a gateway process, a worker and desk process, and a Redis that fsyncs every commit.
CPU time is that of these three, idle work included, against that of the client's process; model
and customers run in processes of their own and do not count. The model's own first delay is taken
off both sides' first text, so that it flatters neither.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.processes import Companion, companion, cpu_s
from bench.recording import Json
from bench.redis_server import redis
from bench.report import Bar, arguments, conclude, table
from bench.server import ORIGIN, configure, serving
from bench.streams import FIRST_DELAY_S, Load

LEVELS = (30, 100)
FIRST_FRAME_BAR = 3.0
CPU_BAR = 1.0


@dataclass(frozen=True)
class Effort:
    """How long to measure: `rounds` of both sides at every level."""

    rounds: int
    tokens: int
    replies: int


QUICK = Effort(rounds=1, tokens=100, replies=2)
FULL = Effort(rounds=3, tokens=150, replies=2)


@dataclass
class Side:
    """One side of the comparison: who plays the load, and whose CPU time counts."""

    player: Companion
    url: str
    pids: dict[str, int]


@dataclass
class Figures:
    """What one side needed at one level, over all rounds."""

    first_s: list[float] = field(default_factory=list)
    cpu_s: dict[str, float] = field(default_factory=dict)
    """CPU time by process."""
    tokens: int = 0

    @property
    def first_ms(self) -> float:
        """The median delay of the first text, without the model's own, in milliseconds."""
        return (statistics.median(self.first_s) - FIRST_DELAY_S) * 1000

    @property
    def first_p95_ms(self) -> float:
        """Its 95th percentile."""
        return (statistics.quantiles(self.first_s, n=20)[-1] - FIRST_DELAY_S) * 1000

    @property
    def cpu_us(self) -> float:
        """CPU time per token, in microseconds."""
        return sum(self.parts_us.values())

    @property
    def parts_us(self) -> dict[str, float]:
        """The same by process."""
        return {name: cpu_s / self.tokens * 1_000_000 for name, cpu_s in self.cpu_s.items()}


@dataclass
class Level:
    """Both sides at one number of streams."""

    streams: int
    direct: Figures = field(default_factory=Figures)
    relayed: Figures = field(default_factory=Figures)


async def measure(effort: Effort) -> list[Level]:
    """Run everything, alternate the sides, and end everything."""
    levels = [Level(streams) for streams in LEVELS]
    async with _sides() as (direct, relayed):
        for _ in range(effort.rounds):
            for level in levels:
                await _play(direct, level.streams, effort=effort, into=level.direct)
                await _play(relayed, level.streams, effort=effort, into=level.relayed)
    return levels


@asynccontextmanager
async def _sides() -> AsyncIterator[tuple[Side, Side]]:
    """The client alone, and handrail with its customers, on the same model."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handrail-bench-")))
        model_url = await (await stack.enter_async_context(companion("bench.stream_double"))).hear()
        redis_url, redis_pid = await stack.enter_async_context(redis(folder))
        config = configure(folder, _configuration(model_url=model_url, redis_url=redis_url))
        gateway = await stack.enter_async_context(serving(config, roles="gateway"))
        worker = await stack.enter_async_context(serving(config, roles="agent,desk"))
        reader = await stack.enter_async_context(companion("bench.stream_reader"))
        customers = await stack.enter_async_context(companion("bench.stream_customers"))
        yield (
            Side(reader, model_url, {"client": reader.pid}),
            Side(
                customers,
                gateway.url,
                {"gateway": gateway.pid, "worker": worker.pid, "Redis": redis_pid},
            ),
        )


async def _play(side: Side, streams: int, *, effort: Effort, into: Figures) -> None:
    load = Load(
        url=side.url,
        streams=streams,
        tokens=effort.tokens,
        replies=effort.replies,
        spread_s=effort.tokens / 50,
    )
    await side.player.tell(load.line())
    await side.player.hear()
    before_s = _cpu_s(side)
    await side.player.tell(b"go\n")
    said = json.loads(await side.player.hear())
    for name, after_s in _cpu_s(side).items():
        into.cpu_s[name] = into.cpu_s.get(name, 0.0) + after_s - before_s[name]
    into.first_s += said["first_s"]
    into.tokens += load.all_tokens


def _cpu_s(side: Side) -> dict[str, float]:
    return {name: cpu_s(pid) for name, pid in side.pids.items()}


def _configuration(*, model_url: str, redis_url: str) -> Json:
    return {
        "gateway": {"host": "127.0.0.1", "port": 0, "origins": [ORIGIN]},
        "customers": {"anonymous": True},
        "model": {"base_url": model_url, "api_key": "none", "name": "streamed"},
        "assistant": {"name": "Streamed"},
        "monitor": False,
        "data": "./data/",
        "redis": {"url": redis_url},
    }


def _rows(levels: list[Level]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("streams", "side", "first p50 ms", "p95 ms", "CPU µs a token", "of it")
    ]
    for level in levels:
        sides = {"openai client": level.direct, "handrail": level.relayed}
        for name, side in sides.items():
            rows.append(
                (
                    f"{level.streams}",
                    name,
                    f"{side.first_ms:.1f}",
                    f"{side.first_p95_ms:.1f}",
                    f"{side.cpu_us:.0f}",
                    ", ".join(f"{part} {us:.0f}" for part, us in side.parts_us.items()),
                )
            )
    return rows


def _bars(levels: list[Level]) -> list[Bar]:
    bars = []
    for level in levels:
        first = level.relayed.first_ms / level.direct.first_ms
        cpu = level.relayed.cpu_us / level.direct.cpu_us
        for what, value, bar in (
            ("first frame p50", first, FIRST_FRAME_BAR),
            ("CPU per token", cpu, CPU_BAR),
        ):
            name = f"{what} at {level.streams} streams, times the client's own"
            bars.append(Bar(name, round(value, 2), f"<= {bar:g}", value <= bar))
    return bars


def main() -> int:
    """Run the bench; 1 when a bar does not hold."""
    options = arguments("Measure what handrail adds to a streamed reply.")
    load = os.getloadavg()[0]
    levels = asyncio.run(measure(QUICK if options.quick else FULL))
    print("gateway, worker with desk, and Redis (appendfsync always) as three processes;")
    print(f"the machine's load before was {load:.2f} on {os.cpu_count()} CPUs")
    table(_rows(levels))
    return conclude("relay", _bars(levels), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
