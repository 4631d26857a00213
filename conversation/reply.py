"""The reply being written: shown frame by frame, kept until the log has its text.

A frame is shown only by `show.lua`, which tests epoch, turn and lease, and that the frame before it
is there. The buffer is not part of the log: a reload reads it to see the reply in progress, a
takeover to keep what was shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
from msgspec import Struct

from conversation.errors import LeaseLost
from conversation.keys import JOB_GROUP, keys
from conversation.plan import Fence
from conversation.store import Store, answering
from conversation.together import Together


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
        """Show the n-th piece of a step's text. Raises `LeaseLost` when it may not be."""
        at = keys(conversation, self._store.shards)
        frame = {
            "turn": turn, "attempt": fence.attempt, "step": step, "epoch": epoch, "n": n,
            "text": text,
        }  # fmt: skip
        shown = await self._show(
            [at.head, at.reply, at.reply_text, at.shard.jobs],
            [
                JOB_GROUP, fence.job, fence.worker, fence.attempt, epoch, turn, step, n, text,
                at.feed, msgspec.json.encode({"delta": frame}),
            ],
        )  # fmt: skip
        if shown < 0:
            raise LeaseLost

    def writing(
        self, conversation: str, fence: Fence, *, turn: int, step: int, epoch: int
    ) -> Writing:
        """The reply of a step, about to be written by one attempt."""
        return Writing(partial(self.show, conversation, fence, turn=turn, step=step, epoch=epoch))


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
