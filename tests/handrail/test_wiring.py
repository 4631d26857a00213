"""The roles of one process."""

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from tests.redis_server import RedisServer

LIBRARIES = {"openai", "socketio"}
SHOW_LOADED = """\
import asyncio, sys
from pathlib import Path
from handrail.config import load
from handrail.wiring import running

async def show() -> None:
    config = load(Path(sys.argv[1]), environ={})
    async with running(config, roles=sys.argv[3].split(","), redis_url=sys.argv[2]):
        print(*sys.modules)

asyncio.run(show())
"""


@pytest.mark.parametrize(
    ("roles", "needed"),
    [
        ("gateway", {"socketio"}),
        ("agent", {"openai"}),
        ("desk", set()),
        ("gateway,agent,desk", LIBRARIES),
    ],
)
async def test_a_process_loads_what_its_roles_need(
    tmp_path: Path, redis_server: RedisServer, roles: str, needed: set[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("customers: {anonymous: true}\nmodel: {name: m, api_key: k}\n")
    process = await create_subprocess_exec(
        *(sys.executable, "-c", SHOW_LOADED, str(file), redis_server.url, roles), stdout=PIPE
    )

    out, _ = await process.communicate()

    assert process.returncode == 0
    assert LIBRARIES & set(out.decode().split()) == needed
