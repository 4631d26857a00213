"""Results of the fault bench: kept by commit, merged, and gone on with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.faultbench.results import FINDINGS_KEPT, Result, Results
from bench.faultbench.scenario import USUAL, Effort, Row, Setting, Verdict, all_rows


async def nothing(_house: object, times: int) -> Verdict:
    return Verdict(times)


def a_row(*, full: int, quick: int = 1) -> Row:
    return Row("a", "A", full, quick, 1, "a", USUAL, "", nothing)


def test_runs_of_a_row_are_one_result(tmp_path: Path) -> None:
    results = Results(tmp_path / "kept", commit="c1")
    results.note([Result("a", 2, 2, [], {"s": 1.5}, 1.0)])
    results.note([Result("a", 3, 1, ["x", "y"], {"s": 0.5}, 2.0)])

    assert results.of("a") == Result("a", 5, 3, ["x", "y"], {"s": 1.5}, 3.0)


def test_a_run_goes_on_where_another_was_broken_off(tmp_path: Path) -> None:
    Results(tmp_path / "kept", commit="c1").note([Result("a", 2, 1, ["x"])])

    again = Results(tmp_path / "kept", commit="c1")

    assert again.done("a") == 2
    assert again.of("a").findings == ["x"]
    assert again.done("b") == 0


def test_what_was_measured_at_another_commit_does_not_count(tmp_path: Path) -> None:
    Results(tmp_path / "kept", commit="c1").note([Result("a", 2, 2)])

    assert Results(tmp_path / "kept", commit="c2").done("a") == 0


def test_each_run_is_one_line(tmp_path: Path) -> None:
    results = Results(tmp_path / "kept", commit="c1")
    results.note([Result("a", 1, 1), Result("b", 1, 0, ["x"])])

    lines = [json.loads(line) for line in (tmp_path / "kept").read_text().splitlines()]

    assert [(line["commit"], line["row"], line["held"]) for line in lines] == [
        ("c1", "a", 1),
        ("c1", "b", 0),
    ]


def test_without_a_file_nothing_is_kept() -> None:
    results = Results(None, commit="c1")
    results.note([Result("a", 1, 1)])

    assert results.done("a") == 1


def test_only_so_many_findings_are_kept() -> None:
    results = Results(None, commit="c1")
    for _ in range(2):
        results.note([Result("a", 100, 0, ["x"] * FINDINGS_KEPT)])

    assert len(results.of("a").findings) == FINDINGS_KEPT


@pytest.mark.parametrize(("effort", "count"), [("quick", 3), ("usual", 20), ("full", 200)])
def test_a_row_is_run_a_tenth_as_often_as_in_full(effort: Effort, count: int) -> None:
    assert a_row(full=200, quick=3).count(effort) == count


def test_a_row_is_run_at_least_once() -> None:
    assert a_row(full=1).count("usual") == 1


def test_every_row_says_what_it_is_and_has_a_setting() -> None:
    rows = all_rows()

    assert len({row.name for row in rows}) == len(rows)
    assert all(row.run.__doc__ and row.title and isinstance(row.setting, Setting) for row in rows)
