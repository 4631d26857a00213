"""What tests share: a Redis server, an empty store on it, and a clock that is set by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from conversation.store import Store
from tests.redis_server import RedisServer


@dataclass
class Clock:
    """Milliseconds since 1970, as the test sets them."""

    now_ms: int = 1_767_323_045_678  # 2026-01-02T03:04:05.678Z

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, seconds: float) -> None:
        """Let time pass, or run backwards."""
        self.now_ms += round(seconds * 1000)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One server for the whole run; tests that harm a server start their own."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def store(redis_server: RedisServer) -> AsyncIterator[Store]:
    """A store on an empty Redis."""
    store = Store(redis_server.url)
    await store.writes.flushall()
    yield store
    await store.close()


@pytest.fixture
def clock() -> Clock:
    """A clock for whatever takes one."""
    return Clock()
