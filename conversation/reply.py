"""The reply being written: shown frame by frame, kept until the log has its text.

A frame is shown only by `show.lua`, which tests epoch, turn and lease, and that the frame before it
is there. The buffer is not part of the log: a reload reads it to see the reply in progress, a
takeover to keep what was shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
from msgspec import Struct

from conversation.errors import LeaseLost
from conversation.keys import JOB_GROUP, keys
from conversation.plan import Fence
from conversation.store import Store, answering
from conversation.together import Together

STILL_MS = 1_000
"""How long a reply is held still at most for who is about to end it."""
TRY_AGAIN_S = 0.02


class Reply(Struct, frozen=True):
    """What has been shown of the reply of a step; `n` is the last frame that `text` contains."""

    turn: int
    attempt: int
    epoch: int
    step: int
    n: int
    text: str

    @property
    def token(self) -> str:
        """How far it was shown; a commit that quotes it is refused when more was shown since."""
        return f"{self.turn}.{self.attempt}.{self.step}.{self.n}"


class Replies:
    """The reply buffers of all conversations."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._show = Together(store, "conversation", "show")
        self._hold_still = store.script("conversation", "hold_still")

    async def read(self, conversation: str) -> Reply | None:
        """The reply in progress, or None; hash and text are read in one transaction."""
        at = keys(conversation, self._store.shards)
        with answering():
            async with self._store.reads.pipeline(transaction=True) as pipe:
                pipe.hgetall(at.reply)
                pipe.get(at.reply_text)
                fields, text = await pipe.execute()
        if not fields:
            return None
        return Reply(
            turn=int(fields[b"turn"]),
            attempt=int(fields[b"attempt"]),
            epoch=int(fields[b"epoch"]),
            step=int(fields[b"step"]),
            n=int(fields[b"n"]),
            text=(text or b"").decode(),
        )

    async def show(
        self,
        conversation: str,
        fence: Fence,
        text: str,
        *,
        turn: int,
        step: int,
        epoch: int,
        n: int,
    ) -> None:
        """Show the n-th piece of a step's text, once it is not held still any more.

        Raises `LeaseLost` when it may not be shown.
        """
        at = keys(conversation, self._store.shards)
        frame = {
            "turn": turn, "attempt": fence.attempt, "step": step, "epoch": epoch, "n": n,
            "text": text,
        }  # fmt: skip
        names = [at.head, at.reply, at.reply_text, at.shard.jobs]
        args: list[bytes | str | int] = [
            JOB_GROUP, fence.job, fence.worker, fence.attempt, epoch, turn, step, n, text,
            at.feed, msgspec.json.encode({"delta": frame}),
        ]  # fmt: skip
        while True:
            shown = await self._show(names, args)
            if shown >= 0:
                return
            if shown != _HELD_STILL:
                raise LeaseLost
            await asyncio.sleep(TRY_AGAIN_S)

    async def hold_still(self, conversation: str, *, for_ms: int = STILL_MS) -> None:
        """Show nothing more for a moment, or until a commit that looked at the reply is through.

        Else somebody who takes over races with every frame, and on a busy machine loses.
        """
        await self._hold_still([keys(conversation, self._store.shards).head], [for_ms])

    def writing(
        self, conversation: str, fence: Fence, *, turn: int, step: int, epoch: int
    ) -> Writing:
        """The reply of a step, about to be written by one attempt."""
        return Writing(partial(self.show, conversation, fence, turn=turn, step=step, epoch=epoch))


_HELD_STILL = -2
"""What `show.lua` answers of a reply that is held still."""


class Writing:
    """A reply that one attempt writes; call it with each piece of text, one after the other.

    A piece whose showing failed may have been shown or not, so none can follow it.
    """

    def __init__(self, show: Callable[..., Awaitable[None]]) -> None:
        self._show = show
        self._n = 0

    async def __call__(self, text: str) -> int:
        """Show one more piece; returns its n, counted from 0. Raises `LeaseLost`."""
        n, self._n = self._n, self._n + 1
        await self._show(text, n=n)
        return n
