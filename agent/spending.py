"""What the model's answers cost in tokens, and whether more may be spent.

The log tells what its own steps cost. What no event could carry, for the step was cut, is counted
beside it, and so is what all conversations of a customer or a day spend together. A request is
counted when it ends; one whose worker died is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from agent.assembly import Usage
from agent.settings import LimitsSettings
from conversation import events as ev
from conversation.errors import Unavailable
from conversation.keys import customer_tokens, day_tokens
from conversation.log import Log
from conversation.state import State
from conversation.store import answering

BYTES_A_TOKEN = 3
"""Where the endpoint does not count; models put four bytes of English in a token, and seldom less
than three of anything."""
KEPT_S = 2 * 24 * 3600
"""Seconds the count of a day outlives its last change."""
_WORDS = {
    "tokens_per_conversation": "in this conversation",
    "tokens_per_customer": "for this customer today",
    "tokens_per_day": "for all customers today",
}


def estimated(sent: Sequence[Any], answer: str) -> int:
    """Tokens of a request with these parts and its answer, rather too many than too few."""
    size = sum(len(msgspec.json.encode(part)) for part in sent) + len(answer.encode())
    return -(-size // BYTES_A_TOKEN)


def reported(usage: Usage | None) -> int:
    """Tokens that the endpoint counted; 0 when it told none."""
    if usage is None:
        return 0
    return max(0, usage.prompt_tokens or 0) + max(0, usage.completion_tokens or 0)


class Spending:
    """The limits on tokens and what was spent against them."""

    def __init__(self, log: Log, limits: LimitsSettings) -> None:
        self._log = log
        self._limits = limits

    async def exceeded(self, state: State) -> ev.Reason | None:
        """Why the model may not be asked again in this conversation; None when it may."""
        limits = {name: limit for name in _WORDS if (limit := getattr(self._limits, name))}
        used = await asyncio.gather(*(self._used(name, state) for name in limits))
        for (name, limit), spent in zip(limits.items(), used, strict=True):
            if spent >= limit:
                text = f"{spent:,} of {limit:,} tokens are spent {_WORDS[name]}"
                return ev.Reason("token_limit", 1.0, text, {"limit": name, "spent": spent})
        return None

    async def count(self, state: State, tokens: int) -> None:
        """Count a request for its customer and its day, where they have a limit."""
        counted = [
            self._add(key, tokens)
            for limit, key in (
                (self._limits.tokens_per_customer, self._customer_key(state)),
                (self._limits.tokens_per_day, day_tokens(self._today())),
            )
            if limit is not None
        ]
        await asyncio.gather(*counted)

    async def count_cut(self, conversation: str, tokens: int) -> None:
        """Count for its conversation what no event of the log will tell."""
        if self._limits.tokens_per_conversation is not None and tokens:
            await self._add(self._log.keys(conversation).tokens, tokens, kept_s=None)

    async def _used(self, limit: str, state: State) -> int:
        if limit == "tokens_per_conversation":
            return state.tokens + await self._read(self._log.keys(state.conversation).tokens)
        of_customer = limit == "tokens_per_customer"
        return await self._read(
            self._customer_key(state) if of_customer else day_tokens(self._today())
        )

    def _customer_key(self, state: State) -> str:
        return customer_tokens(state.customer.id if state.customer else "", self._today())

    def _today(self) -> str:
        return datetime.fromtimestamp(self._log.clock() / 1000, UTC).date().isoformat()

    async def _read(self, key: str) -> int:
        with answering():
            return int(await self._log.store.reads.get(key) or 0)

    async def _add(self, key: str, tokens: int, *, kept_s: int | None = KEPT_S) -> None:
        """Add once; never again when the answer is lost, for it may have been added."""
        with suppress(Unavailable), answering():
            async with self._log.store.writes.pipeline(transaction=True) as pipe:
                pipe.incrby(key, tokens)
                if kept_s is not None:
                    pipe.expire(key, kept_s)
                await pipe.execute()
