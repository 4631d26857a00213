"""A program that a test runs: started when it says it is ready, ended with the test."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 60.0
STOPS_WITHIN_S = 20.0


class Program:
    """`python -m …` of this project, which ends with the tests; `said` holds what it printed."""

    def __init__(self, *words: str, environ: Mapping[str, str]) -> None:
        self._words = (sys.executable, "-m", *words, "--until-stdin-closes")
        own = {name: text for name, text in os.environ.items() if not name.startswith("OPENAI_")}
        self._environ = {**own, "PYTHONPATH": str(ROOT), **environ}
        self.said: list[str] = []
        self._process: Process | None = None
        self._listening: asyncio.Task[None] | None = None

    async def start(self, *, ready: str) -> str:
        """Start it; the line that has the text `ready` in it."""
        self._process = await asyncio.create_subprocess_exec(
            *self._words, env=self._environ, stdin=PIPE, stdout=PIPE, stderr=STDOUT
        )
        async with asyncio.timeout(READY_WITHIN_S):
            while (line := await self._line()) is not None:
                if ready in line:
                    self._listening = asyncio.create_task(self._listen())
                    return line
        raise AssertionError("".join(self.said))

    async def kill(self) -> None:
        """End it as a crash does."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """End it in order."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(number)
        async with asyncio.timeout(STOPS_WITHIN_S):
            await self._process.wait()
        if self._listening is not None:
            await self._listening
        self._process = None

    async def _listen(self) -> None:
        while await self._line() is not None:
            pass

    async def _line(self) -> str | None:
        assert self._process is not None
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        if not line:
            return None
        self.said.append(line)
        return line
