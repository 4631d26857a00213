"""The connection to Redis: who may retry, and what a failure means.

Reads go through a client that retries. Writes go through one that never does: a write whose answer
was lost may have happened, and only its dedupe key makes repeating it safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from redis import exceptions as redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.commands.core import AsyncScript

from conversation.errors import Unavailable

ANSWER_WITHIN_S = 5.0
"""How long Redis may take before a command counts as failed."""
CONNECTIONS = 256


class Store:
    """Two clients to one Redis server, and the scripts."""

    def __init__(self, url: str, *, shards: int = 1) -> None:
        self.url = url
        self.shards = shards
        # redis-py annotates answers as unions of both decodings and of both I/O styles: Any.
        self.reads: Any = self._client(Retry(ExponentialBackoff(cap=0.5, base=0.02), 3))
        self.writes: Any = self._client(Retry(NoBackoff(), 0))

    def _client(self, retry: Retry) -> Redis:
        return Redis.from_url(
            self.url,
            retry=retry,
            socket_timeout=ANSWER_WITHIN_S,
            socket_connect_timeout=ANSWER_WITHIN_S,
            max_connections=CONNECTIONS,
        )

    def script(self, package: str, name: str) -> Script:
        """The script `<package>/lua/<name>.lua`."""
        return Script(self.writes.register_script(source(package, name)))

    async def close(self) -> None:
        """Close every connection."""
        await self.reads.aclose()
        await self.writes.aclose()


class Script:
    """One Lua operation; raises `Unavailable` when Redis cannot be reached or cannot write."""

    def __init__(self, script: AsyncScript) -> None:
        self._script = script

    async def __call__(self, keys: list[str], args: list[bytes | str | int]) -> Any:
        """Run it; what it returns is said in its header."""
        with answering():
            return await self._script(keys=keys, args=args)


@cache
def source(package: str, name: str) -> str:
    """The text of a script."""
    return files(package).joinpath("lua", f"{name}.lua").read_text()


@contextmanager
def answering() -> Iterator[None]:
    """Turn a Redis that is down, loading, full or read-only into `Unavailable`."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise Unavailable from error
    except redis.NoScriptError:
        raise
    except redis.ResponseError as error:
        if str(error).split(" ", 1)[0] in ("OOM", "MISCONF", "READONLY", "LOADING", "NOREPLICAS"):
            raise Unavailable from error
        raise
    except redis.RedisError as error:
        raise Unavailable from error
