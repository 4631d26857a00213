"""Each fault of Redis once, by the rows of the fault bench, in a small house."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace

import pytest

from bench.faultbench.results import Results
from bench.faultbench.scenario import Row, Setting, all_rows
from bench.faults import run

MODULES = ("redis_faults", "disk_full")
SMALL = Setting(gateways=1, workers=1, load=False)
HAS_COMPILER = bool(shutil.which("cc") or shutil.which("gcc"))
ROWS = [
    replace(row, setting=SMALL)
    for row in all_rows()
    if row.run.__module__.rpartition(".")[2] in MODULES
]
BORNE = [row for row in ROWS if HAS_COMPILER or not row.name.startswith("aof_")]


@pytest.fixture(scope="module")
def results() -> Results:
    found = Results(None, commit="")
    asyncio.run(run(BORNE, "quick", found))
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_acknowledged_is_lost_and_nothing_stands_twice(results: Results, row: Row) -> None:
    if row not in BORNE:
        pytest.skip("no C compiler, with which to see what an fsync makes safe: install gcc")
    assert results.of(row.name).findings == []
    assert results.of(row.name).held == 1
