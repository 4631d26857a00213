"""What one played recording shows, held against the recording: from log, socket and ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import datetime

from bench.driver import Played
from bench.recording import Json
from bench.stage import END_LINE, HELD_LINE, Execution
from bench.watched import PRIVATE


@dataclass(frozen=True)
class Judgement:
    """Counts of one conversation, or of many added up; each is a whole number."""

    conversations: int = 0
    complete: int = 0
    messages: int = 0
    texts: int = 0
    equal: int = 0
    surplus: int = 0
    above: int = 0
    held: int = 0
    executed: int = 0
    held_executed: int = 0
    executed_twice: int = 0
    before_approval: int = 0
    lost: int = 0
    held_lines: int = 0
    end_lines: int = 0
    unspoken: int = 0
    empty: int = 0

    def __add__(self, other: Judgement) -> Judgement:
        names = [field.name for field in fields(self)]
        return Judgement(*(getattr(self, name) + getattr(other, name) for name in names))


def judge(played: Played) -> Judgement:
    """Count what one conversation showed."""
    recording, performance = played.recording, played.performance
    expected = recording.texts()
    actual = texts(played)
    executions = performance.executions
    return Judgement(
        conversations=1,
        complete=int(not reasons(played)),
        messages=len(played.said),
        texts=len(expected),
        equal=sum(a == b for a, b in zip(expected, actual, strict=False)),
        surplus=max(0, len(actual) - len(expected)),
        above=sum(call.is_held for call in recording.calls),
        held=sum(event["type"] == "held" for event in played.log),
        executed=len(executions),
        held_executed=sum(execution.call.is_held for execution in executions),
        executed_twice=twice(played),
        before_approval=sum(not approved(execution, played.log) for execution in executions),
        lost=lost(played),
        held_lines=performance.count(HELD_LINE),
        end_lines=performance.count(END_LINE),
        unspoken=recording.unspoken,
        empty=recording.empty,
    )


def reasons(played: Played) -> list[str]:
    """Why a conversation is not complete; empty when it is."""
    recording, performance = played.recording, played.performance
    found = list(played.faults)
    if len(played.said) != len(recording.turns):
        found.append(f"{len(played.said)} of {len(recording.turns)} messages were acknowledged")
    if not performance.is_over:
        found.append("the model was not asked for every recorded step")
    executed, recorded = _executed(played), _recorded(played)
    if executed != recorded:
        found.append(f"{executed.total()} of {recorded.total()} recorded writes were executed")
    return found


def texts(played: Played) -> list[tuple[str, str]]:
    """The assistant's texts as the customer was shown them, without the fixed lines."""
    if not played.recording.turns:
        return [] if played.greeting is None else [("assistant_said", played.greeting)]
    events = [event for _, event in sorted(played.shown.items())]
    return [
        (event["type"], event["data"]["text"])
        for event in events
        if event["type"] in ("assistant_said", "assistant_called")
        and event["data"]["text"] not in (HELD_LINE, END_LINE)
    ]


def twice(played: Played) -> int:
    """Writes executed again: under the same key, or more often than they were recorded."""
    executions = played.performance.executions
    repeated = len(executions) - len({execution.key for execution in executions})
    return max(repeated, (_executed(played) - _recorded(played)).total())


def lost(played: Played) -> int:
    """Acknowledged messages the log lacks, and public events the customer was not sent."""
    said = {e["data"]["id"]: e["seq"] for e in played.log if e["type"] == "customer_said"}
    public = {event["seq"] for event in played.log if event["type"] not in PRIVATE}
    unlogged = len([identity for identity, seq in played.said.items() if said.get(identity) != seq])
    return unlogged + len(public - played.shown.keys())


def approved(execution: Execution, log: list[Json]) -> bool:
    """Whether a write that had to be held was called after its approval; others always are."""
    if not execution.call.is_held:
        return True
    holds = {
        call["call"]: call["hold"]
        for event in log
        if event["type"] == "assistant_called"
        for call in event["data"]["calls"]
        if call.get("hold")
    }
    approvals = {
        event["data"]["hold"]: datetime.fromisoformat(event["at"]).timestamp() * 1000
        for event in reversed(log)
        if event["type"] == "hold_changed" and event["data"]["status"] == "approved"
    }
    approved_ms = approvals.get(holds.get(execution.key, ""))
    return approved_ms is not None and approved_ms <= execution.at_ms


def _executed(played: Played) -> Counter[str]:
    return Counter(execution.call.key for execution in played.performance.executions)


def _recorded(played: Played) -> Counter[str]:
    return Counter(call.key for call in played.recording.calls if call.write)
