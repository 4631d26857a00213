"""One open hold for an intent of a customer, also when they ask for it in another conversation.

Reserve, commit, verify, as with limits: what an intent waits as, or may become when nobody can tell
what became of it, is noted before it is committed. All notes of an intent are kept beside each
other; whether one still stands in the way is read from the conversation it is noted for.
"""

from __future__ import annotations

from typing import Literal

from conversation.ids import call_of, conversation_of
from conversation.keys import intent
from conversation.log import Log
from conversation.state import State
from conversation.store import answering
from handoff.digest import digest
from handoff.reservation import IN_FLIGHT_MS

KEPT_MS = 90 * 86_400_000
"""How long an intent is kept; what is open longer stands only in its own conversation's way."""
TRIES = 3

_Standing = Literal["stands", "may", "over"]


class Intents:
    """What customers want done that is not settled yet."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._claim = log.store.script("handoff", "claim_intent")

    async def waits_elsewhere(self, state: State, tool: str, target: str) -> bool:
        """Whether the same thing is not settled yet in another conversation of the customer."""
        with answering():
            noted = await self._log.store.reads.hgetall(_key(state, tool, target))
        for hold, note in noted.items():
            if await self._stands(hold.decode(), note.decode(), state, tool, target):
                return True
        return False

    async def claim(self, state: State, tool: str, target: str, *, hold: str, waits: bool) -> bool:
        """Note what an intent is held as, or would be; False when another one was first.

        `waits` says that it is held, not that it may become a hold when nobody can tell what
        became of it.
        """
        mine = f"{self._log.clock()} {waits:d}"
        looked_at: list[str] = []
        for _ in range(TRIES):
            noted: list[bytes] | None = await self._claim(
                [_key(state, tool, target)], [hold, mine, KEPT_MS, *looked_at]
            )
            if noted is None:
                return True
            texts = [text.decode() for text in noted]
            for other, note in zip(texts[::2], texts[1::2], strict=True):
                standing = await self._standing(other, note, tool, target)
                if standing == "stands" and conversation_of(other) != state.conversation:
                    return False
                looked_at += [other, note, "1" if standing == "over" else ""]
        return False

    async def _stands(self, hold: str, note: str, state: State, tool: str, target: str) -> bool:
        if conversation_of(hold) == state.conversation:
            return False
        return await self._standing(hold, note, tool, target) == "stands"

    async def _standing(self, hold_id: str, note: str, tool: str, target: str) -> _Standing:
        """Whether a note stands in the way of others, may come to, or never will again."""
        at, waits = note.split(" ")
        young = self._log.clock() - int(at) < IN_FLIGHT_MS
        state = await self._log.head(conversation_of(hold_id))
        hold = state.holds.get(hold_id)
        if hold is None:
            if young and waits == "1":
                return "stands"
            return "may" if young or call_of(hold_id) in _running(state) else "over"
        if hold.open and (hold.held.tool, hold.held.target) == (tool, target):
            return "stands"
        return "may" if hold.open and young else "over"


def _running(state: State) -> set[str]:
    """Allowed calls whose outcome is not in the log yet."""
    return {*state.writing, *state.calling, *(state.turn.writes if state.turn else ())}


def _key(state: State, tool: str, target: str) -> str:
    return intent(state.customer.id if state.customer else "", digest([tool, target]))
