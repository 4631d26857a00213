"""The reply being written: shown frame by frame, kept until the log has its text.

A frame is shown only by `show.lua`, which tests epoch, turn and lease. The buffer is not part of
the log: a reload reads it to see the reply in progress, a takeover to keep what was shown.
"""

from __future__ import annotations

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
        self, conversation: str, fence: Fence, text: str, *, turn: int, step: int, epoch: int
    ) -> int:
        """Show one more piece of text; returns its n. Raises `LeaseLost` when it may not be."""
        at = keys(conversation, self._store.shards)
        before = (
            f'{{"delta":{{"turn":{turn},"attempt":{fence.attempt},"step":{step},"epoch":{epoch}'
        )
        after = f',"text":{msgspec.json.encode(text).decode()}}}}}'
        n = await self._show(
            [at.head, at.reply, at.reply_text, at.shard.jobs],
            [
                JOB_GROUP, fence.job, fence.worker, fence.attempt, epoch, turn, step, text,
                at.feed, f'{before},"n":', after,
            ],
        )  # fmt: skip
        if n < 0:
            raise LeaseLost
        return int(n)
