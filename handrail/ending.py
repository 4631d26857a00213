"""When a process should end: on a signal, or when the pipe on its standard input closes."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Coroutine
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STDIN = 0


async def until_told(
    work: Coroutine[Any, Any, None], *, hurry: asyncio.Event, stdin: bool = False
) -> None:
    """Do the work until it is done or the process is told to end, then let it clean up.

    Being told again sets `hurry`: it need not wait any more for what is under way, and still
    cleans up. What the work raises is raised.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    told = False

    def tell() -> None:
        nonlocal told
        if told:
            hurry.set()
            return
        told = True
        task.cancel()

    def read_stdin() -> None:
        if not os.read(STDIN, 4096):
            loop.remove_reader(STDIN)
            tell()

    for number in SIGNALS:
        loop.add_signal_handler(number, tell)
    if stdin:
        loop.add_reader(STDIN, read_stdin)
    with contextlib.suppress(asyncio.CancelledError):
        await task
