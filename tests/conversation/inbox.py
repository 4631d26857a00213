"""A watcher's end of the feed, for tests: what was delivered, and a way to wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from conversation.events import Event
from conversation.feed import Delivery, Frame, Said, Signal, Snapshot

PATIENCE_S = 5.0
"""A deaf subscription is alive again within this."""


class Inbox:
    """Collects deliveries in their order; call it as the feed's `deliver`."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self._more = asyncio.Event()

    async def __call__(self, delivery: Delivery) -> None:
        """Take a delivery."""
        self.deliveries.append(delivery)
        self._more.set()

    async def until(self, met: Callable[[Inbox], object]) -> None:
        """Wait until what was delivered meets a condition."""
        async with asyncio.timeout(PATIENCE_S):
            while not met(self):
                self._more.clear()
                await self._more.wait()

    async def started(self) -> Snapshot:
        """Wait for the first snapshot."""
        await self.until(lambda inbox: inbox.snapshots)
        return self.snapshots[0]

    @property
    def snapshots(self) -> list[Snapshot]:
        """The snapshots."""
        return [one for one in self.deliveries if isinstance(one, Snapshot)]

    @property
    def frames(self) -> list[Frame]:
        """The frames."""
        return [one for one in self.deliveries if isinstance(one, Frame)]

    @property
    def signals(self) -> list[Signal]:
        """The signals."""
        return [one for one in self.deliveries if isinstance(one, Signal)]

    @property
    def events(self) -> list[Event]:
        """Every event, by snapshot or live, in the order of delivery."""
        batches = [one for one in self.deliveries if isinstance(one, (Snapshot, Said))]
        return [event for batch in batches for event in batch.events]

    @property
    def seqs(self) -> list[int]:
        """Their places in the log."""
        return [event.seq for event in self.events]

    @property
    def text(self) -> str:
        """The reply as a client shows it: what a snapshot or a frame began, and the rest."""
        shown, at = "", (0, 0, 0)
        for one in self.deliveries:
            if isinstance(one, Snapshot) and one.reply:
                shown, at = one.reply.text, (one.reply.turn, one.reply.attempt, one.reply.step)
            elif isinstance(one, Frame):
                place = (one.turn, one.attempt, one.step)
                assert one.n == 0 or place == at, "a frame without those before it"
                shown, at = (shown if place == at else "") + one.text, place
        return shown
