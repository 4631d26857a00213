"""Whoever keeps a list resumes by a cursor, or learns that they must read it afresh."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from conversation.keys import shard
from conversation.log import Log
from conversation.outbox import START, Entry, Outbox
from conversation.store import Store
from tests.conversation.acts import Accepts, Asks, Calls, Closes, Decides, Identifies, Notes, Says


@pytest.fixture
def outbox(store: Store) -> Outbox:
    return Outbox(store, 0)


def seqs(entries: list[Entry] | None) -> list[tuple[str, int]]:
    """Which conversation had come to which seq, by entry."""
    assert entries is not None
    return [(entry.conversation, msgspec.json.decode(entry.summary)["seq"]) for entry in entries]


async def test_every_commit_is_one_entry_and_nothing_else_is(log: Log, outbox: Outbox) -> None:
    await log.commit("c_1", Says())
    cursor = await outbox.end()
    await log.commit("c_2", Says())
    await log.commit("c_1", Accepts())  # nothing to accept
    await log.commit("c_1", Notes())
    assert seqs(await outbox.since(cursor, at_most=10)) == [("c_2", 2), ("c_1", 3)]
    assert await outbox.since(await outbox.end(), at_most=10) == []


async def test_following_gives_what_comes_after_a_cursor(log: Log, outbox: Outbox) -> None:
    await log.commit("c_1", Says())
    first = await outbox.follow(START)
    assert seqs(first) == [("c_1", 2)]
    waiting = asyncio.create_task(outbox.follow(first[-1].cursor))
    await log.commit("c_1", Says())
    assert seqs(await waiting) == [("c_1", 3)]


async def test_following_in_small_steps_misses_nothing(log: Log, outbox: Outbox) -> None:
    for n in range(7):
        await log.commit(f"c_{n}", Says())
    cursor, found = START, list[Entry]()
    while len(found) < 7:
        found += await outbox.follow(cursor, count=3)
        cursor = found[-1].cursor
    assert seqs(found) == [(f"c_{n}", 2) for n in range(7)]


async def test_entries_tell_the_holds_that_a_commit_touched(log: Log, outbox: Outbox) -> None:
    await log.commit("c_1", Says())
    cursor = await outbox.end()
    hold = next(iter((await log.commit("c_1", Calls())).state.holds))
    await log.commit("c_1", Notes())
    await log.commit("c_1", Decides("rejected"))
    entries = await outbox.since(cursor, at_most=10)
    assert entries is not None
    told = [[msgspec.json.decode(raw) for raw in entry.holds] for entry in entries]
    assert [[(one["hold"], one["status"]) for one in holds] for holds in told] == [
        [(hold, "held")],
        [],
        [(hold, "rejected")],
    ]


async def test_open_holds_are_told_again_when_the_customer_becomes_known(
    log: Log, outbox: Outbox
) -> None:
    await log.commit("c_1", Says())
    await log.commit("c_1", Calls())
    cursor = await outbox.end()
    await log.commit("c_1", Identifies())
    entries = await outbox.since(cursor, at_most=10)
    assert entries is not None
    assert [msgspec.json.decode(raw)["customer"] for raw in entries[0].holds] == ["u_42"]
    _, holds = await outbox.lists()
    assert [msgspec.json.decode(raw)["customer"] for raw in holds] == ["u_42"]


async def test_the_lists_hold_what_is_open(log: Log, outbox: Outbox) -> None:
    for name in ("c_1", "c_2"):
        await log.commit(name, Says())
        await log.commit(name, Calls())
    await log.commit("c_1", Asks())
    await log.commit("c_2", Closes())
    conversations, holds = await outbox.lists()
    listed = [msgspec.json.decode(raw) for raw in conversations]
    assert [(one["conversation"], one["status"], one["owner"]) for one in listed] == [
        ("c_1", "waiting", "line")
    ]
    assert [msgspec.json.decode(raw)["conversation"] for raw in holds] == ["c_1"]
    assert listed[0]["holds"] == [msgspec.json.decode(holds[0])["hold"]]


async def test_a_reopened_conversation_is_listed_again(log: Log, outbox: Outbox) -> None:
    await log.commit("c_1", Says())
    await log.commit("c_1", Closes())
    assert await outbox.lists() == ([], [])
    await log.commit("c_1", Says())
    conversations, _ = await outbox.lists()
    assert [msgspec.json.decode(raw)["status"] for raw in conversations] == ["assistant"]


async def test_a_cursor_whose_entry_was_trimmed_answers_none(
    log: Log, outbox: Outbox, store: Store
) -> None:
    cursors = []
    for _ in range(4):
        await log.commit("c_1", Says())
        cursors.append(await outbox.end())
    await store.writes.xtrim(shard(0).outbox, maxlen=2, approximate=False)
    assert await outbox.since(cursors[0], at_most=10) is None
    assert await outbox.since(cursors[1], at_most=10) is None
    assert seqs(await outbox.since(cursors[2], at_most=10)) == [("c_1", 5)]


async def test_a_cursor_too_far_behind_answers_none(log: Log, outbox: Outbox) -> None:
    await log.commit("c_1", Says())
    cursor = await outbox.end()
    for _ in range(3):
        await log.commit("c_1", Says())
    assert await outbox.since(cursor, at_most=2) is None
    assert len(await outbox.since(cursor, at_most=3) or []) == 3


@pytest.mark.parametrize(
    "cursor",
    ["", "-", "+", "$", ">", "(", "0", START, "nonsense", "1-2-3", "9" * 30, "99999999999999-0"],
)
async def test_a_cursor_that_never_was_answers_none(log: Log, outbox: Outbox, cursor: str) -> None:
    await log.commit("c_1", Says())
    assert await outbox.since(cursor, at_most=10) is None


async def test_an_empty_outbox_ends_at_its_start(outbox: Outbox) -> None:
    assert await outbox.end() == START
