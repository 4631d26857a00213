"""Handrail as processes of its own, which a test stops, wakes and kills."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from redis.asyncio import Redis

from tests.agent.shop import shop
from tests.doubles.tools import ToolsDouble
from tests.gateway.house import SECRET

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0


def configure(folder: Path, *, model_url: str, tools: ToolsDouble, redis_url: str | None) -> Path:
    """Write a configuration with the usual shop; JSON is YAML."""
    folder.mkdir(exist_ok=True)
    file = folder / "config.yaml"
    content = {
        "gateway": {"port": 0},
        "customers": {"anonymous": True, "secret": SECRET},
        "model": {"base_url": model_url, "api_key": "none", "name": "double"},
        "assistant": {"name": "Ada"},
        "tools_secret": "for tools only",
        "tools": _given(msgspec.to_builtins(shop(tools))),
        "monitor": False,
        "data": "data",
        "redis": {"url": redis_url},
    }
    file.write_text(json.dumps(content))
    return file


def _given(value: Any) -> Any:
    """The same without what is not set."""
    if isinstance(value, Mapping):
        return {name: _given(part) for name, part in value.items() if part is not None}
    return [_given(part) for part in value] if isinstance(value, list) else value


class Process:
    """One `handrail serve`; `lines` is what it wrote to its log."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._more = asyncio.Event()
        self._reading = asyncio.create_task(self._read())
        self.pid = process.pid
        self.lines: list[str] = []

    @classmethod
    async def start(cls, config: Path, *roles: str, port: int = 0) -> Process:
        """Start one and wait until it is ready."""
        environ = {name: text for name, text in os.environ.items() if "OPENAI" not in name}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "handrail", "serve", "--config", str(config)),
            *("--roles", ",".join(roles), "--port", str(port)),
            cwd=ROOT,
            env=environ,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        started = cls(process)
        await started.line("event=ready")
        return started

    @property
    def url(self) -> str:
        """Where its gateway answers."""
        (ready,) = self.with_words("event=ready")
        return ready.rpartition("url=")[2]

    @property
    def status(self) -> int | None:
        """What it ended with."""
        return self._process.returncode

    def with_words(self, *words: str) -> list[str]:
        """The lines of its log that have some of these words."""
        return [line for line in self.lines if any(some in line for some in words)]

    async def line(self, *words: str, count: int = 1) -> None:
        """Wait until so many lines of its log have some of these words."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.with_words(*words)) < count:
                assert not self._reading.done(), "\n".join(self.lines)
                self._more.clear()
                await self._more.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def dies(self) -> None:
        """Kill it, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        await self._gone()

    async def end(self) -> None:
        """Let it end in order, if it still runs."""
        if self._process.returncode is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        await self._gone()

    async def _gone(self) -> None:
        await asyncio.wait_for(self._process.wait(), PATIENCE_S)
        await self._reading

    async def _read(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.lines.append(line.decode().rstrip())
            self._more.set()
        self._more.set()


async def redis_pid(url: str) -> int:
    """The process of the Redis server at a URL."""
    async with Redis.from_url(url) as client:
        info = await client.info("server")
    return int(info["process_id"])
