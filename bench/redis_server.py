"""A Redis of its own for one run, with the settings production asks for."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ANSWERS_WITHIN_S = 10.0


@asynccontextmanager
async def redis(folder: Path) -> AsyncIterator[tuple[str, int]]:
    """Run Redis on a socket in the folder; gives its URL and process id."""
    binary = shutil.which("valkey-server") or shutil.which("redis-server")
    if binary is None:
        message = "no redis-server: apt-get install redis-server"
        raise RuntimeError(message)
    socket = folder / "redis.sock"
    process = await asyncio.create_subprocess_exec(
        *(binary, "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)),
        *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            await _answers(socket)
        yield f"unix://{socket}", process.pid
    finally:
        process.terminate()
        await process.wait()


async def _answers(socket: Path) -> None:
    while True:
        try:
            _, writer = await asyncio.open_unix_connection(socket)
        except (FileNotFoundError, ConnectionRefusedError):
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
