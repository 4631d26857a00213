"""Puts the parts together: the roles of one process, on one Redis.

Packages that need another's ability are handed it here. A role's parts are loaded only where it
runs: the model client alone takes a second, and a gateway that restarts has customers waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

from conversation.counters import ADD_EVERY_S
from conversation.errors import Unavailable
from conversation.forever import forever
from conversation.log import Clock, Log, now_ms
from conversation.store import Store
from handrail.config import Config
from handrail.problems import CannotRun

Run = Callable[[], Awaitable[None]]


async def serve(
    config: Config,
    *,
    roles: Collection[str],
    redis_url: str,
    port: int,
    ready: Callable[[str | None], None],
    hurry: asyncio.Event,
) -> None:
    """Run the roles until cancelled, then let what they have begun end, unless in a hurry.

    `ready` is told the gateway's address, if it is among them.
    """
    async with AsyncExitStack() as stack:
        url, tasks = await stack.enter_async_context(
            running(config, roles=roles, redis_url=redis_url, port=port, hurry=hurry)
        )
        ready(url)
        await asyncio.gather(*map(asyncio.shield, tasks))  # cancelled later, one after the other


@asynccontextmanager
async def running(
    config: Config,
    *,
    roles: Collection[str],
    redis_url: str,
    port: int = 0,
    clock: Clock = now_ms,
    hurry: asyncio.Event | None = None,
) -> AsyncIterator[tuple[str | None, list[asyncio.Task[None]]]]:
    """The roles at work: the gateway's address and the tasks that never end by themselves.

    The gateway comes last and goes first: nobody is let in to a house that is not at work. Then the
    worker ends what it has begun, until `hurry` is set; without it that is given back at once.
    """
    async with AsyncExitStack() as stack:
        store = Store(redis_url, shards=config.redis.shards)
        stack.push_async_callback(store.close)
        if (pinned := await store.pin_shards()) != config.redis.shards:
            message = (
                f"redis.shards is {config.redis.shards}, but this Redis was begun with {pinned}:"
                " conversations would not be found"
            )
            raise CannotRun(message)
        log = Log(store, clock=clock)
        stack.push_async_callback(_add_last, log)
        drains: list[Callable[[asyncio.Event], Awaitable[None]]] = []
        runs: list[Run] = [partial(forever, "counters", log.counters.flush, every_s=ADD_EVERY_S)]
        if "desk" in roles:
            from handoff.desk import Desk  # noqa: PLC0415 - of this role only

            runs.append(Desk(log, holds=config.holds).run)
        if "agent" in roles:
            from handrail.assistant import worker  # noqa: PLC0415 - of this role only

            at_work = await stack.enter_async_context(worker(config, log))
            runs.append(at_work.run)
            drains.append(at_work.drain)
        tasks = await stack.enter_async_context(_at_work(runs))
        if hurry is not None:
            for drain in drains:
                stack.push_async_callback(drain, hurry)
        url = None
        if "gateway" in roles:
            from handrail.edge import gateway  # noqa: PLC0415 - of this role only

            url = await stack.enter_async_context(gateway(config, log, port=port))
        yield url, tasks


async def _add_last(log: Log) -> None:
    """Add what was counted since the last time, if Redis still answers."""
    with suppress(Unavailable):
        await log.counters.flush()


@asynccontextmanager
async def _at_work(runs: Sequence[Run]) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.ensure_future(run()) for run in runs]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
