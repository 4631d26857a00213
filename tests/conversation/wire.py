"""A line to Redis that loses what the test tells it to lose."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Self


class Wire:
    """A socket that passes everything on to Redis; `url` is what clients connect to."""

    def __init__(self, folder: Path, redis_socket: Path) -> None:
        self._path = folder / "wire.sock"
        self._redis = redis_socket
        self._lose: bytes | None = None
        self._connections: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self.url = f"unix://{self._path}"
        self._subscribed: set[asyncio.StreamWriter] = set()
        self._dead: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._serve, str(self._path))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._connections:
            writer.close()
        await asyncio.gather(*self._connections.values())

    def lose_answer_to(self, words: bytes) -> None:
        """Pass the next request with these words on, and close instead of answering."""
        self._lose = words

    def swallow_subscriptions(self) -> None:
        """Let nothing through on connections that subscribed, without closing them."""
        self._dead |= self._subscribed

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[writer] = task
        redis_reader, redis_writer = await asyncio.open_unix_connection(str(self._redis))
        back = asyncio.create_task(self._back(redis_reader, writer))
        try:
            while request := await reader.read(1 << 16):
                if writer in self._dead:
                    continue
                if b"SUBSCRIBE" in request:
                    self._subscribed.add(writer)
                if self._lose is not None and self._lose in request:
                    self._lose = None
                    back.cancel()
                    redis_writer.write(request)
                    await redis_reader.read(1)
                    return
                redis_writer.write(request)
        finally:
            back.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await back
            redis_writer.close()
            writer.close()
            del self._connections[writer]

    async def _back(self, redis_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while answer := await redis_reader.read(1 << 16):
            if writer not in self._dead:
                writer.write(answer)
        writer.close()
