"""A running house for the rows: processes, doubles, a steady load, and the history check."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import aiohttp

from bench.faultbench import shop
from bench.faultbench.examination import Examination
from bench.faultbench.history import Fault
from bench.faultbench.load import Load
from bench.faultbench.model import NAME, Model
from bench.faultbench.people import SECRET, Customer, Staff
from bench.faultbench.process import Redis, Serve
from bench.faultbench.scenario import Effort, Json, Setting
from bench.faultbench.shop import Shop
from conversation.keys import JOB_GROUP, shard
from conversation.log import Log
from conversation.state import State
from conversation.store import Store
from gateway import accounts

LIVE = {"quick": 10, "usual": 100, "full": 100}
"""Conversations of the steady load of a house."""
PASSWORD = "a password for the bench only"
STAFF = {
    "dana": "supervisor", "drew": "supervisor", "sam": "agent", "kim": "agent", "ada": "admin"
}  # fmt: skip
"""Who works here; Dana approves for the load."""
SHARES_WITHIN_S = 20.0
"""How long a row waits for others to share its kill."""
MODEL_TIMEOUT_S = {"quick": 3, "usual": 5, "full": 5}


class House:
    """Everything that runs; made by `open_house`."""

    def __init__(self, setting: Setting, effort: Effort, folder: Path) -> None:
        self.setting = setting
        self.effort = effort
        self.folder = folder
        self.model = Model()
        self.shop = Shop()
        self.redis = Redis(
            folder / "redis",
            arguments=setting.redis_arguments,
            environ=dict(setting.redis_environ),
        )
        self.gateways: list[Serve] = []
        self.workers: list[Serve] = []
        self.config = folder / "config.yaml"
        self.load = Load(self, LIVE[effort] if setting.load else 0)
        self._customers: list[Customer] = []
        self._staff: list[Staff] = []
        self._tokens: dict[str, str] = {}
        self._told: set[str] = set()
        self._kill = asyncio.Barrier(1)
        self._killing: asyncio.Task[float] | None = None
        self._before: list[Callable[[], Awaitable[object]]] = []

    async def begin(self, stack: AsyncExitStack) -> None:
        """Start everything; it ends with the stack."""
        await stack.enter_async_context(self.model.listening())
        await stack.enter_async_context(self.shop.listening())
        self.http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        )
        stack.push_async_callback(self.redis.stop)
        await self.redis.start()
        self.store = Store(self.redis.url)
        stack.push_async_callback(self.store.close)
        self.log = Log(self.store)
        self._examination = Examination(self.log, self.shop)
        for name, role in STAFF.items():
            email = f"{name}@bench.test"
            await accounts.add(
                self.store.writes, email=email, name=name.title(), role=role, password=PASSWORD
            )
        self.config.write_text(json.dumps(self._configuration()), "utf-8")
        self.gateways = [Serve(self.config, "gateway", n) for n in range(self.setting.gateways)]
        self.workers = [Serve(self.config, "agent", n) for n in range(self.setting.workers)]
        self.desk = Serve(self.config, "desk")
        stack.push_async_callback(self._stop)
        await self.mend()
        stack.push_async_callback(self.load.end)
        if self.setting.load:
            await self.load.begin()

    @property
    def url(self) -> str:
        """Where the first gateway answers."""
        return self.gateways[0].url

    @property
    def processes(self) -> list[Serve]:
        """Every `handrail serve`."""
        return [*self.gateways, *self.workers, self.desk]

    async def mend(self) -> None:
        """Start again whatever has ended, and wake what sleeps."""
        if self.redis.runs:
            self.redis.signal(SIGCONT)
        else:
            await self.redis.start()
        for process in self.processes:
            if process.runs:
                process.signal(SIGCONT)
        await asyncio.gather(*(p.start() for p in self.processes if not p.runs))

    # People

    async def customer(
        self, *, gateway: int = 0, sub: str = "", lasting: bool = False, connect: bool = True
    ) -> Customer:
        """A new customer at a gateway; connected, and looked at when the row has run."""
        url = self.gateways[gateway % len(self.gateways)].url
        customer = Customer(url, http=self.http, sub=sub)
        if not lasting:
            self._customers.append(customer)
        if connect:
            await customer.come_back()
        return customer

    async def customers(self, number: int) -> list[Customer]:
        """So many new customers, spread over the gateways."""
        return await asyncio.gather(*(self.customer(gateway=n) for n in range(number)))

    async def staff(self, name: str, *, gateway: int = 0, lasting: bool = False) -> Staff:
        """A new console of one of `STAFF`; closed when the row has run."""
        url = self.gateways[gateway % len(self.gateways)].url
        staff = Staff(url, http=self.http, token=await self._token(name))
        await staff.come_back()
        if not lasting:
            self._staff.append(staff)
        return staff

    async def _token(self, name: str) -> str:
        if name not in self._tokens:
            body = {"email": f"{name}@bench.test", "password": PASSWORD}
            async with self.http.post(f"{self.url}/api/v1/session", json=body) as answer:
                answer.raise_for_status()
                self._tokens[name] = (await answer.json())["token"]
        return self._tokens[name]

    # Workers

    async def holder(self, conversation: str) -> Serve | None:
        """The worker that has a job of a conversation."""
        stream = shard(0).jobs
        pending = await self.store.reads.xpending_range(stream, JOB_GROUP, "-", "+", 1000)
        for entry in pending:
            id_ = entry["message_id"]
            for _, fields in await self.store.reads.xrange(stream, id_, id_):
                if fields[b"conversation"].decode() == conversation:
                    pid = int(entry["consumer"].split(b"-")[-2])
                    return next((worker for worker in self.workers if worker.pid == pid), None)
        return None

    def share_kills(self, rows: int) -> None:
        """Let so many rows that run at the same time wait for one another's kill of all workers."""
        self._kill = asyncio.Barrier(rows)

    async def kill_workers(self, before: Callable[[], Awaitable[object]] | None = None) -> float:
        """Kill all workers and start new ones; when they died, by `time.monotonic`.

        They are stopped, `before` is awaited, and they die. Rows that share kills do this together.
        """
        if before is not None:
            self._before.append(before)
        with suppress(TimeoutError, asyncio.BrokenBarrierError):
            async with asyncio.timeout(SHARES_WITHIN_S):
                await self._kill.wait()
        if self._killing is None:
            self._killing = asyncio.create_task(self._kill_workers())
        return await self._killing

    async def _kill_workers(self) -> float:
        before, self._before = self._before, []
        for worker in self.workers:
            worker.signal(SIGSTOP)
        await asyncio.gather(*(prepare() for prepare in before))
        await asyncio.gather(*(worker.kill() for worker in self.workers))
        died_at = time.monotonic()
        await asyncio.gather(*(worker.start() for worker in self.workers))
        self._killing = None
        return died_at

    # What is left

    async def examine_row(self, name: str) -> list[str]:
        """All that is wrong with a row's own conversations, once they are at rest."""
        own = [customer for customer in self._customers if customer.row == name]
        self._customers = [customer for customer in self._customers if customer.row != name]
        staff = [one for one in self._staff if one.row == name]
        self._staff = [one for one in self._staff if one.row != name]
        found = [str(fault) for fault in await self.examine(own)]
        await asyncio.gather(*(one.close() for one in staff))
        return found

    async def examine_load(self) -> list[str]:
        """All that is newly wrong with the load; what is still to come is waited for later."""
        live = [customer for customer in self.load.live if customer.conversation]
        found = [await self._examination.at_once(customer) for customer in live]
        findings, self.load.findings = self.load.findings, []
        findings += [str(fault) for faults in found for fault in faults]
        new = [finding for finding in findings if finding not in self._told]
        self._told.update(new)
        return new

    async def examine(self, customers: list[Customer]) -> list[Fault]:
        """All that is wrong with customers' conversations once they are at rest; they leave."""
        found = await self._examination.at_rest(customers)
        for name in {customer.conversation for customer in customers}:
            self.model.forget(name)
            self.shop.forget(name)
        await asyncio.gather(*(customer.close() for customer in customers))
        return found

    async def settles(self, conversation: str) -> State:
        """Wait until nobody works on a conversation; its state then, or after a minute."""
        return await self._examination.settles(conversation)

    # How it is set up

    def _configuration(self) -> Json:
        usual: Json = {
            "gateway": {"host": "127.0.0.1", "port": 0, "origins": ["http://127.0.0.1"]},
            "customers": {"secret": SECRET, "anonymous": True},
            "model": {
                "base_url": self.model.url,
                "api_key": "none",
                "name": NAME,
                "timeout_s": MODEL_TIMEOUT_S[self.effort],
            },
            "assistant": {"name": "Ada"},
            "tools_secret": shop.SECRET,
            "tools": self.shop.tools(),
            "monitor": False,
            "data": "./data/",
            "redis": {"url": self.redis.url},
        }
        return self.setting.adjust(usual) if self.setting.adjust else usual

    async def _stop(self) -> None:
        await asyncio.gather(*(customer.close() for customer in self._customers))
        await asyncio.gather(*(staff.close() for staff in self._staff))
        await asyncio.gather(*(process.kill() for process in self.processes))


@asynccontextmanager
async def open_house(setting: Setting, effort: Effort) -> AsyncIterator[House]:
    """Run a house for the block."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handrail-faults-")))
        house = House(setting, effort, folder)
        await house.begin(stack)
        yield house
