"""Handrail as processes of its own, on a configuration and a data folder made for one run."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.recording import Json

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN_S = 60.0
STOPS_WITHIN_S = 20.0
SUPERVISOR = "supervisor@bench.test"
PASSWORD = "a password for the bench only"
ORIGIN = "http://127.0.0.1"


@dataclass(frozen=True)
class Server:
    """One running process: where it answers ("" without the role gateway), and its id."""

    url: str
    pid: int


def configure(folder: Path, configuration: Json) -> Path:
    """Write a configuration file; JSON is YAML."""
    path = folder / "config.yaml"
    path.write_text(json.dumps(configuration, indent=1, ensure_ascii=False), "utf-8")
    return path


@asynccontextmanager
async def serving(config: Path, *, roles: str) -> AsyncIterator[Server]:
    """Run `handrail serve` for the block; RuntimeError, with its last words, when it fails."""
    ready, log = config.parent / f"{roles}.ready.json", config.parent / f"{roles}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *_handrail("serve", "--config", str(config), "--roles", roles),
            *("--port", "0", "--ready-file", str(ready)),
            env=_environment(),
            cwd=config.parent,
            stdout=output,
            stderr=output,
        )
    try:
        yield await _ready(process, ready=ready, log=log)
    finally:
        await _stop(process)


async def add_supervisor(config: Path) -> None:
    """Add the scripted supervisor's account. Raises RuntimeError."""
    process = await asyncio.create_subprocess_exec(
        *_handrail("staff", "add", "--config", str(config), "--email", SUPERVISOR),
        *("--name", "Bench", "--role", "supervisor", "--password-stdin"),
        env=_environment(),
        cwd=config.parent,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate(PASSWORD.encode() + b"\n")
    if process.returncode:
        message = f"staff add ended with {process.returncode}: {said.decode()}"
        raise RuntimeError(message)


def _handrail(*words: str) -> list[str]:
    return [sys.executable, "-m", "handrail", *words]


def _environment() -> dict[str, str]:
    """Ours without the model's variables, so that no real model can be asked."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    return own | {"PYTHONPATH": str(ROOT)}


async def _ready(process: asyncio.subprocess.Process, *, ready: Path, log: Path) -> Server:
    async with asyncio.timeout(READY_WITHIN_S):
        while (url := _url(ready)) is None:
            if process.returncode is not None:
                message = f"serve ended with {process.returncode}:\n{_last_words(log)}"
                raise RuntimeError(message)
            await asyncio.sleep(0.02)
    return Server(url=url, pid=process.pid)


def _url(ready: Path) -> str | None:
    if not ready.exists():
        return None
    said: Json = json.loads(ready.read_text("utf-8"))
    return said["url"] or ""


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOPS_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()
