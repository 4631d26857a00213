"""Processes of the house that are killed, stopped, woken and started again."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGTERM, Signals

from redis.asyncio import Redis as Client
from redis.exceptions import RedisError

from bench.server import ROOT

READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.02
_PR_SET_PDEATHSIG = 1


class Killable:
    """One child process, started again under the same address."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: Process | None = None
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    def signal(self, number: Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    async def kill(self) -> None:
        """End it as a crash does."""
        await self._end(SIGKILL)

    async def stop(self) -> None:
        """End it in order; by force when that takes long."""
        if not self.runs:
            return
        self.signal(SIGCONT)
        try:
            await asyncio.wait_for(self._end(SIGTERM), 20)
        except TimeoutError:
            await self.kill()

    async def start(self) -> None:
        """Start it, unless it runs, and wait until it is ready. Raises RuntimeError."""
        async with self._starting:
            if not self.runs:
                await self._start()

    async def _start(self) -> None:
        raise NotImplementedError

    async def _end(self, number: Signals) -> None:
        if self._process is not None and self.runs:
            self._process.send_signal(number)
            await self._process.wait()

    async def _spawn(self, *words: str, environ: Mapping[str, str], cwd: Path) -> None:
        with self._log.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *words, cwd=cwd, env=environ, stdin=DEVNULL, stdout=out, stderr=out,
                preexec_fn=_die_with_parent,
            )  # fmt: skip

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-20:])


class Serve(Killable):
    """One `handrail serve` with its roles, on a port of its own that outlives it."""

    def __init__(self, config: Path, roles: str, number: int = 0) -> None:
        self.name = f"{roles}-{number}"
        super().__init__(config.parent / f"{self.name}.log")
        self.roles = roles
        self._config = config
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    async def _start(self) -> None:
        ready = self._config.parent / f"{self.name}.ready.json"
        ready.unlink(missing_ok=True)
        await self._spawn(
            *(sys.executable, "-m", "handrail", "serve", "--config", str(self._config)),
            *("--roles", self.roles, "--port", str(self._port), "--ready-file", str(ready)),
            environ=_environment(),
            cwd=self._config.parent,
        )
        async with asyncio.timeout(READY_WITHIN_S):
            while not _says(ready, self.pid):
                if not self.runs:
                    message = f"{self.name} ended:\n{self._last_words()}"
                    raise RuntimeError(message)
                await asyncio.sleep(LOOK_EVERY_S)


class Redis(Killable):
    """A Redis on a socket in the house's folder that fsyncs each write; started again it loads."""

    def __init__(
        self, folder: Path, *, arguments: tuple[str, ...] = (), environ: Mapping[str, str] = {}
    ) -> None:
        super().__init__(folder / "redis.log")
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.url = f"unix://{folder / 'redis.sock'}"
        self.arguments = arguments
        self.environ = dict(environ)

    async def _start(self) -> None:
        binary = shutil.which("valkey-server") or shutil.which("redis-server")
        if binary is None:
            message = "no redis-server: apt-get install redis-server"
            raise RuntimeError(message)
        await self._spawn(
            *(binary, "--port", "0", "--unixsocket", str(self.folder / "redis.sock")),
            *("--dir", str(self.folder), "--save", ""),
            *("--appendonly", "yes", "--appendfsync", "always", *self.arguments),
            environ=os.environ | self.environ,
            cwd=self.folder,
        )
        async with Client.from_url(self.url) as client, asyncio.timeout(READY_WITHIN_S):
            while not await _answers(client):
                if not self.runs:
                    message = f"Redis ended:\n{self._last_words()}"
                    raise RuntimeError(message)
                await asyncio.sleep(LOOK_EVERY_S)


async def _answers(client: Client) -> bool:
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False


def _says(ready: Path, pid: int) -> bool:
    try:
        return bool(json.loads(ready.read_text("utf-8"))["pid"] == pid)
    except (OSError, ValueError):
        return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _environment() -> dict[str, str]:
    """Ours without the model's variables, so that no real model can be asked."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    return own | {"PYTHONPATH": str(ROOT)}


def _die_with_parent() -> None:
    """A bench that is killed itself leaves nothing running."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, SIGKILL)
