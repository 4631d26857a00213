"""What every bench prints: a table of figures, the bars, and with `--json` one last line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Bar:
    """One thing that must hold: the figure found and, in words, what it is held against."""

    name: str
    value: float | str
    bar: str
    holds: bool


def arguments(description: str) -> argparse.Namespace:
    """The two switches of every bench: `quick` and `json`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a sample that ends within 60 s")
    parser.add_argument("--json", action="store_true", help="print the bars as the last line")
    return parser.parse_args()


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows as aligned columns: the first to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells).rstrip())


def conclude(bench: str, bars: Sequence[Bar], *, as_json: bool) -> int:
    """Print the bars; returns the exit code, 1 when one does not hold."""
    print()
    table([(bar.name, str(bar.value), bar.bar, "holds" if bar.holds else "FAILS") for bar in bars])
    holds = all(bar.holds for bar in bars)
    if as_json:
        print(json.dumps({"bench": bench, "holds": holds, "bars": [asdict(bar) for bar in bars]}))
    return 0 if holds else 1
