"""`handrail up`: everything on one machine, supervised, ended together and in order."""

import asyncio
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from conversation.store import Store
from handrail import ready_file, welcome
from handrail.child import Child
from handrail.config import Config, data_folder, load
from handrail.demo_plan import DemoPlan, plan_demo
from handrail.embedded_redis import EmbeddedRedis
from handrail.own_secrets import make_secrets, with_own_secrets
from handrail.problems import CannotRun

ROLES = ("desk", "agent", "gateway")
"""They end the other way round: first nobody new is let in."""
GATEWAY = "the gateway (gateway.port)"


async def up(file: Path, *, hurry: asyncio.Event) -> None:
    """Run everything until cancelled, then end it in order, at once when `hurry` is set.

    Raises CannotRun.
    """
    config, environ = await asyncio.to_thread(_prepare, file)
    demo = plan_demo(config)
    _check_ports(config, demo)
    async with AsyncExitStack() as stack:
        redis_url, settings = config.redis.url, demo.settings()
        if redis_url is None:
            embedded = await stack.enter_async_context(EmbeddedRedis(config.data))
            redis_url = embedded.url
            settings = {**settings, "redis.url": redis_url}
        children = [
            _server(role, file, environ=environ, settings=settings, config=config) for role in ROLES
        ]
        if demo.runs:
            children.insert(0, _demo(demo, config, environ))
        await stack.enter_async_context(_running(children, hurry))
        await _welcome(children[-1], config, demo=demo, redis_url=redis_url)
        await asyncio.Event().wait()


def _prepare(file: Path) -> tuple[Config, Mapping[str, str]]:
    data = data_folder(file)
    (data / "run").mkdir(parents=True, exist_ok=True)
    make_secrets(data)
    environ = with_own_secrets(os.environ, data)
    return load(file, environ=environ), environ


def _check_ports(config: Config, demo: DemoPlan) -> None:
    """Find a port that is in use before anything starts; raises CannotRun naming it."""
    needed = {GATEWAY: config.gateway.port, **demo.ports()}
    for name, port in needed.items():
        host = config.gateway.host if name == GATEWAY else "127.0.0.1"
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                taken = error.errno == errno.EADDRINUSE
                reason = "is in use" if taken else f"cannot be had ({error.strerror})"
                message = f"port {port} of {host} {reason}, and {name} needs it"
                raise CannotRun(message) from error


@asynccontextmanager
async def _running(children: Sequence[Child], hurry: asyncio.Event) -> AsyncIterator[None]:
    """Start the children side by side, keep them running for the block, end the last one first.

    Each ends before the next is told to: the gateway tells its clients to come back, the worker
    lets replies end, and the desk and Redis are there as long as either needs them.
    """
    supervision: list[asyncio.Task[None]] = []
    try:
        try:
            async with asyncio.TaskGroup() as starting:
                for child in children:
                    starting.create_task(child.start())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        supervision = [asyncio.create_task(child.keep_running()) for child in children]
        yield
    finally:
        for task in supervision:
            task.cancel()
        await asyncio.gather(*supervision, return_exceptions=True)
        hurrying = asyncio.create_task(_hurry(children, hurry))
        for child in reversed(children):
            await child.end()
        hurrying.cancel()


async def _hurry(children: Sequence[Child], hurry: asyncio.Event) -> None:
    await hurry.wait()
    for child in children:
        child.hurry()


def _demo(demo: DemoPlan, config: Config, environ: Mapping[str, str]) -> Child:
    ports = config.data / "run" / "demo.json"
    secrets = {
        "HANDRAIL_CUSTOMER_SECRET": config.customers.secret or "",
        "HANDRAIL_TOOLS_SECRET": config.tools_secret or "",
    }
    return Child(
        name="demo",
        arguments=[
            *(sys.executable, "-m", "demo", "--until-stdin-closes", "--port-file", str(ports)),
            *("--data", str(config.data / "demo"), *demo.arguments()),
        ],
        environ={**environ, **secrets},
        ready=ports,
    )


def _server(
    role: str,
    file: Path,
    *,
    environ: Mapping[str, str],
    settings: Mapping[str, str],
    config: Config,
) -> Child:
    ready = config.data / "run" / f"{role}.json"
    sets = [part for key, text in settings.items() for part in ("--set", f"{key}={text}")]
    return Child(
        name=role,
        arguments=[
            *(sys.executable, "-m", "handrail", "serve", "--until-stdin-closes"),
            *("--config", str(file), "--roles", role, "--ready-file", str(ready), *sets),
        ],
        environ=environ,
        ready=ready,
    )


async def _welcome(gateway: Child, config: Config, *, demo: DemoPlan, redis_url: str) -> None:
    url = ready_file.url_in(gateway.ready) or ""
    store = Store(redis_url)
    try:
        if demo.runs:
            await welcome.seed_staff(store)
        links = await welcome.sign_in_links(store, url)
    finally:
        await store.close()
    model = (
        "demo model; set OPENAI_API_KEY to use a real one" if demo.stands_in else config.model.name
    )
    welcome.show(url, links=links, shop=demo.runs, model=model, data=config.data)
