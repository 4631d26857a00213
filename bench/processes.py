"""Processes of a bench: started as modules, spoken to by lines, and their CPU time."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.server import ROOT

ANSWERS_WITHIN_S = 120.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Companion:
    """A bench module running as a process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def tell(self, line: bytes) -> None:
        """Send one line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        await self._process.stdin.drain()

    async def hear(self) -> str:
        """Read one line. Raises RuntimeError when the process ends first."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), ANSWERS_WITHIN_S)
        if not line:
            message = f"a process of the bench ended with {await self._process.wait()}"
            raise RuntimeError(message)
        return line.decode().strip()


@asynccontextmanager
async def companion(module: str) -> AsyncIterator[Companion]:
    """Run `python -m module` for the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Companion(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def cpu_s(process: int) -> float:
    """User and system seconds used so far by a process and all its descendants."""
    stats = _stats()
    parents = {pid: int(fields[1]) for pid, fields in stats.items()}
    family = [fields for pid, fields in stats.items() if process in _line_of(pid, parents)]
    return sum(int(fields[11]) + int(fields[12]) for fields in family) / _TICKS_PER_S


def _line_of(pid: int, parents: dict[int, int]) -> set[int]:
    line: set[int] = set()
    while pid and pid not in line:
        line.add(pid)
        pid = parents.get(pid, 0)
    return line


def _stats() -> dict[int, list[str]]:
    """The fields of every `/proc/<pid>/stat` after the name, which may hold anything."""
    stats: dict[int, list[str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text("utf-8", "replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        stats[int(folder.name)] = text.rpartition(")")[2].split()
    return stats
