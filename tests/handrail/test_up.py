"""`handrail up`: one command that runs everything, and leaves nothing behind."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis

from agent.worker import DRAIN_S
from handrail.redis_folder import socket_path
from tests.doubles.model import Action, Finish, ModelDouble, Text, Wait, model_double
from tests.gateway.people import Customer
from tests.handrail.test_embedded_redis import gone, server_pid

CONFIG = """\
customers: {secret: "${HANDRAIL_CUSTOMER_SECRET}"}
model: {name: m, base_url: "http://127.0.0.1:1/v1"}
gateway: {port: 0}
"""
ROLES = ("desk", "agent", "gateway")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    return file


@asynccontextmanager
async def started(file: Path) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "handrail", "up", "--config", str(file)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def line_with(process: Process, text: str) -> str:
    """The next line that has a text in it; fails when the process ends first."""
    assert process.stdout is not None
    seen = []
    async with asyncio.timeout(30):
        async for line in process.stdout:
            seen.append(line.decode())
            if text in seen[-1]:
                return seen[-1]
    raise AssertionError("".join(seen))


async def running(process: Process) -> None:
    await line_with(process, "handrail is running")


async def pids(data: Path) -> list[int]:
    said = [json.loads((data / "run" / f"{role}.json").read_text())["pid"] for role in ROLES]
    async with Redis.from_url(f"unix://{socket_path(data)}") as redis:
        return [*said, await server_pid(redis)]


def gateway_url(data: Path) -> str:
    return str(json.loads((data / "run" / "gateway.json").read_text())["url"])


async def test_the_gateway_answers_once_it_says_so(file: Path) -> None:
    async with started(file) as process, aiohttp.ClientSession() as session:
        await running(process)
        async with session.get(f"{gateway_url(file.parent / 'data')}/healthz") as answer:
            assert answer.status == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
async def test_nothing_is_left_however_it_ends(file: Path, number: signal.Signals) -> None:
    async with started(file) as process:
        await running(process)
        children = await pids(file.parent / "data")

        process.send_signal(number)
        await process.wait()

    for pid in children:
        await gone(pid)


async def test_it_ends_in_order_and_without_complaint(file: Path) -> None:
    async with started(file) as process:
        await running(process)
        process.send_signal(signal.SIGINT)
        out, _ = await process.communicate()

    assert process.returncode == 0
    assert b"Traceback" not in out
    assert out.splitlines()[-1].endswith(b"event=redis_ended")


def answering(model: ModelDouble) -> str:
    """A configuration for anonymous customers whom this model answers."""
    config = CONFIG.replace("http://127.0.0.1:1/v1", model.base_url)
    return config.replace('SECRET}"}', 'SECRET}", anonymous: true}')


async def test_a_reply_that_is_being_written_ends_before_its_worker_does(file: Path) -> None:
    gate = Wait()
    script: list[Action] = [Text("Hal"), gate, Text("lo."), Finish()]
    async with model_double(lambda _body, _headers: script) as model:
        file.write_text(answering(model))
        async with started(file) as process:
            await running(process)
            customer = Customer(gateway_url(file.parent / "data"))
            await customer.connect({})
            resume = (await customer.say("Hi"))["resume"]
            await customer.until(lambda: customer.of("delta"))
            process.send_signal(signal.SIGINT)
            await customer.until(lambda: customer.gone)
            await line_with(process, "event=worker.draining")
            gate.until.set()
            assert await process.wait() == 0
        async with started(file) as process:
            await running(process)
            again = Customer(gateway_url(file.parent / "data"))
            await again.connect({"resume": resume, "after": 0})
            await again.event("assistant_said", text="Hallo.")
            await again.leave()

    assert customer.of("going_away")
    assert len(model.requests) == 1


async def test_told_twice_it_does_not_wait_for_a_reply(file: Path) -> None:
    async with model_double(lambda _body, _headers: [Text("Hal"), Wait()]) as model:
        file.write_text(answering(model))
        async with started(file) as process:
            await running(process)
            customer = Customer(gateway_url(file.parent / "data"))
            await customer.connect({})
            await customer.say("Hi")
            await customer.until(lambda: customer.of("delta"))
            process.send_signal(signal.SIGINT)
            await line_with(process, "event=worker.draining")
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(DRAIN_S / 2):
                out, _ = await process.communicate()

    assert process.returncode == 0
    assert b"event=jobs.given_back" in out
    assert b"Traceback" not in out


async def test_a_second_start_resumes_the_same_data(file: Path) -> None:
    url = f"unix://{socket_path(file.parent / 'data')}"
    async with started(file) as process:
        await running(process)
        async with Redis.from_url(url) as redis:
            await redis.set("said", "before")
    async with started(file) as process:
        await running(process)
        async with Redis.from_url(url) as redis:
            assert await redis.get("said") == b"before"


async def test_a_killed_role_comes_back(file: Path) -> None:
    async with started(file) as process:
        await running(process)
        agent = (await pids(file.parent / "data"))[1]

        os.kill(agent, signal.SIGKILL)
        await line_with(process, "event=child_died child=agent status=-9")

        await line_with(process, "event=ready roles=agent")


async def test_a_second_one_on_the_same_folder_is_refused(file: Path) -> None:
    async with started(file) as process:
        await running(process)
        async with started(file) as second:
            await line_with(second, "another handrail runs on")
            assert await second.wait() == 1


async def test_a_port_in_use_is_named(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file.write_text(CONFIG.replace("port: 0", f"port: {port}"))
        async with started(file) as process:
            await line_with(process, f"port {port} of 127.0.0.1 is in use, and the gateway")
            assert await process.wait() == 1
