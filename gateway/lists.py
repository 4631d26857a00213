"""The staff's lists, live: what the outbox says changed goes to every staff socket, with a cursor.

A cursor is the place in every shard's outbox, joined by commas. A client that comes back with one
is sent what changed since, or everything when that is no longer kept.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Self

import msgspec
import structlog
from msgspec import Raw, Struct

from conversation.events import OPEN
from conversation.forever import forever
from conversation.outbox import START, Entry, Outbox
from conversation.state import ASSISTANT, LINE
from conversation.store import Store

log_line = structlog.get_logger(__name__)

CHANGES_AT_MOST = 2_000
_CURSOR = re.compile(r"\d+-\d+(,\d+-\d+)*", re.ASCII)

Json = dict[str, Any]
Tell = Callable[[str, Raw], Awaitable[None]]


class Lists(Struct, frozen=True):
    """What a console starts from; `full` says that the lists start afresh."""

    cursor: str
    conversations: list[Json]
    holds: list[Json]
    full: bool


class _Owned(Struct, frozen=True):
    conversation: str
    status: str
    owner: str


class _Held(Struct, frozen=True):
    hold: str
    status: str


_owned = msgspec.json.Decoder(_Owned)
_held = msgspec.json.Decoder(_Held)


class StaffLists:
    """The lists of all shards, followed by one gateway process."""

    def __init__(self, store: Store, tell: Tell) -> None:
        self._outboxes = [Outbox(store, k) for k in range(store.shards)]
        self._cursors = [START] * store.shards
        self._tell = tell
        self._tasks: list[asyncio.Task[None]] = []
        self._owners: dict[str, str] = {}
        self._holds: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        for k, outbox in enumerate(self._outboxes):
            self._cursors[k] = await outbox.end()
            conversations, holds = await outbox.lists()
            for raw in conversations:
                self._note(raw)
            for raw in holds:
                self._note_hold(raw)
            follow = partial(self._follow, k, outbox)
            self._tasks.append(asyncio.create_task(forever("lists", follow)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @property
    def cursor(self) -> str:
        """How far this process has told."""
        return ",".join(self._cursors)

    def loads(self) -> Counter[str]:
        """How many conversations each owner has."""
        return Counter(self._owners.values())

    def holds(self) -> Counter[str]:
        """How many open holds there are of each status."""
        return Counter(self._holds.values())

    def counts(self, me: str) -> Json:
        """How many conversations and holds there are of each kind, for the owner `me`."""
        loads = self.loads()
        return {
            "line": loads[LINE],
            "mine": loads[me],
            "assistant": loads[ASSISTANT],
            "human": len(self._owners) - loads[LINE] - loads[ASSISTANT],
            "holds": len(self._holds),
        }

    async def read(self, since: str | None) -> Lists:
        """The lists now, or what changed since a cursor; raises `Unavailable`."""
        cursor = self.cursor
        cursors = since.split(",") if since and _CURSOR.fullmatch(since) else []
        if len(cursors) == len(self._outboxes):
            changed = await self._changes(cursors)
            if changed is not None:
                return Lists(cursor, *changed, full=False)
        conversations: list[Json] = []
        holds: list[Json] = []
        for outbox in self._outboxes:
            some, held = await outbox.lists()
            conversations += [msgspec.json.decode(raw) for raw in some]
            holds += [msgspec.json.decode(raw) for raw in held]
        return Lists(cursor, conversations, holds, full=True)

    async def _changes(self, cursors: list[str]) -> tuple[list[Json], list[Json]] | None:
        conversations: dict[str, Json] = {}
        holds: dict[str, Json] = {}
        for outbox, cursor in zip(self._outboxes, cursors, strict=True):
            entries = await outbox.since(cursor, at_most=CHANGES_AT_MOST)
            if entries is None:
                return None
            for entry in entries:
                conversations[entry.conversation] = msgspec.json.decode(entry.summary)
                for raw in entry.holds:
                    hold = msgspec.json.decode(raw)
                    holds[hold["hold"]] = hold
        return list(conversations.values()), list(holds.values())

    async def _follow(self, k: int, outbox: Outbox) -> None:
        for entry in await outbox.follow(self._cursors[k]):
            self._cursors[k] = entry.cursor
            await self._tell_entry(entry)

    async def _tell_entry(self, entry: Entry) -> None:
        self._note(entry.summary)
        await self._tell("conversation", self._with_cursor(entry.summary))
        for raw in entry.holds:
            self._note_hold(raw)
            await self._tell("hold", self._with_cursor(raw))

    def _with_cursor(self, summary: Raw) -> Raw:
        """The summary as it was written, and how far this process has told."""
        return Raw(b'%b,"cursor":"%b"}' % (bytes(summary)[:-1], self.cursor.encode()))

    def _note(self, raw: Raw) -> None:
        summary = _owned.decode(raw)
        if summary.status == "closed":
            self._owners.pop(summary.conversation, None)
        else:
            self._owners[summary.conversation] = summary.owner

    def _note_hold(self, raw: Raw) -> None:
        summary = _held.decode(raw)
        if summary.status in OPEN:
            self._holds[summary.hold] = summary.status
        else:
            self._holds.pop(summary.hold, None)
