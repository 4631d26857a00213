"""The demo as a process: it says where it listens, resumes, and ends when it should."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20


@asynccontextmanager
async def running(folder: Path, *options: str, **environ: str) -> AsyncIterator[Process]:
    """Run `python -m demo` on free ports until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo", "--port-file", str(folder / "ports.json")),
        *("--data", str(folder / "data"), "--shop-port", "0", "--model-port", "0", *options),
        cwd=ROOT,
        env={**os.environ, "HANDRAIL_CUSTOMER_SECRET": "", "HANDRAIL_TOOLS_SECRET": "", **environ},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ports(folder: Path, process: Process) -> dict[str, Any]:
    """The port file, which is there when the process says where it listens."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        said = (await process.stdout.readline()).decode()
    found: dict[str, Any] = json.loads((folder / "ports.json").read_text())
    assert found["shop"] in said
    return found


async def ended(process: Process) -> int:
    async with asyncio.timeout(PATIENCE_S):
        return await process.wait()


async def test_it_says_where_the_shop_and_the_model_listen(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async with running(tmp_path) as process:
        found = await ports(tmp_path, process)

        assert found["pid"] == process.pid
        async with session.get(found["shop"]) as answer:
            assert "Demo model: rules and retrieval" in await answer.text()
        async with session.get(f"{found['model']}/models") as answer:
            assert (await answer.json())["data"][0]["id"] == "handrail-demo"


async def test_without_the_model_the_page_does_not_speak_of_one(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async with running(tmp_path, "--without-model") as process:
        found = await ports(tmp_path, process)

        assert found["model"] is None
        async with session.get(found["shop"]) as answer:
            assert "Demo model" not in await answer.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    async with running(tmp_path) as process:
        await ports(tmp_path, process)
        process.send_signal(number)

        assert await ended(process) == 0


async def test_it_ends_when_its_parent_lets_go_of_stdin(tmp_path: Path) -> None:
    async with running(tmp_path, "--until-stdin-closes") as process:
        await ports(tmp_path, process)
        assert process.stdin is not None
        process.stdin.close()

        assert await ended(process) == 0


async def test_secrets_come_from_the_environment(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    secrets = {"HANDRAIL_CUSTOMER_SECRET": "c" * 32, "HANDRAIL_TOOLS_SECRET": "t"}
    async with running(tmp_path, **secrets) as process:
        shop = (await ports(tmp_path, process))["shop"]

        async with session.get(f"{shop}/demo/token?customer=jonas") as answer:
            assert answer.status == 200
        body: dict[str, Any] = {"arguments": {}}
        async with session.post(f"{shop}/tools/find_orders", json=body) as answer:
            assert answer.status == 401


async def test_what_was_paid_is_kept_when_it_is_killed(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    body = {"arguments": {"order_id": "TF-20871", "amount": 180}}
    headers = {"X-Customer-Id": "jonas", "Idempotency-Key": "k1"}
    async with AsyncExitStack() as stack:
        for _ in range(2):
            process = await stack.enter_async_context(running(tmp_path))
            shop = (await ports(tmp_path, process))["shop"]
            url = f"{shop}/tools/issue_refund"
            async with session.post(url, json=body, headers=headers) as answer:
                assert (answer.status, (await answer.json())["refund"]) == (200, "rf_k1")
            async with session.get(f"{shop}/ledger") as answer:
                assert len((await answer.json())["effects"]) == 1
            process.kill()
            await process.wait()


async def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    async with running(tmp_path) as first:
        port = (await ports(tmp_path, first))["shop"].rpartition(":")[2]
        async with running(tmp_path / "other", "--shop-port", port) as second:
            assert await ended(second) == 1
            assert second.stderr is not None
            assert port in (await second.stderr.read()).decode()
