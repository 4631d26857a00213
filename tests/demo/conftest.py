"""What the demo's tests share: a shop and a stand-in model on ports of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from demo import model, shop
from tests.demo.talk import Conversation

FIRST_DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "a secret of the shop, long enough for HS256"

Answer: TypeAlias = tuple[int, Any]


@dataclass
class Clock:
    """The shop's time, as the test sets it."""

    now: datetime = FIRST_DAY

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Shop:
    """A running shop."""

    url: str
    session: aiohttp.ClientSession

    async def call(
        self, tool: str, arguments: object, *, customer: str = "", key: str = "", **headers: str
    ) -> Answer:
        """Call a tool; further headers are given with `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"X-Customer-Id": customer} | ({"Idempotency-Key": key} if key else {})
        url, body = f"{self.url}/tools/{tool}", {"arguments": arguments}
        async with self.session.post(url, json=body, headers=sent) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> Answer:
        """Fetch a path as JSON."""
        async with self.session.get(f"{self.url}{path}") as answer:
            return answer.status, await answer.json()

    async def effects(self) -> list[dict[str, Any]]:
        """What the tools have done so far, without the time."""
        _, ledger = await self.get("/ledger")
        return [
            {name: effect[name] for name in ("tool", "key", "order_id", "amount")}
            for effect in ledger["effects"]
        ]


OpenShop: TypeAlias = Callable[..., Awaitable[Shop]]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def servers() -> AsyncIterator[Callable[[web.Application], Awaitable[str]]]:
    """Start an application on a free port and return its URL."""
    async with AsyncExitStack() as stack:

        async def start(app: web.Application) -> str:
            server = await stack.enter_async_context(TestServer(app))
            return str(server.make_url("/")).rstrip("/")

        yield start


@pytest.fixture
def shop_clock() -> Clock:
    return Clock()


@pytest.fixture
def open_shop(
    tmp_path: Path,
    session: aiohttp.ClientSession,
    servers: Callable[[web.Application], Awaitable[str]],
    shop_clock: Clock,
) -> OpenShop:
    """Open the shop whose books lie in the test's folder."""

    async def open_one(**options: Any) -> Shop:
        app = shop.app(data=tmp_path / "shop", now=shop_clock, **options)
        return Shop(await servers(app), session)

    return open_one


@pytest.fixture
async def tarnfield(open_shop: OpenShop) -> Shop:
    """The shop, with a secret for its customers and none for its tools."""
    return await open_shop(customer_secret=SECRET)


@pytest.fixture
async def model_url(servers: Callable[[web.Application], Awaitable[str]]) -> str:
    """A stand-in that writes at once."""
    return await servers(model.app(pace=model.Pace(tokens_per_s=0)))


@pytest.fixture
def chat(tarnfield: Shop, model_url: str) -> Callable[..., Conversation]:
    """Begin a conversation; `chat("jonas")` is signed in."""

    def begin(customer: str = "", **options: Any) -> Conversation:
        return Conversation(tarnfield.session, model_url, tarnfield.url, customer, **options)

    return begin
