"""That the power cut of the fault bench is one: what was not made safe is gone, nothing else is."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from redis.asyncio import Redis as Client
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bench.faultbench.power import NoCompilerError, Power
from bench.faultbench.process import Redis

ENOUGH = 50


@pytest.fixture
def power(tmp_path: Path) -> Power:
    try:
        return Power(tmp_path)
    except NoCompilerError as error:
        pytest.skip(str(error))


async def acknowledged(redis: Redis, power: Power) -> int:
    """Write until the disk stands still and Redis is killed; how much was acknowledged."""
    done = 0
    enough = asyncio.Event()

    async def write() -> None:
        nonlocal done
        async with Client.from_url(redis.url, retry=Retry(NoBackoff(), 0)) as client:
            try:
                while True:
                    await client.rpush("list", "something")
                    done += 1
                    if done >= ENOUGH:
                        enough.set()
            except RedisError:
                pass

    writing = [asyncio.create_task(write()) for _ in range(4)]
    await enough.wait()
    power.stop_disk()
    await asyncio.to_thread(power.wait_for_write)
    await redis.kill()
    await asyncio.gather(*writing)
    return done


async def kept(redis: Redis, power: Power) -> int:
    """What is there after a restart."""
    power.start_disk()
    await redis.start()
    async with Client.from_url(redis.url) as client:
        length = await client.llen("list")
    await redis.stop()
    return length


async def test_an_fsync_a_write_keeps_all_that_was_acknowledged(
    tmp_path: Path, power: Power
) -> None:
    redis = Redis(tmp_path / "redis", environ=power.environ)
    await redis.start()
    done = await acknowledged(redis, power)
    assert power.cut(redis.folder) > 0
    assert await kept(redis, power) == done


async def test_an_fsync_a_second_does_not_and_the_cut_shows_it(
    tmp_path: Path, power: Power
) -> None:
    arguments = ("--appendfsync", "everysec")
    redis = Redis(tmp_path / "redis", arguments=arguments, environ=power.environ)
    await redis.start()
    done = await acknowledged(redis, power)
    assert power.cut(redis.folder) > 0
    assert await kept(redis, power) < done


async def test_a_tear_leaves_all_that_was_acknowledged(tmp_path: Path, power: Power) -> None:
    redis = Redis(tmp_path / "redis", environ=power.environ)
    await redis.start()
    done = await acknowledged(redis, power)
    assert power.tear(redis.folder, random.Random(1)) > 0
    assert await kept(redis, power) >= done
