"""The product as its user runs it, on the demo's own configuration: every part a process."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

from aiohttp import ClientSession

from conversation.events import Event
from conversation.log import Log
from conversation.store import Store
from gateway import accounts
from tests.browser.program import ROOT, Program
from tests.gateway.people import Customer
from tests.redis_server import RedisServer

SECRETS = {
    "HANDRAIL_CUSTOMER_SECRET": "a customer secret of the tests only",
    "HANDRAIL_TOOLS_SECRET": "a tools secret of the tests only",
}
STAFF = {"Sam": "agent", "Kim": "agent", "Dana": "supervisor", "Noor": "supervisor"}
PASSWORD = "correct horse battery"
FREE_PORTS = ("--shop-port", "0", "--model-port", "0")
PACE = ("--tokens-per-s", "120")
NONE: Mapping[str, str] = {}
CONFIGURED_SHOP = "http://127.0.0.1:9100"


class House:
    """Redis, shop, gateway, worker and desk; the model is the demo's, or the one at `model_url`.

    `changes` are other words in the demo's configuration, by those they take the place of.
    """

    def __init__(
        self, folder: Path, *, model_url: str | None = None, changes: Mapping[str, str] = NONE
    ) -> None:
        self._folder = folder
        self._model_url = model_url
        self._changes = changes
        self._port = _free_port()
        self._stack = AsyncExitStack()
        self._gateway: Program
        self._workers: Program
        self._programs: list[Program] = []
        self.url = f"http://127.0.0.1:{self._port}"
        self.shop_url = ""
        self.log: Log
        self._http: ClientSession

    async def open(self) -> Self:
        """Start all of it."""
        redis = RedisServer(self._folder)
        redis.start()
        self._stack.callback(redis.stop)
        store = Store(redis.url)
        self._stack.push_async_callback(store.close)
        self.log = Log(store)
        self._http = await self._stack.enter_async_context(ClientSession())
        for name, role in STAFF.items():
            await accounts.add(
                store.writes, email=_email(name), name=name, role=role, password=PASSWORD
            )
        settings = {**await self._open_shop(), "redis.url": redis.url}
        self._gateway = self._serve("gateway", settings, "--port", str(self._port))
        self._workers = self._serve("agent,desk", settings)
        async with asyncio.TaskGroup() as starting:
            for program in (self._workers, self._gateway):
                starting.create_task(self._start(program, ready="event=ready"))
        return self

    async def close(self) -> None:
        """End all of it."""
        await self._stack.aclose()

    @asynccontextmanager
    async def without_gateway(self) -> AsyncIterator[None]:
        """The gateway crashes, and comes back after the block on the same port."""
        async with _without(self._gateway):
            yield

    @asynccontextmanager
    async def without_workers(self) -> AsyncIterator[None]:
        """Nobody takes the work, until after the block."""
        async with _without(self._workers):
            yield

    async def end_conversation(self, customer: str) -> None:
        """End what a customer of the shop is in, so that they begin anew next time."""
        tab = Customer(self.url)
        await tab.connect({"token": await self.customer_token(customer)})
        if tab.state["conversation"]:
            await tab.do("leave")
        await tab.leave()

    async def sign_in_link(self, name: str) -> str:
        """A link that signs somebody of the staff in, once."""
        code = await accounts.one_time_code(self.log.store.writes, _email(name))
        return f"{self.url}/console/#signin={code}"

    async def customer_token(self, customer: str) -> str:
        """What the shop's page of a customer connects with."""
        url = f"{self.shop_url}/demo/token?customer={customer}"
        async with self._http.get(url) as answer:
            return str((await answer.json())["token"])

    async def paid(self, order: str) -> list[float]:
        """What the shop paid back for an order, by its own books."""
        async with self._http.get(f"{self.shop_url}/ledger") as answer:
            effects: list[dict[str, Any]] = (await answer.json())["effects"]
        return [effect["amount"] for effect in effects if effect["order_id"] == order]

    async def events(self, conversation: str) -> list[Event]:
        """A conversation's log."""
        return await self.log.read(conversation)

    @property
    def printed(self) -> str:
        """All that the processes logged so far."""
        return "".join(line for program in self._programs for line in program.said)

    async def _open_shop(self) -> dict[str, str]:
        ports = ("--port-file", str(self._folder / "demo.json"), "--data", str(self._folder))
        shop = Program("demo", *ports, *FREE_PORTS, *PACE, environ=SECRETS)
        _, self.shop_url, _, stand_in = (await self._start(shop, ready="shop http")).split()
        self.shop_url = self.shop_url.removesuffix(",")
        text = (ROOT / "config.yaml").read_text("utf-8")
        for old, new in {**self._changes, CONFIGURED_SHOP: self.shop_url}.items():
            assert old in text
            text = text.replace(old, new)
        (self._folder / "config.yaml").write_text(text, "utf-8")
        shutil.copy(ROOT / "assistant.md", self._folder)
        return {
            "gateway.home": self.shop_url,
            "model.base_url": self._model_url or stand_in,
            "model.api_key": "none",
            "widget.notice": "demo model",
        }

    def _serve(self, roles: str, settings: dict[str, str], *more: str) -> Program:
        sets = [word for key, text in settings.items() for word in ("--set", f"{key}={text}")]
        config = str(self._folder / "config.yaml")
        words = ("serve", "--config", config, "--roles", roles, *more, *sets)
        return Program("handrail", *words, environ=SECRETS)

    async def _start(self, program: Program, *, ready: str) -> str:
        self._programs.append(program)
        self._stack.push_async_callback(program.stop)
        return await program.start(ready=ready)


@asynccontextmanager
async def _without(program: Program) -> AsyncIterator[None]:
    await program.kill()
    try:
        yield
    finally:
        await program.start(ready="event=ready")


def _email(name: str) -> str:
    return f"{name.lower()}@tarnfield.example"


def _free_port() -> int:
    """A port for the gateway, which must find it free again when it comes back."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
