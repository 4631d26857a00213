"""One process with the shop and the stand-in model, until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from aiohttp import web

from demo import model, shop

HOST = "127.0.0.1"
SHUTDOWN_S = 2
STAND_IN_NOTICE = (
    "Demo model: rules and retrieval, no language model. Set OPENAI_API_KEY (and OPENAI_BASE_URL),"
    " then restart, to connect a real one."
)
SHOP_NOTICE = "Demo shop: nothing here is for sale, and no money moves."


@dataclass(frozen=True, kw_only=True)
class Demo:
    """How the demo runs; port 0 takes a free one, and without a `model_port` only the shop runs."""

    port_file: Path
    data: Path
    shop_port: int
    model_port: int | None
    tokens_per_s: float
    until_stdin_closes: bool
    customer_secret: str | None
    tools_secret: str | None


async def serve(demo: Demo) -> None:
    """Serve until SIGTERM, SIGINT or the end of stdin; raises OSError when a port is taken."""
    async with AsyncExitStack() as stack:
        with_model = demo.model_port is not None
        shop_app = shop.app(
            data=demo.data,
            customer_secret=demo.customer_secret,
            tools_secret=demo.tools_secret,
            notice=STAND_IN_NOTICE if with_model else SHOP_NOTICE,
        )
        urls: dict[str, str | None] = {
            "shop": await stack.enter_async_context(_site(shop_app, demo.shop_port)),
            "model": None,
        }
        if demo.model_port is not None:
            model_app = model.app(pace=model.Pace(demo.tokens_per_s))
            url = await stack.enter_async_context(_site(model_app, demo.model_port))
            urls["model"] = f"{url}/v1"
        stop = _stop(demo)
        _announce(demo.port_file, urls)
        await stop.wait()


@asynccontextmanager
async def _site(app: web.Application, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _stop(demo: Demo) -> asyncio.Event:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if demo.until_stdin_closes:
        # A thread, because stdin may be anything: only pipes can be watched by the loop.
        threading.Thread(target=_drain_stdin, args=(loop, stop), daemon=True).start()
    return stop


def _drain_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop is closed: we are ending already
        loop.call_soon_threadsafe(stop.set)


def _announce(port_file: Path, urls: dict[str, str | None]) -> None:
    ready = msgspec.json.encode({**urls, "pid": os.getpid()})
    unfinished = port_file.with_suffix(".part")
    unfinished.write_bytes(ready)
    unfinished.replace(port_file)
    sys.stdout.write(f"shop {urls['shop']}, model {urls['model'] or 'not run'}\n")
    sys.stdout.flush()
