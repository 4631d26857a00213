"""The rows of the fault bench, in their quick form: each is done once or a few times and holds.

Beside them `test_worker_dies` and `test_gateway_dies` look closely at what one customer sees when a
worker or a gateway is killed, and `test_redis_dies` at Redis killed again and again; here the same
is done under load, with the history check behind it, and everything else that can go wrong.
"""

from __future__ import annotations

import asyncio

import pytest

from bench.faultbench.results import Results
from bench.faultbench.scenario import Row, all_rows
from bench.faults import LOAD, run

MODULES = ("processes_killed", "held_calls", "clients", "slow_readers", "models", "races")
ROWS = [row for row in all_rows() if row.run.__module__.rpartition(".")[2] in MODULES]


@pytest.fixture(scope="module")
def results() -> Results:
    found = Results(None, commit="")
    asyncio.run(run(ROWS, "quick", found))
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_fault_is_borne(results: Results, row: Row) -> None:
    result = results.of(row.name)

    assert result.findings == []
    assert result.held == result.times >= row.quick


def test_those_who_talk_on_meanwhile_notice_nothing(results: Results) -> None:
    assert results.of(LOAD).findings == []
    assert results.of(LOAD).figures["messages"] > 0
