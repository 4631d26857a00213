"""A torn append-only file is cut where its last whole transaction ends, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from handrail.embedded_redis import EmbeddedRedis, RedisStartError
from handrail.torn_tail import DamagedError, whole

SAYS = "return redis.call('rpush', KEYS[1], ARGV[1]) + redis.call('incr', KEYS[2])"


def entry(*parts: bytes) -> bytes:
    """A command as it stands in the file."""
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(p), p) for p in parts)


ALONE = entry(b"SET", b"a", b"*1\r\n$4\r\nEXEC\r\n")
OPEN = entry(b"MULTI") + entry(b"RPUSH", b"log", b"said")
COMMIT = OPEN + entry(b"SET", b"head", b"") + entry(b"exec")
STAMP = b"#TS:1767323045\r\n"


def test_every_tear_leaves_what_was_whole_before_it() -> None:
    parts = [ALONE, COMMIT, STAMP, ALONE, COMMIT]
    ends = [len(b"".join(parts[:n])) for n in range(len(parts) + 1)]
    file = b"".join(parts)
    for torn in range(len(file) + 1):
        assert whole(file[:torn]) == max(end for end in ends if end <= torn), torn


@pytest.mark.parametrize(
    "damage",
    [b"\0" * 40, b"*x\r\n", b"*1\r\n*4\r\nMULTI\r\n", b"*1\r\n$5\r\nMULTI!!" + ALONE, b"REDIS0010"],
)
def test_what_is_no_command_is_not_taken_for_a_tear(damage: bytes) -> None:
    with pytest.raises(DamagedError):
        whole(ALONE + damage + ALONE)


def client(embedded: EmbeddedRedis) -> Redis:
    return Redis.from_url(embedded.url, retry=Retry(ConstantBackoff(0.05), 100))


def written(data: Path) -> Path:
    """The file every command is appended to."""
    return max((data / "redis").rglob("*.incr.aof"), key=lambda file: file.stat().st_size)


async def test_a_transaction_torn_in_its_middle_is_never_applied_later(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as first, client(first) as redis:
        await redis.eval(SAYS, 2, "log", "seq", "kept")
        await redis.eval(SAYS, 2, "log", "seq", "torn")
    file = written(tmp_path)
    os.truncate(file, file.stat().st_size - len(entry(b"EXEC")) - 10)

    async with EmbeddedRedis(tmp_path) as second, client(second) as redis:
        assert await redis.lrange("log", 0, -1) == [b"kept"]
        await redis.eval(SAYS, 2, "log", "seq", "torn")
    async with EmbeddedRedis(tmp_path) as third, client(third) as redis:
        assert await redis.lrange("log", 0, -1) == [b"kept", b"torn"]
        assert await redis.get("seq") == b"2"


async def test_a_file_damaged_within_is_left_for_a_person_to_look_at(tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path) as first, client(first) as redis:
        for n in range(10):
            await redis.eval(SAYS, 2, "log", "seq", n)
    file = written(tmp_path)
    damaged = bytearray(file.read_bytes())
    damaged[200:208] = b"\0" * 8
    file.write_bytes(damaged)

    with pytest.raises(RedisStartError):
        async with EmbeddedRedis(tmp_path):
            pass
    assert file.read_bytes() == damaged
