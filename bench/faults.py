"""Do to a running handrail what may happen to it, many times, and count what held.

The house is real: gateways, workers, a desk and a Redis that fsyncs every write, each a process
that can be killed; model and tools are stood in for at HTTP, and customers are Socket.IO clients
that go on talking. After every fault one check reads the logs, the clients' own records and the
tools' ledger. By default each row runs a tenth of its full count; results are kept beside the
commit they were measured at, so that a run goes on where it was broken off.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.faultbench.house import House, open_house
from bench.faultbench.results import Result, Results, commit
from bench.faultbench.scenario import ROW, Effort, Row, Verdict, all_rows
from bench.report import Bar, conclude, table
from bench.server import ROOT

FILE = ROOT / ".faults.jsonl"
LOAD = "load"
GIVES_UP_AFTER_S = 600.0
FINDINGS_SHOWN = 5


async def run(rows: Sequence[Row], effort: Effort, results: Results) -> None:
    """Run what is left of each row; rows of one setting share a house.

    In the quick form all houses stand at the same time: much of it is waiting.
    """
    left = [row for row in rows if results.done(row.name) < row.count(effort)]
    alike = itertools.groupby(sorted(left, key=_setting), key=_setting)
    houses = [_run_house(list(some), effort, results) for _, some in alike]
    if effort == "quick":
        await asyncio.gather(*houses)
    else:
        for house in houses:
            await house


async def _run_house(rows: list[Row], effort: Effort, results: Results) -> None:
    """Run rows of one setting in their house, and look at its load once more in the end."""
    async with open_house(rows[0].setting, effort) as house:
        for together in _groups(rows, effort):
            await _run_group(house, together, effort=effort, results=results)
        await house.load.finish()
        await _look_at_load(house, results)


async def _run_group(house: House, rows: list[Row], *, effort: Effort, results: Results) -> None:
    """Run rows side by side, each to its count."""
    house.share_kills(len(rows))
    counts = [row.count(effort) - results.done(row.name) for row in rows]
    tasks = [
        _run_row(house, row, count, results=results, alone=len(rows) == 1)
        for row, count in zip(rows, counts, strict=True)
    ]
    await asyncio.gather(*tasks)
    await house.mend()


async def _run_row(house: House, row: Row, count: int, *, results: Results, alone: bool) -> None:
    """Run one row, a batch at a time."""
    ROW.set(row.name)
    while count > 0:
        times = min(count, row.batch)
        began = time.monotonic()
        verdict = await _attempt(house, row, times)
        findings = [*verdict.findings, *await house.examine_row(row.name)]
        if alone:
            await house.mend()
        figures = {name: max(values) for name, values in verdict.figures.items() if values}
        result = Result(
            row=row.name,
            times=verdict.times,
            held=max(0, verdict.times - len(findings)),
            findings=findings,
            figures=figures,
            took_s=time.monotonic() - began,
        )
        results.note([result])
        await _look_at_load(house, results)
        _progress(row, result, left=count - verdict.times)
        count -= verdict.times


async def _look_at_load(house: House, results: Results) -> None:
    """The histories of those who talk on meanwhile, after each fault."""
    began = time.monotonic()
    findings = await house.examine_load()
    figures = {"messages": float(house.load.messages)}
    results.note([Result(LOAD, 1, not findings, findings, figures, time.monotonic() - began)])


async def _attempt(house: House, row: Row, times: int) -> Verdict:
    try:
        async with asyncio.timeout(GIVES_UP_AFTER_S):
            return await row.run(house, times)
    except Exception as failure:  # noqa: BLE001 - a row that breaks did not hold; the next one runs
        place = traceback.extract_tb(failure.__traceback__)
        own = [f"{frame.name}:{frame.lineno}" for frame in place if "faultbench" in frame.filename]
        return Verdict(times, [f"{type(failure).__name__} {failure} at {' '.join(own)}"])


def _groups(rows: list[Row], effort: Effort) -> list[list[Row]]:
    """One row after the other; in the quick form those of one group together."""
    if effort != "quick":
        return [[row] for row in rows]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return list(groups.values())


def _setting(row: Row) -> str:
    return repr(row.setting)


def _progress(row: Row, result: Result, *, left: int) -> None:
    print(
        f"{row.name}: {result.held} of {result.times} held in {result.took_s:.1f} s, {left} left",
        file=sys.stderr,
    )
    for finding in result.findings[:FINDINGS_SHOWN]:
        print(f"  {finding}", file=sys.stderr)


def _table(rows: Sequence[Row], effort: Effort, results: Results) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = [
        ("fault or attack", "full", "times", "held", "not held", "greatest")
    ]
    for row in rows:
        result = results.of(row.name)
        figures = ", ".join(f"{name} {value:.3g}" for name, value in result.figures.items())
        short = f" ({row.short})" if effort == "quick" and row.short else ""
        not_held = result.times - result.held
        lines.append(
            (
                row.title + short,
                f"{row.full:,}",
                f"{result.times:,}",
                f"{result.held:,}",
                f"{not_held:,}",
                figures,
            )
        )
    return lines


def _bars(rows: Sequence[Row], results: Results) -> list[Bar]:
    bars = []
    for row in rows:
        result = results.of(row.name)
        not_held = result.times - result.held
        holds = result.times > 0 and not_held == 0
        bars.append(Bar(row.title, f"{result.held:,} of {result.times:,}", "all", holds))
    findings = results.of(LOAD).findings
    bars.append(Bar("the load's histories, findings", len(findings), "0", not findings))
    return bars


def _options(rows: Sequence[Row]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Do faults and attacks to handrail and count.")
    parser.add_argument("--quick", action="store_true", help="one of each row, within 60 s")
    parser.add_argument("--full", action="store_true", help="the full counts")
    parser.add_argument("--only", default="", help="names of rows, with commas")
    parser.add_argument("--results", type=Path, default=FILE, help="where results are kept")
    parser.add_argument("--list", action="store_true", help="name the rows and their full counts")
    parser.add_argument("--json", action="store_true", help="print the bars as the last line")
    options = parser.parse_args()
    options.only = [name for name in options.only.split(",") if name]
    if unknown := set(options.only) - {row.name for row in rows}:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    return options


def main() -> int:
    """Run the bench; 1 when a bar does not hold."""
    rows = all_rows()
    options = _options(rows)
    if options.list:
        table([(row.name, f"{row.full:,}", row.title) for row in rows])
        return 0
    effort: Effort = "quick" if options.quick else "full" if options.full else "usual"
    chosen = [row for row in rows if not options.only or row.name in options.only]
    results = Results(None if options.quick else options.results, commit=commit())
    began, load = time.monotonic(), os.getloadavg()[0]
    asyncio.run(run(chosen, effort, results))
    print(f"{effort} counts in {time.monotonic() - began:.0f} s; load before {load:.2f}")
    table(_table(chosen, effort, results))
    for row in [*(row.name for row in chosen), LOAD]:
        for finding in results.of(row).findings[:FINDINGS_SHOWN]:
            print(f"{row}: {finding}")
    return conclude("faults", _bars(chosen, results), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
