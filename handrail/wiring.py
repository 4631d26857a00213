"""Puts the parts together: the roles of one process, on one Redis.

The only place that knows every package. Packages that need another's ability are handed it here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web
from handoff.monitor import Monitor

from agent.calls import Caller
from agent.execution import Execution
from agent.http_tool import HttpTools
from agent.judging import Judge
from agent.model import Model
from agent.prompt import instructions
from agent.turn import Work
from agent.worker import Worker
from conversation import events as ev
from conversation.log import Clock, Log, now_ms
from conversation.store import Store
from gateway.app import Parts, application
from handoff.desk import Desk
from handoff.policy import Policy
from handrail.config import Config
from handrail.own_secrets import signing_key

SHUTDOWN_S = 5.0


async def serve(
    config: Config,
    *,
    roles: Collection[str],
    redis_url: str,
    port: int,
    ready: Callable[[str | None], None],
) -> None:
    """Run the roles until cancelled; `ready` is told the gateway's address, if it is among them."""
    async with AsyncExitStack() as stack:
        url, tasks = await stack.enter_async_context(
            running(config, roles=roles, redis_url=redis_url, port=port)
        )
        ready(url)
        await asyncio.gather(*tasks, asyncio.Event().wait())


@asynccontextmanager
async def running(
    config: Config,
    *,
    roles: Collection[str],
    redis_url: str,
    port: int = 0,
    clock: Clock = now_ms,
) -> AsyncIterator[tuple[str | None, list[asyncio.Task[None]]]]:
    """The roles at work: the gateway's address and the tasks that never end by themselves."""
    async with AsyncExitStack() as stack:
        store = Store(redis_url, shards=config.redis.shards)
        stack.push_async_callback(store.close)
        log = Log(store, clock=clock)
        url = None
        if "gateway" in roles:
            url = await stack.enter_async_context(_gateway(config, log, port))
        tasks: list[asyncio.Task[None]] = []
        if "agent" in roles:
            worker = await stack.enter_async_context(_worker(config, log))
            tasks.append(asyncio.create_task(worker.run()))
        if "desk" in roles:
            tasks.append(asyncio.create_task(Desk(log).run()))
        try:
            yield url, tasks
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _gateway(config: Config, log: Log, port: int) -> AsyncIterator[str]:
    parts = Parts(
        log=log,
        gateway=config.gateway,
        customers=config.customers,
        widget=config.widget,
        assistant=config.assistant.name,
        greeting=config.assistant.greeting,
        signing_key=signing_key(config.data),
    )
    runner = web.AppRunner(application(parts), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, config.gateway.host, port)
        await site.start()
        host, bound = runner.addresses[0][:2]
        yield f"http://{host}:{bound}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _worker(config: Config, log: Log) -> AsyncIterator[Worker]:
    model = Model(config.model)
    http = HttpTools(config.tools_secret)
    caller = Caller(config.tools, http)
    policy = Policy(config.tools)
    judge = Judge(policy, caller)
    assistant = config.assistant
    work = Work(
        log=log,
        model=model,
        policy=policy,
        caller=caller,
        judge=judge,
        monitor=None if config.monitor is None else Monitor(config.monitor),
        assistant=ev.By("assistant", name=assistant.name),
        system=instructions(assistant.name, assistant.instructions),
        steps_per_turn=config.limits.steps_per_turn,
    )
    try:
        yield Worker(log.store, work, Execution(log=log, judge=judge, caller=caller))
    finally:
        await model.close()
        await http.close()
