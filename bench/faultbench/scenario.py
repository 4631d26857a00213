"""The rows of the fault bench: how one is written down, and what it says when it has run.

A row is one function. It is given a running house and how often to do the thing, and says which of
those times something did not hold:

    @row("gateway SIGKILL", full=200)
    async def gateway_killed(house: House, times: int) -> Verdict: ...

After each run of a row the history check looks at everything the house knows of; the row itself
looks only at what is its own (how long something took, who won). A row that raises did not hold.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bench.faultbench import ROW_MODULES

if TYPE_CHECKING:
    from bench.faultbench.house import House

Json = dict[str, Any]
Effort = Literal["quick", "usual", "full"]
ROW: ContextVar[str] = ContextVar("ROW", default="load")
"""The row at work in this task; customers are marked with it, and findings told by it."""


@dataclass(frozen=True)
class Setting:
    """What kind of house a row needs; rows with equal settings share one.

    `adjust` changes the configuration before the house starts; one function is one setting. A
    `name` makes a house of its own for rows that would only disturb others, and wait much: in the
    quick form all houses stand at the same time.
    """

    name: str = ""
    gateways: int = 2
    workers: int = 2
    load: bool = True
    redis_arguments: tuple[str, ...] = ()
    redis_environ: tuple[tuple[str, str], ...] = ()
    adjust: Callable[[Json], Json] | None = None


USUAL = Setting()
SHAKEN = Setting(name="shaken")
"""A house for what shakes everybody in it, as a Redis does that dies."""


@dataclass(frozen=True)
class Verdict:
    """How often it was done, what did not hold (one sentence a time), and figures worth a line."""

    times: int
    findings: Sequence[str] = ()
    figures: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Name with unit → one value a time; the table shows the greatest."""


Run = Callable[["House", int], Awaitable[Verdict]]


@dataclass(frozen=True)
class Row:
    """One row of the table.

    `full` is its full count, `quick` that of the quick form; `batch` how often one call of `run`
    may do it. Rows of one `group` run at the same time in the quick form. `short` says how the
    quick form falls short of the row, for its line in the table.
    """

    name: str
    title: str
    full: int
    quick: int
    batch: int
    group: str
    setting: Setting
    short: str
    run: Run

    def count(self, effort: Effort) -> int:
        """How often it is done: a tenth of the full count is usual."""
        counts = {"quick": self.quick, "usual": max(1, self.full // 10), "full": self.full}
        return counts[effort]


_rows: dict[str, Row] = {}


def row(
    title: str,
    *,
    full: int,
    quick: int = 1,
    batch: int = 1,
    group: str = "",
    setting: Setting = USUAL,
    short: str = "",
) -> Callable[[Run], Run]:
    """Make a function a row of the bench, under its own name."""

    def register(run: Run) -> Run:
        name = getattr(run, "__name__", "")
        _rows[name] = Row(name, title, full, quick, batch, group or name, setting, short, run)
        return run

    return register


def all_rows() -> list[Row]:
    """Every row of every module, in their order."""
    for module in ROW_MODULES:
        importlib.import_module(module)
    return list(_rows.values())
