"""What one commit writes: the events, and everything in the same slot that follows from them.

Pure. Jobs, timers and lists are never set by hand: they are the difference between the state before
and the state after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from conversation import events as ev
from conversation.keys import JOB_GROUP, Keys
from conversation.legal import check
from conversation.state import LINE, State, dump, fold
from conversation.summary import summarise, summarise_hold

OUTBOX_KEPT = 20_000
"""Entries a shard's outbox keeps at least; who comes later reads the lists afresh."""
REMINDERS_MS = (120_000, 600_000, 1_800_000)
"""After how long in the line a waiting customer is told again that nobody is free yet."""


class Fence(Struct, frozen=True):
    """The lease a worker's commit depends on; `done` ends the job in the same commit."""

    job: str
    worker: str
    attempt: int
    done: bool = False


class Once(Struct, frozen=True):
    """A command that is carried out once: its name (author and client id), its content's digest."""

    name: str
    digest: str


class Plan(Struct, frozen=True, kw_only=True):
    """The argument of `commit.lua`; JSON stands in strings, the only bytes its decoder takes."""

    conversation: str
    version: int
    dedupe: str | None = None
    digest: str = ""
    own: int
    """The seq that answers the command: that of its own event."""
    fence: Fence | None = None
    group: str = JOB_GROUP
    shown: str | None = None
    events: list[str]
    head: str
    epoch: str
    turn: str
    drop_reply: bool = False
    jobs: list[tuple[str, str]]
    timers_set: list[tuple[str, int]]
    timers_dropped: list[str]
    listed: bool
    summary: str
    holds_set: list[tuple[str, str]]
    holds_dropped: list[str]
    change: str
    outbox_kept: int
    feed: str
    doorbell: str
    cuts: str
    cut: str | None = None


def stamp(state: State, new: Sequence[ev.New], now_ms: int) -> tuple[State, list[ev.Event]]:
    """Give new events their place, time and epoch, and fold them; time never runs backwards.

    Raises `IllegalEvent` for one that does not fit.
    """
    at = max(ev.iso(now_ms), state.at)
    stamped = []
    for draft in new:
        check(state, draft)
        epoch = draft.data.epoch if isinstance(draft.data, ev.OwnerChanged) else state.epoch
        event = ev.Event(
            conversation=state.conversation,
            seq=state.seq + 1,
            v=ev.VERSION,
            type=ev.NAMES[type(draft.data)],
            at=at,
            by=draft.by,
            epoch=epoch,
            data=draft.data,
        )
        state = fold(state, event)
        stamped.append(event)
    return state, stamped


def once(name: str, content: Any = None) -> Once:
    """A command by name, and the digest of what the same name must always carry."""
    raw = msgspec.json.encode(content, order="deterministic")
    return Once(name, hashlib.sha256(raw).hexdigest()[:32])


def plan(
    keys: Keys,
    before: State,
    after: State,
    events: Sequence[ev.Event],
    *,
    own: type[ev.Data] | None = None,
    once: Once | None = None,
    fence: Fence | None = None,
    shown: str | None = None,
) -> Plan:
    """Everything one commit writes."""
    now, then = _timers(after), _timers(before)
    known = after.customer is before.customer
    holds = [
        hold
        for hold in after.holds.values()
        if hold is not before.holds.get(hold.hold) or (hold.open and not known)
    ]
    summary = msgspec.json.encode(summarise(after))
    hold_summaries = [(hold.hold, summarise_hold(after, hold)) for hold in holds]
    cut = before.turn is not None and fence is None and after.turns_ended > before.turns_ended
    return Plan(
        conversation=after.conversation,
        version=before.seq,
        dedupe=once.name if once else None,
        digest=once.digest if once else "",
        own=next((e.seq for e in events if own and isinstance(e.data, own)), before.seq + 1),
        fence=fence,
        shown=shown,
        events=[ev.encode(event).decode() for event in events],
        head=dump(after).decode(),
        epoch=str(after.epoch),
        turn=str(after.turn.n if after.turn else 0),
        drop_reply=any(isinstance(e.data, (ev.AssistantCalled, ev.TurnEnded)) for e in events),
        jobs=_jobs(before, after),
        timers_set=[(m, due) for m, due in now.items() if then.get(m) != due],
        timers_dropped=[member for member in then if member not in now],
        listed=after.status != "closed",
        summary=summary.decode(),
        holds_set=[
            (hold, msgspec.json.encode(summary).decode())
            for hold, summary in hold_summaries
            if summary.status in ev.OPEN
        ],
        holds_dropped=[hold.hold for hold in holds if not hold.open],
        change=msgspec.json.encode(
            {"conversation": msgspec.Raw(summary), "holds": [s for _, s in hold_summaries]}
        ).decode(),
        outbox_kept=OUTBOX_KEPT,
        feed=keys.feed,
        doorbell=f'{{"seq":{after.seq},"epoch":{after.epoch}}}',
        cuts=keys.shard.cuts,
        cut=_cut(before) if cut else None,
    )


def _cut(before: State) -> str:
    assert before.turn is not None
    return f"{before.conversation} {before.turn.n}"


def _jobs(before: State, after: State) -> list[tuple[str, str]]:
    jobs: list[tuple[str, str]] = []
    opened = before.turn.n if before.turn else 0
    if after.turn and after.turn.n != opened:
        jobs.append(("turn", str(after.turn.n)))
    for hold in after.holds.values():
        known: Any = before.holds.get(hold.hold)
        approved = hold.status == "approved" and (known is None or known.status != "approved")
        if approved or (known is not None and hold.reconciles != known.reconciles):
            jobs.append(("execute", hold.hold))
    jobs += [("execute", call) for call in after.calling if call not in before.calling]
    return jobs


def _timers(state: State) -> dict[str, int]:
    """Timers that must stand, as member → due (ms)."""
    timers: dict[str, int] = {}
    if state.owner == LINE and state.waiting_since and state.reminders < len(REMINDERS_MS):
        due = ev.milliseconds(state.waiting_since) + REMINDERS_MS[state.reminders]
        timers[f"{state.conversation} waiting"] = due
    for hold in state.open_holds:
        if hold.status in ev.WAITING and hold.held.expires_at:
            due = ev.milliseconds(hold.held.expires_at)
            timers[f"{state.conversation} expire:{hold.hold}"] = due
        if hold.status == "unknown" and hold.reconcile_at:
            due = ev.milliseconds(hold.reconcile_at)
            timers[f"{state.conversation} reconcile:{hold.hold}"] = due
    return timers
