"""What the staff are told of the house itself: that something is wrong, and that it is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

import structlog
from msgspec import Struct

from conversation.events import iso
from conversation.log import Clock

log_line = structlog.get_logger(__name__)

NoticeCode = Literal[
    "redis_unreachable", "disk_low", "memory_low", "no_worker", "no_desk", "jobs_reclaimed",
    "job_parked", "job_stuck", "outcome_left",
]  # fmt: skip
Level = Literal["info", "warning", "error"]


class Notice(Struct, frozen=True):
    """One notice; a later one of the same code replaces it, at level `info` it is over.

    `text` is a sentence for whoever reads it, without personal data; `at` is ISO 8601.
    """

    code: NoticeCode
    level: Level
    text: str
    at: str


Tell = Callable[[Notice], Awaitable[None]]


class Notices:
    """What is wrong now, as one gateway process sees it; each change is told and logged once."""

    def __init__(self, tell: Tell, *, clock: Clock) -> None:
        self._tell = tell
        self._clock = clock
        self._standing: dict[NoticeCode, tuple[int, Notice]] = {}

    @property
    def standing(self) -> list[Notice]:
        """What is wrong and not over, oldest first."""
        return [notice for _, notice in self._standing.values()]

    async def begin(self, code: NoticeCode, level: Level, text: str) -> None:
        """Tell that something is wrong, unless it is known."""
        if code not in self._standing:
            now = self._clock()
            self._standing[code] = now, Notice(code, level, text, iso(now))
            await self._say(self._standing[code][1])

    async def end(self, code: NoticeCode, text: str) -> None:
        """Tell that it is over and for how long it was so, if it was known."""
        if (begun := self._standing.pop(code, None)) is not None:
            now = self._clock()
            lasted = f"{text} It lasted {max(1, round((now - begun[0]) / 1000))} s."
            await self._say(Notice(code, "info", lasted, iso(now)))

    async def once(self, code: NoticeCode, level: Level, text: str) -> None:
        """Tell what happened and has no end."""
        await self._say(Notice(code, level, text, iso(self._clock())))

    async def _say(self, notice: Notice) -> None:
        log_line.warning("notice", code=notice.code, notice=notice.level)
        await self._tell(notice)
