"""What the tests of `gateway` share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from conversation.store import Store
from gateway import accounts
from tests.conftest import Clock
from tests.gateway.house import House, configured
from tests.redis_server import RedisServer

OpenHouse = Callable[..., Awaitable[House]]


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as always, with less work."""
    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture
async def open_house(
    redis_server: RedisServer, store: Store, clock: Clock, tmp_path: Path
) -> AsyncIterator[OpenHouse]:
    """Starts gateways on an empty Redis; roles by position, settings by keyword."""
    async with AsyncExitStack() as stack:

        async def open_(*roles: str, **settings: Any) -> House:
            house = House(configured(tmp_path / "data", **settings), redis_server.url, clock)
            stack.push_async_callback(house.close)
            return await house.open(*roles)

        yield open_


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    """A gateway that takes anonymous customers, and no worker to answer them."""
    return await open_house()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A running server the test may harm; it is left running."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def own_house(own_server: RedisServer, tmp_path: Path, clock: Clock) -> AsyncIterator[House]:
    """A gateway on a server the test may harm."""
    house = House(configured(tmp_path / "data"), own_server.url, clock)
    await house.open()
    yield house
    await house.close()
