"""The disk of an embedded Redis runs low, and then out, under customers who write."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

from redis.asyncio import Redis as Client
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bench.faultbench import history
from bench.faultbench.house import PASSWORD, House
from bench.faultbench.people import Customer, Staff
from bench.faultbench.process import Serve
from bench.faultbench.scenario import SHAKEN, Verdict, row
from bench.faultbench.small_disk import SmallDisk, small_disk
from bench.faultbench.writers import WRITERS, Writers, writing
from conversation.log import Log
from conversation.state import State
from conversation.store import Store
from gateway import accounts
from handrail.redis_folder import url as embedded_url

DEATHS = 2
"""Redis dies of the full disk, is started again by its supervisor, and dies of it again."""
DIES_WITHIN_S = 20.0
AT_REST_WITHIN_S = 60.0
LOOK_EVERY_S = 0.05
EMAIL = "kim@bench.test"


class Cellar:
    """All roles in one `handrail serve`, with an embedded Redis on a small disk."""

    def __init__(self, house: House, disk: SmallDisk) -> None:
        self.disk = disk
        self._http = house.http
        self._shop = house.shop
        config = json.loads(house.config.read_text("utf-8"))
        config |= {"data": str(disk.folder), "redis": {"url": None}}
        file = disk.folder.parent / "config.yaml"
        file.write_text(json.dumps(config), "utf-8")
        self._serve = Serve(file, "gateway,agent,desk")
        self._output = file.with_name(f"{self._serve.name}.log")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it for the block."""
        async with AsyncExitStack() as stack:
            await self._serve.start()
            stack.push_async_callback(self._serve.stop)
            self.store = Store(embedded_url(self.disk.folder))
            stack.push_async_callback(self.store.close)
            self.log = Log(self.store)
            await accounts.add(
                self.store.writes, email=EMAIL, name="Kim", role="agent", password=PASSWORD
            )
            yield

    async def customers(self) -> list[Customer]:
        """New customers, connected."""
        made = [Customer(self._serve.url, http=self._http) for _ in range(WRITERS)]
        await asyncio.gather(*(customer.come_back() for customer in made))
        return made

    async def staff(self) -> Staff:
        """Kim at the console."""
        body = {"email": EMAIL, "password": PASSWORD}
        async with self._http.post(f"{self._serve.url}/api/v1/session", json=body) as answer:
            answer.raise_for_status()
            token = (await answer.json())["token"]
        staff = Staff(self._serve.url, http=self._http, token=token)
        await staff.come_back()
        return staff

    @property
    def deaths(self) -> int:
        """How often its Redis has died."""
        return self._output.read_text("utf-8", "replace").count("redis_died")

    async def redis_pid(self) -> int:
        """The process of its Redis."""
        return int((await self.store.reads.info("server"))["process_id"])

    async def write_until_it_dies(self) -> None:
        """Let Redis write, as anybody's command would, until it has ended of it."""
        before = self.deaths
        once = Retry(NoBackoff(), 0)
        async with (
            asyncio.timeout(DIES_WITHIN_S),
            Client.from_url(self.store.url, retry=once) as client,
        ):
            while self.deaths == before:
                try:
                    await client.set("bench:filling", bytes(50_000))
                except (RedisError, OSError):
                    await asyncio.sleep(LOOK_EVERY_S)

    async def faults(self, customer: Customer) -> list[str]:
        """What is wrong with a customer's conversation, once nobody works on it."""
        name = customer.conversation
        head, log = await self._at_rest(name), await self.log.read(name)
        folded = await self.log.rebuild(name)
        effects = self._shop.effects(name)
        whole = history.History(name, log, head, folded, [customer.record], effects)
        return [str(fault) for fault in history.faults(whole)]

    async def _at_rest(self, conversation: str) -> State:
        async with asyncio.timeout(AT_REST_WITHIN_S):
            while True:
                head = await self.log.head(conversation)
                if head.turn is None:
                    return head
                await asyncio.sleep(LOOK_EVERY_S)


@row(
    "disk full: words are refused before Redis dies of it, nothing acknowledged is lost",
    full=10,
    setting=SHAKEN,
)
async def disk_full(house: House, _times: int) -> Verdict:
    """Fill the disk up to the reserve, then all of it, and empty it again."""
    folder = house.folder / uuid4().hex[:8]
    folder.mkdir()
    with small_disk(folder / "disk") as disk:
        cellar = Cellar(house, disk)
        async with cellar.running():
            return await _fill_and_empty(cellar)


async def _fill_and_empty(cellar: Cellar) -> Verdict:
    kim = await cellar.staff()
    customers = await cellar.customers()
    findings: list[str] = []
    async with writing(customers) as writers:
        if cellar.disk.can_run_low:
            findings += await _runs_low(cellar, kim, writers)
        cellar.disk.run_out(await cellar.redis_pid())
        for _ in range(DEATHS if cellar.disk.can_run_low else 1):
            await cellar.write_until_it_dies()
        cellar.disk.empty()
        if cellar.disk.can_run_low:
            await kim.notice("disk_low", "info")
        after_s = await writers.taken_again()
    findings += writers.findings
    for customer in customers:
        findings += await cellar.faults(customer)
    await asyncio.gather(kim.close(), *(customer.close() for customer in customers))
    return Verdict(1, findings, {"taken again after s": [after_s]})


async def _runs_low(cellar: Cellar, kim: Staff, writers: Writers) -> list[str]:
    """Words are refused and staff are told while Redis still runs."""
    before = cellar.deaths
    cellar.disk.run_low()
    await kim.notice("disk_low", "error")
    refused = await writers.customers[0].ask("say", id=str(uuid4()), text="chat 1")
    findings = []
    if refused.get("error", {}).get("code") != "unavailable":
        findings.append("words were taken when the disk was nearly full")
    if cellar.deaths != before:
        findings.append("Redis died before anybody was refused")
    return findings
