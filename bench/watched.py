"""A conversation as a member of staff watches it: its whole log, and whether it is at rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bench.recording import Json

OUTCOMES = frozenset({"rejected", "expired", "succeeded", "failed", "unknown"})
SETTLED = OUTCOMES | {"withdrawn"}
PRIVATE = frozenset(
    {
        "customer_identified",
        "tool_started",
        "tool_finished",
        "staff_called",
        "turn_ended",
        "note_added",
        "assessed",
        "briefed",
        "labelled",
        "reviewed",
    }
)
"""Event types a customer is never sent."""


class Gap(Exception):
    """An event came whose predecessor did not."""


class Watched:
    """The events of one conversation in order of seq, without a gap."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.holds: dict[str, str] = {}
        """The status of each hold."""
        self._last_cause = 0
        self._upto = 0
        self._owner = "assistant"
        self._early: list[Json] | None = []
        self._changed = asyncio.Event()

    @property
    def seq(self) -> int:
        """The last event's place."""
        return len(self.events)

    @property
    def is_at_rest(self) -> bool:
        """No turn is open once `upto` has reached the last cause, and every hold is settled."""
        return self._upto >= self._last_cause and all(
            status in SETTLED for status in self.holds.values()
        )

    @property
    def is_with_people(self) -> bool:
        """Whether the assistant no longer owns the conversation."""
        return self._owner != "assistant"

    def begin(self, events: Iterable[Json]) -> None:
        """Take in the log as it was, then what came live before it. Raises Gap."""
        early, self._early = self._early or [], None
        self._extend([*events, *early])

    def hear(self, event: Json) -> None:
        """Take in a live event. Raises Gap."""
        if self._early is None:
            self._extend([event])
        else:
            self._early.append(event)

    async def rest(self, *, after: int, patience_s: float) -> bool:
        """Wait until all since `after` is answered and settled; False when nothing moves."""
        while self.seq < after or not self.is_at_rest:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), patience_s)
            except TimeoutError:
                return False
        return True

    def _extend(self, events: Iterable[Json]) -> None:
        for event in events:
            if event["seq"] <= self.seq:
                continue
            if event["seq"] != self.seq + 1:
                message = f"event {event['seq']} came after {self.seq}"
                raise Gap(message)
            self.events.append(event)
            self._fold(event["type"], event["seq"], event["data"])
        self._changed.set()

    def _fold(self, kind: str, seq: int, data: Json) -> None:
        if kind == "customer_said":
            self._last_cause = seq
        elif kind == "turn_ended":
            self._upto = data["upto"]
        elif kind == "held":
            self.holds[data["hold"]] = "held"
        elif kind == "hold_changed":
            self.holds[data["hold"]] = data["status"]
            if data["status"] in OUTCOMES:
                self._last_cause = seq
        elif kind == "owner_changed":
            self._owner = data["to"]
