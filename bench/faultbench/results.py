"""What runs of rows came to: kept as JSON lines, so that a run goes on where one was broken off.

A line counts for the commit it was measured at only.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.server import ROOT

FINDINGS_KEPT = 20


@dataclass
class Result:
    """One or more runs of a row together; `figures` holds the greatest value of each."""

    row: str
    times: int = 0
    held: int = 0
    findings: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    took_s: float = 0.0

    def add(self, other: Result) -> None:
        """Count another run of the same row in."""
        self.times += other.times
        self.held += other.held
        self.findings = [*self.findings, *other.findings][:FINDINGS_KEPT]
        for name, value in other.figures.items():
            self.figures[name] = max(value, self.figures.get(name, value))
        self.took_s += other.took_s


class Results:
    """All results of one commit; without a file they are kept for this run only."""

    def __init__(self, file: Path | None, *, commit: str) -> None:
        self._file = file
        self._commit = commit
        self._merged: dict[str, Result] = {}
        if file is not None and file.exists():
            for line in file.read_text("utf-8").splitlines():
                said = json.loads(line)
                if said.pop("commit") == commit:
                    said.pop("at")
                    self._merge(Result(**said))

    def done(self, row: str) -> int:
        """How often a row has been done."""
        return self.of(row).times

    def of(self, row: str) -> Result:
        """All runs of a row, merged."""
        return self._merged.get(row, Result(row))

    def note(self, results: Iterable[Result]) -> None:
        """Keep what runs came to."""
        for result in results:
            self._merge(result)
            if self._file is not None:
                line = {"commit": self._commit, "at": round(time.time()), **asdict(result)}
                with self._file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _merge(self, result: Result) -> None:
        self._merged.setdefault(result.row, Result(result.row)).add(result)


def commit() -> str:
    """The commit of this tree, "" outside a repository."""
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()
