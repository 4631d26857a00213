"""The connection to Redis: who may retry, and what a failure means.

Reads go through a client that retries. Writes go through one that never does: a write whose answer
was lost may have happened, and only its dedupe key makes repeating it safe.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from redis import exceptions as redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

from conversation.connection import cancellable
from conversation.errors import Unavailable
from conversation.headroom import Room
from conversation.keys import SHARDS

ANSWER_WITHIN_S = 5.0
"""How long Redis may take before a command counts as failed."""
CONNECTIONS = 256
"""Commands at once, beside the two a shard that wait for work; one more waits for its turn."""
MEMORY_RESERVE = 0.1
"""The part of Redis's memory that is kept for results."""
_CANNOT_WRITE = re.compile(r"(^|-)(MISCONF|NOREPLICAS|OOM|READONLY) ")
"""How an error begins; Redis 6 quotes that of a command after the script's own words."""


class Store:
    """Clients to one Redis server (for reads, writes and subscriptions), and the scripts."""

    def __init__(self, url: str, *, shards: int = 1) -> None:
        self.url = url
        self.shards = shards
        # redis-py annotates answers as unions of both decodings and of both I/O styles: Any.
        self.reads: Any = self._client(Retry(ExponentialBackoff(cap=0.5, base=0.02), 3))
        self.writes: Any = self._client(Retry(NoBackoff(), 0))
        self._subscriptions: Any = self._client(Retry(NoBackoff(), 0, supported_errors=()))

    def _client(self, retry: Retry) -> Redis:
        pool = BlockingConnectionPool.from_url(
            self.url,
            retry=retry,
            socket_timeout=ANSWER_WITHIN_S,
            socket_connect_timeout=ANSWER_WITHIN_S,
            timeout=ANSWER_WITHIN_S,
            max_connections=CONNECTIONS + 2 * self.shards,
        )
        return Redis.from_pool(cancellable(pool))

    def script(self, package: str, name: str) -> Script:
        """The script `<package>/lua/<name>.lua`."""
        return Script(self.writes, source(package, name))

    def subscription(self) -> Any:
        """A pub/sub connection of its own; it ends with its first error and is never mended.

        redis-py would reconnect in whichever task comes first, and in two at once.
        """
        return self._subscriptions.pubsub()

    async def pin_shards(self) -> int:
        """Note the number of shards at the first start; returns the number noted."""
        with answering():
            await self.writes.set(SHARDS, self.shards, nx=True)
            return int(await self.reads.get(SHARDS))

    async def memory(self) -> Room:
        """How much memory Redis may still use: up to its own limit, else the machine's.

        Of a server that does not tell, nothing is asked.
        """
        with answering():
            try:
                told = await self.reads.info("memory")
            except redis.ResponseError:
                return Room(0, 0)
        limit = int(told.get("maxmemory", 0)) or int(told.get("total_system_memory", 0))
        if not limit:
            return Room(0, 0)
        return Room(limit - int(told["used_memory"]), round(limit * MEMORY_RESERVE))

    async def close(self) -> None:
        """Close every connection."""
        await self.reads.aclose()
        await self.writes.aclose()
        await self._subscriptions.aclose()


class Script:
    """One Lua operation; raises `Unavailable` when Redis cannot be reached or cannot write."""

    def __init__(self, redis_: Any, text: str) -> None:
        self._redis = redis_
        self._text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, keys: list[str], args: list[bytes | str | int]) -> Any:
        """Run it; what it returns is said in its header.

        redis-py's own script object tests types at each call, which costs as much as the call.
        """
        with answering():
            try:
                return await self._redis.evalsha(self.sha, len(keys), *keys, *args)
            except redis.NoScriptError:
                return await self._redis.eval(self._text, len(keys), *keys, *args)


@cache
def source(package: str, name: str) -> str:
    """The text of a script."""
    return files(package).joinpath("lua", f"{name}.lua").read_text()


@contextmanager
def answering() -> Iterator[None]:
    """Turn a Redis that is down, loading, full or read-only into `Unavailable`."""
    try:
        yield
    except (redis.OutOfMemoryError, redis.ReadOnlyError) as error:
        raise Unavailable from error
    except redis.ResponseError as error:
        if _CANNOT_WRITE.search(str(error)):
            raise Unavailable from error
        raise
    except redis.RedisError as error:
        raise Unavailable from error
