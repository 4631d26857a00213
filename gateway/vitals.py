"""Looks after the house: Redis, the room it has, the work and the line; tells the staff by notices.

Every gateway process looks for itself and tells its own consoles. All of it is derived from what
stands in Redis; a process that has died need not have said anything.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from conversation.errors import Unavailable
from conversation.forever import forever
from conversation.headroom import LOOK_EVERY_S, Headroom, What
from conversation.log import Log
from conversation.state import LINE
from gateway.notices import NoticeCode, Notices
from gateway.workload import Workload

REDIS_WITHIN_S = 2.0
"""How long Redis may take to answer before it counts as unreachable."""
WORK_EVERY_S = 3.0
STILL_MS = 10_000
"""How long work may stand still, or the line may be wrong, before it is told."""
RECLAIMED_OFTEN = 5
OF_LATE_MS = 300_000

LOW: dict[What, tuple[NoticeCode, str, str]] = {
    "disk": (
        "disk_low",
        "The disk of the conversations is almost full. Messages are not taken until there is room.",
        "The disk of the conversations has room again.",
    ),
    "memory": (
        "memory_low",
        "Redis is almost out of memory. Messages are not taken until there is room.",
        "Redis has room in its memory again.",
    ),
}


class Vitals:
    """The vital signs as one gateway process sees them; `outages` counts when Redis was gone."""

    def __init__(
        self, log: Log, headroom: Headroom, notices: Notices, *, loads: Callable[[], Counter[str]]
    ) -> None:
        self._log = log
        self._headroom = headroom
        self._notices = notices
        self._loads = loads
        self._since: dict[NoticeCode, int] = {}
        self._claimed: dict[int, str] = {}
        self._counts: deque[tuple[int, Counter[str]]] = deque()
        self._tasks: list[asyncio.Task[None]] = []
        self.reachable = True
        self.outages = 0

    async def __aenter__(self) -> Self:
        with suppress(Unavailable):
            await self.look()
        look = forever("vitals", self.look, every_s=LOOK_EVERY_S)
        work = forever("vitals.work", self.look_at_work, every_s=WORK_EVERY_S)
        self._tasks = [asyncio.create_task(look), asyncio.create_task(work)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def look(self) -> None:
        """Look whether Redis answers, and whether there is room."""
        try:
            async with asyncio.timeout(REDIS_WITHIN_S):
                await self._headroom.look()
        except (Unavailable, TimeoutError):
            await self._gone()
        else:
            self.reachable = True
            await self._notices.end("redis_unreachable", "Redis answers again.")
        for what, (code, low, over) in LOW.items():
            if what in self._headroom.low:
                await self._notices.begin(code, "error", low)
            else:
                await self._notices.end(code, over)

    async def _gone(self) -> None:
        if self.reachable:
            self.reachable = False
            self.outages += 1
        text = "Redis does not answer. Messages are not taken until it does."
        await self._notices.begin("redis_unreachable", "error", text)

    async def look_at_work(self) -> None:
        """Look whether work is taken, the line kept, and how much broke off."""
        now = await Workload.read(self._log)
        claimed = {k: jobs.claimed for k, jobs in enumerate(now.jobs)}
        known, self._claimed = self._claimed, claimed
        still = [
            k for k, jobs in enumerate(now.jobs) if jobs.waiting and known.get(k) == jobs.claimed
        ]
        await self._tell(
            "no_worker",
            bool(still),
            text="Customers wait for the assistant and no worker takes the work.",
            over="The assistant's work is taken again.",
        )
        await self._tell(
            "no_desk",
            now.overdue > 0 or now.line != self._loads()[LINE],
            text="The line is not kept and timers do not run: no desk is at work.",
            over="The line is kept and timers run again.",
        )
        await self._look_at_counts(now.counts)

    async def _tell(self, code: NoticeCode, wrong: bool, *, text: str, over: str) -> None:
        """Tell what has been wrong for a while, and when it is over."""
        now = self._log.clock()
        if not wrong:
            self._since.pop(code, None)
            await self._notices.end(code, over)
        elif now - self._since.setdefault(code, now) >= STILL_MS:
            await self._notices.begin(code, "error", text)

    async def _look_at_counts(self, counts: Counter[str]) -> None:
        """Tell what broke off of late, and what was parked since the last look."""
        now = self._log.clock()
        before = self._counts[-1][1] if self._counts else counts
        self._counts.append((now, counts))
        while self._counts[0][0] < now - OF_LATE_MS:
            self._counts.popleft()
        of_late = counts - self._counts[0][1]
        if counts["jobs_parked"] > before["jobs_parked"]:
            text = "Work on an answer broke off again and again; the customer waits in the line."
            await self._notices.once("job_parked", "warning", text)
        if counts["outcomes_left"] > before["outcomes_left"]:
            text = "No tool can tell whether an action happened; a supervisor must settle it."
            await self._notices.once("outcome_left", "warning", text)
        if of_late["jobs_stuck"]:
            text = "A conversation's work is stuck and cannot be handed over: its log is damaged."
            await self._notices.begin("job_stuck", "error", text)
        else:
            await self._notices.end("job_stuck", "No work is stuck.")
        if of_late["jobs_reclaimed"] >= RECLAIMED_OFTEN:
            text = "Work on answers keeps breaking off and is begun again by other workers."
            await self._notices.begin("jobs_reclaimed", "warning", text)
        else:
            await self._notices.end("jobs_reclaimed", "Work does not break off any more.")
