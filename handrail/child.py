"""One child process under supervision: started, its lines passed on, started again, ended.

A child ends when its standard input does, so that none outlives us, however we end.
"""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from handrail import ready_file
from handrail.problems import CannotRun

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0
READY_PATIENCE_S = 60.0
LOOK_S = 0.05
END_PATIENCE_S = 30.0
"""Longer than a worker lets its jobs go on."""
KILL_PATIENCE_S = 5.0
LONGEST_LINE = 1 << 20

log = structlog.get_logger()


@dataclass
class Child:
    """A program with its arguments and environment; it writes `ready` when it answers."""

    name: str
    arguments: list[str]
    environ: Mapping[str, str]
    ready: Path
    _process: Process | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        """Start it and wait until it answers; raises CannotRun when it does not."""
        ready_file.clear(self.ready)
        process = await self._spawn()
        try:
            async with asyncio.timeout(READY_PATIENCE_S):
                await self._answers(process)
        except TimeoutError as error:
            message = f"{self.name} did not start within {READY_PATIENCE_S:.0f} s"
            raise CannotRun(message) from error

    async def keep_running(self) -> None:
        """Start it again whenever it ends, after a growing pause, until cancelled."""
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            assert self._process is not None, "it was started"
            started = clock()
            status = await self._process.wait()
            failures = 0 if clock() - started > STEADY_S else failures
            pause_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
            log.error("child_died", child=self.name, status=status, again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            failures += 1
            ready_file.clear(self.ready)
            with suppress(OSError):  # tried again like any other failure
                await self._spawn()

    async def end(self) -> None:
        """Close its standard input and wait; more firmly when that does not end it."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        for firmer, patience_s in (
            (signal.SIGTERM, END_PATIENCE_S),
            (signal.SIGKILL, KILL_PATIENCE_S),
        ):
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await process.wait()
                break
            with suppress(ProcessLookupError):
                process.send_signal(firmer)
        await process.wait()
        await asyncio.gather(*self._tasks)

    def hurry(self) -> None:
        """Tell it to end now, also when it was told before."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()

    async def _answers(self, process: Process) -> None:
        while not await asyncio.to_thread(self.ready.exists):
            if process.returncode is not None:
                message = f"{self.name} did not start (status {process.returncode}), see above"
                raise CannotRun(message)
            await asyncio.sleep(LOOK_S)

    async def _spawn(self) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            *self.arguments,
            env={**self.environ, "PYTHONUNBUFFERED": "1"},
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            limit=LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is for us; we end them in order
        )
        passing = asyncio.create_task(self._pass_lines(self._process))
        self._tasks.add(passing)
        passing.add_done_callback(self._tasks.discard)
        return self._process

    async def _pass_lines(self, process: Process) -> None:
        assert process.stdout is not None, "it was piped"
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than anybody reads; the rest of it follows
                continue
            if not line:
                return
            with suppress(OSError):
                sys.stdout.write(f"{self.name:<8}│ {line.decode(errors='replace').rstrip()}\n")
                sys.stdout.flush()
