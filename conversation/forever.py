"""Work that goes on for as long as its process: a failure is told and tried again, never silent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog

from conversation.errors import Unavailable

log_line = structlog.get_logger(__name__)

RETRY_S = 0.5


async def forever(
    what: str, work: Callable[[], Awaitable[None]], *, every_s: float = 0
) -> NoReturn:
    """Do a piece of work again and again until cancelled, with `every_s` between two."""
    while True:
        pause_s = every_s
        try:
            await work()
        except Unavailable:
            log_line.warning("forever.unavailable", what=what)
            pause_s = max(every_s, RETRY_S)
        except Exception:
            log_line.exception("forever.failed", what=what)
            pause_s = max(every_s, RETRY_S)
        await asyncio.sleep(pause_s)
