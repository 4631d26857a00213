"""Lets the embedded Redis rewrite its append-only file, where the disk has room for both.

Redis would rewrite by itself however full the disk is, fill it with that, and then end of its own
next write.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from conversation.forever import forever
from conversation.store import Store, answering
from handrail import redis_folder

LOOK_EVERY_S = 10.0
WORTH_BYTES = 64 << 20
GROWN = 2
"""How many times as long as after the last rewrite the file must be."""


async def keep_short(url: str, data: Path) -> None:
    """Rewrite the file whenever it has doubled and there is room, until cancelled."""
    store = Store(url)
    try:
        await forever("aof_rewrites", partial(_look, store.reads, data), every_s=LOOK_EVERY_S)
    finally:
        await store.close()


async def _look(redis: Any, data: Path) -> None:
    with answering():
        if await is_due(redis, data):
            await redis.bgrewriteaof()


async def is_due(redis: Any, data: Path) -> bool:
    """Whether the file has grown enough, and the disk has room for it twice."""
    told = await redis.info("persistence")
    length, base = int(told["aof_current_size"]), int(told["aof_base_size"])
    if told["aof_rewrite_in_progress"] or length < max(WORTH_BYTES, GROWN * base):
        return False
    room = await asyncio.to_thread(redis_folder.disk_room, data)
    return room.left_bytes - length >= room.reserve_bytes
