"""A running gateway for tests, with whoever comes to it; everybody leaves when the test ends."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Literal, Self

import jwt
from aiohttp import ClientSession
from msgspec.structs import replace

from agent.settings import AssistantSettings, LimitsSettings, ModelSettings
from conversation.log import Log
from conversation.store import Store
from gateway import accounts
from gateway.settings import CustomersSettings, GatewaySettings
from handoff.settings import MonitorSettings
from handrail.config import Config
from handrail.wiring import running
from tests.conftest import Clock
from tests.gateway.people import PATIENCE_S, Console, Customer
from tests.gateway.wire import Wire

SECRET = "the shop and the gateway share it, and nobody else has ever seen it"
PASSWORD = "correct horse battery"
ROLES = {"Sam": "agent", "Kim": "agent", "Dana": "supervisor", "Max": "admin"}


class House:
    """One gateway process (and, when asked, worker and desk) on the Redis of the test."""

    def __init__(self, config: Config, redis_url: str, clock: Clock) -> None:
        self._config = config
        self._redis_url = redis_url
        self._clock = clock
        self._stack = AsyncExitStack()
        self._work = AsyncExitStack()
        self.url = ""
        self.store: Store
        self.log: Log
        self.http: ClientSession

    async def open(self, *roles: str) -> Self:
        """Start it."""
        self.store = Store(self._redis_url)
        self._stack.push_async_callback(self.store.close)
        self.log = Log(self.store, clock=self._clock)
        self.http = await self._stack.enter_async_context(ClientSession())
        self._stack.push_async_callback(self.stop)
        url, _ = await self._work.enter_async_context(
            running(
                self._config,
                roles=roles or ("gateway",),
                redis_url=self._redis_url,
                clock=self._clock,
            )
        )
        assert url is not None
        self.url = url
        return self

    async def close(self) -> None:
        """Stop it; whoever is connected leaves before."""
        await self._stack.aclose()

    async def stop(self) -> None:
        """Stop it while everybody is still connected."""
        await self._work.aclose()

    async def customer(self, **auth: Any) -> Customer:
        """A customer who connects with this `auth`."""
        customer = Customer(self.url)
        self._stack.push_async_callback(customer.leave)
        await customer.connect(auth)
        return customer

    async def console(self, name: str, **auth: Any) -> Console:
        """Somebody of the staff, signed in and connected; the name says which role."""
        console = Console(self.url)
        self._stack.push_async_callback(console.leave)
        await console.connect({"token": await self.sign_in(name)} | auth)
        return console

    async def wire(self, **more: Any) -> Wire:
        """A bare websocket."""
        return await self._stack.enter_async_context(Wire(self.url, **more))

    async def sockets(self) -> int:
        """How many clients the gateway counts."""
        answer = await self.http.get(f"{self.url}/metrics")
        lines = (await answer.text()).splitlines()
        return int(float(next(line for line in lines if line.startswith("handrail_sockets "))[17:]))

    async def calm(self, *, sockets: int) -> None:
        """Wait until the gateway counts no more clients than these."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.sockets() > sockets:
                pass

    async def sign_in(self, name: str) -> str:
        """The token of somebody who has an account from now on."""
        email = await self.account(name)
        answer = await self.http.post(
            f"{self.url}/api/v1/session", json={"email": email, "password": PASSWORD}
        )
        body = await answer.json()
        assert answer.status == 200, body
        return str(body["token"])

    async def account(self, name: str) -> str:
        """The e-mail address of an account, which is made if there is none."""
        email = f"{name.lower()}@shop.example"
        redis = self.store.writes
        if email not in {account.email for account in await accounts.list_staff(redis)}:
            await accounts.add(redis, email=email, name=name, role=ROLES[name], password=PASSWORD)
        return email


def configured(
    data: Path,
    *,
    model_url: str = "http://127.0.0.1:9/v1",
    greeting: str | None = None,
    on_new_message: Literal["after", "interrupt"] = "after",
    limits: LimitsSettings | None = None,
    monitor: MonitorSettings | None = None,
    **customers: Any,
) -> Config:
    """A configuration of tests; keywords are the customers' settings."""
    return Config(
        model=ModelSettings(name="double", base_url=model_url, api_key="none", timeout_s=5),
        customers=replace(CustomersSettings(secret=SECRET, anonymous=True), **customers),
        gateway=GatewaySettings(origins=("https://shop.example",)),
        assistant=AssistantSettings(name="Ada", greeting=greeting, on_new_message=on_new_message),
        limits=limits or LimitsSettings(),
        monitor=monitor,
        data=data,
    )


def token(customer: str = "u_robin", **claims: Any) -> str:
    """A customer's token, signed by the shop; a claim that is None is left out."""
    usual = {"aud": "handrail", "sub": customer, "exp": int(time.time()) + 600, "name": "Robin"}
    told = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(told, SECRET, algorithm="HS256")
