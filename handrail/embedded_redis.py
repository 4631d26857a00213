"""A Redis server as a child of this process: one folder, one socket, every write on disk.

It ends when this process does, however that ends, and is started again when it dies; the socket's
path stays the same, so that clients reconnect by themselves.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from redis.exceptions import BusyLoadingError, RedisError

from conversation.store import Store
from handrail import aof_rewrites, guard, redis_folder, torn_tail
from handrail.problems import CannotRun
from handrail.redis_binary import RedisBinary, find_binary

START_PATIENCE_S = 10.0
LOOK_S = 0.02
BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 10.0
ONE_FILE_BEFORE = (7, 0)
"""Older servers write all into one file, beginning with a part that only they can read."""

log = structlog.get_logger()


class RedisStartError(CannotRun):
    """The server did not start; the text quotes its log."""


class EmbeddedRedis:
    """`async with EmbeddedRedis(data_folder) as redis:` runs a server at `redis.url`.

    Raises FolderInUseError, NoRedisError and RedisStartError.
    """

    def __init__(self, data: Path, binary: Path | None = None) -> None:
        self.url = redis_folder.url(data)
        self._data = data
        self._given = binary

    async def __aenter__(self) -> Self:
        self._binary = await asyncio.to_thread(find_binary, self._given)
        _warn_about(self._binary)
        self._folder = redis_folder.prepare(self._data)
        self._lock = await asyncio.to_thread(redis_folder.lock, self._folder)
        try:
            self._process = await self._start()
        except BaseException:
            os.close(self._lock)
            raise
        self._tasks = [
            asyncio.create_task(self._supervise(), name="embedded redis"),
            asyncio.create_task(aof_rewrites.keep_short(self.url, self._data)),
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await _end(self._process)
        os.close(self._lock)
        log.info("redis_ended")

    async def _supervise(self) -> None:
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            started = clock()
            status = await self._process.wait()
            failures = 0 if clock() - started > STEADY_S else failures
            pause_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
            log.error("redis_died", status=status, again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            failures += 1
            try:
                self._process = await self._start()
            except (RedisStartError, OSError) as failure:
                log.error("redis_not_started", error=str(failure))

    async def _start(self) -> Process:
        """Start the server; one that refuses a torn file starts without the torn end."""
        try:
            return await self._start_once()
        except RedisStartError:
            dropped_bytes = await asyncio.to_thread(torn_tail.cut, self._folder)
            if not dropped_bytes:
                raise
            log.warning("redis_file_torn", dropped_bytes=dropped_bytes)
            return await self._start_once()

    async def _start_once(self) -> Process:
        await asyncio.to_thread(redis_folder.tidy, self._folder)
        process = await self._spawn()
        try:
            await _wait_until_ready(self.url, process, self._folder)
        except BaseException:
            await _end(process)
            raise
        log.info("redis_started", url=self.url, version=".".join(map(str, self._binary.version)))
        return process

    async def _spawn(self) -> Process:
        with (self._folder / "redis.log").open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(Path(guard.__file__))),
                *(str(self._binary.path), self._binary.name),
                *_arguments(self.url.removeprefix("unix://"), self._folder, self._binary.version),
                stdin=PIPE,
                stdout=output,
                stderr=output,
                pass_fds=(self._lock,),
                start_new_session=True,  # Ctrl-C is for us; Redis ends last
            )


def _arguments(socket: str, folder: Path, version: tuple[int, ...]) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": socket,
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "aof-load-truncated": "yes" if version < ONE_FILE_BEFORE else "no",
        "aof-use-rdb-preamble": "yes",
        "auto-aof-rewrite-percentage": "0",  # see aof_rewrites.py
        "maxmemory-policy": "noeviction",
    }
    return [part for name, value in settings.items() for part in (f"--{name}", value)]


async def _wait_until_ready(url: str, process: Process, folder: Path) -> None:
    """Wait for the server to answer; loading its data may take as long as it takes."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_PATIENCE_S
    store = Store(url)
    try:
        while True:
            try:
                await store.writes.ping()
            except BusyLoadingError:
                deadline = loop.time() + START_PATIENCE_S
            except (RedisError, OSError):
                pass
            else:
                return
            if process.returncode is not None or loop.time() > deadline:
                words = redis_folder.last_words(folder)
                message = f"Redis did not start in {folder}; it said:\n{words}"
                raise RedisStartError(message)
            await asyncio.sleep(LOOK_S)
    finally:
        await store.close()


async def _end(process: Process) -> None:
    """Close the guard's pipe, upon which it asks Redis to save and end."""
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


def _warn_about(binary: RedisBinary) -> None:
    if binary.fallback:
        log.warning("redis_fallback", path=str(binary.path), install="apt-get install redis-server")
