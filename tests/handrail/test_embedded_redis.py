"""The embedded Redis: everything on disk, one server a folder, and none left behind."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import disk_usage
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from handrail import aof_rewrites, redis_folder
from handrail.embedded_redis import EmbeddedRedis, RedisStartError
from handrail.redis_binary import NoRedisError, find_binary
from handrail.redis_folder import FolderInUseError, is_in_use, socket_path
from handrail.redis_promises import TORN, broken_promises

PARENT = """
import asyncio, sys
from pathlib import Path
from shutil import disk_usage
from redis.asyncio import Redis
from handrail import aof_rewrites, redis_folder
from handrail.embedded_redis import EmbeddedRedis

async def main():
    async with EmbeddedRedis(Path(sys.argv[1])) as embedded:
        async with Redis.from_url(embedded.url) as redis:
            await redis.set("said", "before")
            print((await redis.info("server"))["process_id"], flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def embedded(data: Path) -> AsyncIterator[EmbeddedRedis]:
    async with EmbeddedRedis(data) as redis:
        yield redis


def client(embedded: EmbeddedRedis) -> Redis:
    """A client that outlives a restart: reads and writes of a test may be repeated."""
    return Redis.from_url(embedded.url, retry=Retry(ConstantBackoff(0.05), 100))


async def server_pid(redis: Redis) -> int:
    information: dict[str, Any] = await redis.info("server")
    return int(information["process_id"])


async def gone(pid: int) -> None:
    """Wait until a process is gone; returns at once when it is already."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await asyncio.wait_for(ended.wait(), 10)
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def test_it_writes_every_command_to_disk_and_drops_nothing(embedded: EmbeddedRedis) -> None:
    async with client(embedded) as redis:
        settings = await redis.config_get("append*", "maxmemory-policy", "save", "port")
        promises = await broken_promises(redis)

    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["save"] == ""
    assert settings["port"] == "0"
    assert promises == []


async def test_only_its_own_user_reaches_it(embedded: EmbeddedRedis, data: Path) -> None:
    assert stat.S_IMODE((data / "redis").stat().st_mode) == 0o700
    assert stat.S_IMODE(socket_path(data).stat().st_mode) == 0o700


async def test_data_outlive_a_restart(data: Path) -> None:
    async with EmbeddedRedis(data) as first, client(first) as redis:
        await redis.set("said", "before")
    async with EmbeddedRedis(data) as second, client(second) as redis:
        assert await redis.get("said") == b"before"


async def test_a_killed_server_is_started_again_with_its_data(embedded: EmbeddedRedis) -> None:
    async with client(embedded) as redis:
        await redis.set("said", "before")
        before = await server_pid(redis)
        os.kill(before, signal.SIGKILL)
        await gone(before)

        assert await redis.get("said") == b"before"
        assert await server_pid(redis) != before


async def test_a_killed_guard_takes_the_server_with_it_and_both_come_back(
    embedded: EmbeddedRedis,
) -> None:
    async with client(embedded) as redis:
        before = await server_pid(redis)
        assert embedded._process is not None
        embedded._process.kill()
        await gone(before)

        assert await server_pid(redis) != before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_it_ends_when_its_parent_is_killed_and_keeps_what_was_acknowledged(
    data: Path, number: signal.Signals
) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(data), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    lines = [line async for line in until(parent.stdout, b"\n")]
    pid = int(lines[-1].split()[-1])

    parent.send_signal(number)
    await parent.communicate()
    await gone(pid)

    async with EmbeddedRedis(data) as embedded, client(embedded) as redis:
        assert await redis.get("said") == b"before"


async def until(stream: asyncio.StreamReader, end: bytes) -> AsyncIterator[bytes]:
    """The lines of a stream up to the first that is only a number."""
    while line := await stream.readline():
        yield line
        if line.removesuffix(end).isdigit():
            return


async def test_it_is_over_when_the_block_is(data: Path) -> None:
    async with EmbeddedRedis(data) as embedded, client(embedded) as redis:
        pid = await server_pid(redis)

    assert not Path(f"/proc/{pid}").exists()
    assert not is_in_use(data)


async def test_a_second_server_on_the_same_folder_is_refused(
    embedded: EmbeddedRedis, data: Path
) -> None:
    assert is_in_use(data)
    with pytest.raises(FolderInUseError, match="another handrail runs on"):
        async with EmbeddedRedis(data):
            pass
    async with client(embedded) as redis:
        assert await redis.ping()


async def test_two_folders_do_not_know_each_other(embedded: EmbeddedRedis, tmp_path: Path) -> None:
    async with EmbeddedRedis(tmp_path / "other") as other:
        assert other.url != embedded.url


async def test_a_folder_too_deep_for_a_socket_is_reached_by_a_link(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    async with EmbeddedRedis(deep) as embedded, client(embedded) as redis:
        assert await redis.ping()
        assert (deep / "redis" / "redis.sock").is_socket()
    assert len(str(socket_path(deep))) < 100
    socket_path(deep).parent.unlink()


async def test_a_server_that_cannot_read_its_data_says_so(data: Path) -> None:
    async with EmbeddedRedis(data):
        pass
    for part in (data / "redis" / "appendonlydir").glob("*.manifest"):
        part.write_text("nonsense\n")

    with pytest.raises(RedisStartError, match="manifest"):
        async with EmbeddedRedis(data):
            pass


def test_a_program_that_is_no_redis_is_refused() -> None:
    with pytest.raises(NoRedisError, match="is not a Redis server"):
        find_binary(Path("/bin/true"))


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoRedisError, match="does not start: No such file"):
        find_binary(tmp_path / "none")


def test_without_any_server_the_command_that_installs_one_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoRedisError, match="apt-get install redis-server"):
        find_binary()


async def test_the_tools_package_alone_carries_a_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Path
) -> None:
    only = tmp_path / "bin"
    only.mkdir()
    (only / "redis-check-rdb").symlink_to(find_binary().path.resolve())
    monkeypatch.setenv("PATH", str(only))

    async with EmbeddedRedis(data) as embedded, client(embedded) as redis:
        assert await redis.ping()


async def test_a_server_that_promises_less_is_told_on(embedded: EmbeddedRedis) -> None:
    async with client(embedded) as redis:
        await redis.config_set("appendfsync", "everysec")
        await redis.config_set("maxmemory-policy", "allkeys-lru")
        await redis.config_set("aof-load-truncated", "yes")

        promises = await broken_promises(redis)

    assert promises == [
        "appendfsync is everysec: a power cut may lose the last second of messages",
        TORN["yes"],
        "maxmemory-policy is allkeys-lru: Redis may drop conversations; set noeviction",
    ]


async def test_a_server_without_an_append_only_file_is_told_on(embedded: EmbeddedRedis) -> None:
    async with client(embedded) as redis:
        await redis.config_set("appendonly", "no")

        assert await broken_promises(redis) == ["appendonly is off: a restart loses messages"]


def append_only(data: Path) -> Path:
    """The file every command is appended to."""
    return max((data / "redis").rglob("*.aof"), key=lambda file: file.stat().st_size)


async def test_a_torn_end_of_its_file_costs_only_what_was_torn(data: Path) -> None:
    async with EmbeddedRedis(data) as first, client(first) as redis:
        await redis.rpush("log", "whole")
        await redis.rpush("log", "torn in the middle")
    file = append_only(data)
    os.truncate(file, file.stat().st_size - 10)

    async with EmbeddedRedis(data) as second, client(second) as redis:
        assert await redis.lrange("log", 0, -1) == [b"whole"]
        await redis.rpush("log", "after")
    async with EmbeddedRedis(data) as third, client(third) as redis:
        assert await redis.lrange("log", 0, -1) == [b"whole", b"after"]


async def test_what_a_dead_server_left_of_a_rewrite_is_removed(data: Path) -> None:
    async with EmbeddedRedis(data) as embedded, client(embedded) as redis:
        await redis.set("said", "before")
        left = data / "redis" / "temp-rewriteaof-bg-1.aof"
        left.write_bytes(b"half")
        os.kill(await server_pid(redis), signal.SIGKILL)

        assert await redis.get("said") == b"before"
        assert not left.exists()


async def test_its_file_is_rewritten_when_it_has_grown_and_both_fit_on_the_disk(
    embedded: EmbeddedRedis, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(embedded) as redis:
        assert (await redis.config_get("auto-aof-*"))["auto-aof-rewrite-percentage"] == "0"
        await redis.set("said", "x" * 2_000)
        assert not await aof_rewrites.is_due(redis, data)

        monkeypatch.setattr(aof_rewrites, "WORTH_BYTES", 1_000)
        assert await aof_rewrites.is_due(redis, data)

        monkeypatch.setattr(redis_folder, "DISK_RESERVE_BYTES", disk_usage(data).free)
        assert not await aof_rewrites.is_due(redis, data)


async def test_it_is_rewritten_by_itself(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aof_rewrites, "WORTH_BYTES", 1_000)
    monkeypatch.setattr(aof_rewrites, "LOOK_EVERY_S", 0.01)
    async with EmbeddedRedis(data) as embedded, client(embedded) as redis:
        begun_with = int((await redis.info("persistence"))["aof_base_size"])
        for _ in range(5_000):
            await redis.set("said", "x" * 1_000)
            if int((await redis.info("persistence"))["aof_base_size"]) > begun_with:
                break
        else:
            pytest.fail("it was never rewritten")
        assert await redis.get("said") == b"x" * 1_000
