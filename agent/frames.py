"""Shows a reply while it is written: the first words at once, then a frame every 50 ms.

All replies of a process show at the same moments, so that their frames travel together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from agent.gate import FalsePromise
from agent.model_error import ModelError

FRAME_S = 0.05

Show = Callable[[str], Awaitable[int]]


class Frames:
    """Gathers pieces of text and shows them in frames; `write` raises what showing raised.

    The first words are always shown; what is unshown beyond them when the context ends is left
    out, since the log's text follows at once. When the model breaks off, or is cut for a claim, it
    is shown as well: what was shown is all that can be kept.
    """

    def __init__(self, show: Show) -> None:
        self._show = show
        self._now = asyncio.get_running_loop().time
        self._text = ""
        self._more = asyncio.Event()
        self._ended = False
        self._showing = False
        self._shown = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(_looked_at)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._ended = True
        if not self._showing:
            self._task.cancel()
        await asyncio.wait([self._task])
        failure = None if self._task.cancelled() else self._task.exception()
        broke_off = isinstance(error, ModelError | FalsePromise)
        if error is not None and not broke_off:
            return
        if failure is not None:
            raise failure
        if self._text and (broke_off or not self._shown):
            await self._show(self._text)

    def write(self, text: str) -> None:
        """Add a piece."""
        assert self._task is not None
        if self._task.done():
            self._task.result()
        if text:
            self._text += text
            self._more.set()

    async def _run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            text, self._text = self._text, ""
            self._showing = True
            await self._show(text)
            self._showing, self._shown = False, True
            if self._ended:
                return
            await asyncio.sleep(FRAME_S - self._now() % FRAME_S)


def _looked_at(shown: asyncio.Task[None]) -> None:
    """A frame that was refused after everybody left is no news."""
    if not shown.cancelled():
        shown.exception()
