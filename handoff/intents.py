"""One open hold for an intent of a customer, also when they ask for it in another conversation.

Reserve, commit, verify, as with limits: which hold an intent waits as is noted before it is
committed, and whether it still stands in the way is read from the conversation it is noted for.
"""

from __future__ import annotations

from conversation.keys import intent
from conversation.log import Log
from conversation.state import State
from conversation.store import answering
from handoff.digest import digest
from handoff.reservation import IN_FLIGHT_MS

KEPT_MS = 90 * 86_400_000
"""How long a note is kept; what is open longer stands only in its own conversation's way."""
TRIES = 3


class Intents:
    """What customers want done that is not settled yet."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._claim = log.store.script("handoff", "claim_intent")

    async def waits_elsewhere(self, state: State, tool: str, target: str) -> bool:
        """Whether the same thing is not settled yet in another conversation of the customer."""
        with answering():
            noted = await self._log.store.reads.get(_key(state, tool, target))
        return noted is not None and await self._stands(noted.decode(), state, tool, target)

    async def claim(self, state: State, tool: str, target: str, *, hold: str, waits: bool) -> bool:
        """Note what an intent is held as, or would be; False when another one was first.

        `waits` says that it is held, not that it may become a hold when nobody can tell what
        became of it.
        """
        key = _key(state, tool, target)
        mine = f"{hold} {state.conversation} {self._log.clock()} {waits:d}"
        noted = b""
        for _ in range(TRIES):
            found: bytes | None = await self._claim([key], [mine, noted, KEPT_MS])
            if found is None:
                return True
            if await self._stands(found.decode(), state, tool, target):
                return False
            noted = found
        return False

    async def _stands(self, noted: str, state: State, tool: str, target: str) -> bool:
        hold_id, conversation, at, waits = noted.split(" ")
        if conversation == state.conversation:
            return False
        hold = (await self._log.head(conversation)).holds.get(hold_id)
        if hold is None:
            return waits == "1" and self._log.clock() - int(at) < IN_FLIGHT_MS
        return hold.open and (hold.held.tool, hold.held.target) == (tool, target)


def _key(state: State, tool: str, target: str) -> str:
    return intent(state.customer.id if state.customer else "", digest([tool, target]))
