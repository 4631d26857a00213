"""The role `gateway`, put together; loads Socket.IO and the pages, which no other role needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from agent.calls import Caller
from agent.http_tool import HttpTools
from conversation.headroom import Headroom, Probe, Room, What
from conversation.log import Log
from gateway.app import Parts, application
from handoff.judging import Judge
from handoff.lowering import Lowering
from handoff.policy import Policy
from handrail import redis_folder
from handrail.config import Config
from handrail.own_secrets import signing_key

SHUTDOWN_S = 5.0


@asynccontextmanager
async def gateway(config: Config, log: Log, *, port: int) -> AsyncIterator[str]:
    """The gateway, listening for the block; its address."""
    http = HttpTools(config.tools_secret)
    caller = Caller(config.tools, http)
    parts = Parts(
        log=log,
        judge=Judge(Policy(config.tools), caller, log=log, holds=config.holds),
        lowering=Lowering(config.tools),
        headroom=_headroom(config, log),
        gateway=config.gateway,
        customers=config.customers,
        widget=config.widget,
        assistant=config.assistant.name,
        greeting=config.assistant.greeting,
        signing_key=signing_key(config.data),
        interrupt=config.assistant.on_new_message == "interrupt",
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
        await http.close()


def _headroom(config: Config, log: Log) -> Headroom:
    """Memory wherever Redis is; the disk when it is the embedded one, which is here."""
    probes: dict[What, Probe] = {"memory": log.store.memory}
    if log.store.url == redis_folder.url(config.data):

        async def disk() -> Room:
            return await asyncio.to_thread(redis_folder.disk_room, config.data)

        probes = {"disk": disk, **probes}
    return Headroom(probes)
