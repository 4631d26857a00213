"""The role `gateway`, put together; loads Socket.IO and the pages, which no other role needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from conversation.log import Log
from gateway.app import Parts, application
from handrail.config import Config
from handrail.own_secrets import signing_key

SHUTDOWN_S = 5.0


@asynccontextmanager
async def gateway(config: Config, log: Log, *, port: int) -> AsyncIterator[str]:
    """The gateway, listening for the block; its address."""
    parts = Parts(
        log=log,
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
