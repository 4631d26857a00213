"""Play recorded conversations through a running handrail and hold it against the recordings.

Real assistants' steps, tool calls and customers, from the folder named by `HANDRAIL_DATA`; the
monitor is off. Each domain and environment has its own tools and greeting, so each gets a server;
they run one after the other. Every call that moves more than $100 to the customer waits for a
scripted supervisor.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.doubles import Doubles
from bench.driver import Played, play
from bench.judgement import Judgement, judge, reasons
from bench.recording import Recording, data_folder, recordings
from bench.report import Bar, arguments, conclude, table
from bench.sample import sample
from bench.server import PASSWORD, SUPERVISOR, add_supervisor, configure, serving
from bench.shop import configuration
from bench.stage import Stage
from bench.supervisor import Supervisor

AT_ONCE = 40
FAILURES_SHOWN = 20


async def run(chosen: list[Recording]) -> tuple[list[Played], float, list[str]]:
    """Play all; returns what came of each, the wall time in seconds, the supervisor's faults."""
    played: list[Played] = []
    faults: list[str] = []
    wall_s = 0.0
    for group in _groups(chosen):
        with tempfile.TemporaryDirectory(prefix="handrail-bench-") as folder:
            results, elapsed_s, refused = await _perform(group, Path(folder))
        played += results
        faults += refused
        wall_s += elapsed_s
    return played, wall_s, faults


async def _perform(group: list[Recording], folder: Path) -> tuple[list[Played], float, list[str]]:
    """One server and all recordings of its kind, `AT_ONCE` at a time."""
    first, stage, supervisor = group[0], Stage(), Supervisor()
    doubles = Doubles(stage)
    async with doubles.listening():
        config = configure(
            folder,
            configuration(
                first.domain, first.env, greeting=first.greeting, doubles_url=doubles.url
            ),
        )
        async with serving(config, roles="gateway,agent,desk") as server:
            await add_supervisor(config)
            await supervisor.sign_in(server.url, email=SUPERVISOR, password=PASSWORD)
            places = asyncio.Semaphore(AT_ONCE)

            async def one(recording: Recording) -> Played:
                async with places:
                    return await play(recording, url=server.url, stage=stage, supervisor=supervisor)

            started = time.perf_counter()
            results = await asyncio.gather(*map(one, group))
            elapsed_s = time.perf_counter() - started
            await supervisor.sign_out()
    return results, elapsed_s, supervisor.faults


def _groups(chosen: list[Recording]) -> list[list[Recording]]:
    def kind(recording: Recording) -> tuple[str, str, str]:
        return recording.domain, recording.env, recording.greeting or ""

    return [list(group) for _, group in itertools.groupby(sorted(chosen, key=kind), kind)]


def _bars(total: Judgement) -> list[Bar]:
    shown = total.texts + total.surplus
    equal = round(100 * total.equal / shown, 2)
    return [
        Bar(
            "conversations complete",
            total.complete,
            f"all {total.conversations}",
            total.complete == total.conversations,
        ),
        Bar("replies equal, %", equal, "100", total.equal == shown),
        Bar("executed twice", total.executed_twice, "0", total.executed_twice == 0),
        Bar("executed before approval", total.before_approval, "0", total.before_approval == 0),
        Bar("messages lost", total.lost, "0", total.lost == 0),
    ]


def _figures(total: Judgement, wall_s: float) -> list[tuple[str, str]]:
    return [
        ("conversations", f"{total.conversations:,}"),
        ("messages", f"{total.messages:,}"),
        ("replies equal to the recording", f"{total.equal:,} of {total.texts:,}"),
        ("replies beyond the recording", f"{total.surplus:,}"),
        ("calls above $100 to the customer", f"{total.above:,}"),
        ("calls held", f"{total.held:,}"),
        ("held calls executed", f"{total.held_executed:,}"),
        ("writes executed", f"{total.executed:,}"),
        ("executed twice", f"{total.executed_twice:,}"),
        ("executed before approval", f"{total.before_approval:,}"),
        ("messages lost", f"{total.lost:,}"),
        ("apart: fixed lines while held", f"{total.held_lines:,}"),
        ("apart: fixed lines after the last step", f"{total.end_lines:,}"),
        ("apart: customer messages without text", f"{total.unspoken:,}"),
        ("apart: empty recorded replies", f"{total.empty:,}"),
        ("wall time", f"{wall_s:.1f} s"),
        ("conversations a second", f"{total.conversations / wall_s:.2f}"),
    ]


def _explain(played: list[Played], faults: list[str]) -> None:
    """Say on standard error what went wrong, by recording; no text of a message."""
    broken = [(result.recording.id, reason) for result in played for reason in reasons(result)]
    for name, reason in broken[:FAILURES_SHOWN]:
        print(f"{name}: {reason}", file=sys.stderr)
    for fault in faults[:FAILURES_SHOWN]:
        print(f"supervisor: {fault}", file=sys.stderr)


def main() -> int:
    """Run the bench; 1 when a bar does not hold, 2 without recordings."""
    options = arguments("Play recorded conversations through a running handrail.")
    if not data_folder().is_dir():
        print(f"no recordings at {data_folder()}; set HANDRAIL_DATA", file=sys.stderr)
        return 2
    chosen = sample(recordings()) if options.quick else recordings()
    played, wall_s, faults = asyncio.run(run(chosen))
    total = sum(map(judge, played), start=Judgement())
    _explain(played, faults)
    table(_figures(total, wall_s))
    return conclude("recorded", _bars(total), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
