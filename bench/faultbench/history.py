"""The history check: what the logs, the clients' own records and the tools' ledger say together.

Pure. A history is one conversation; `faults` names what is wrong with it, and every count of the
bench's promise is one of `KINDS`. What concerns an answer still to come is looked at only once the
conversation is at rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from conversation import events as ev
from conversation.public import public
from conversation.state import ASSISTANT, NOBODY, State

Kind = Literal[
    "acknowledged message lost",
    "false acknowledgement",
    "duplicate message",
    "duplicate or missing seq",
    "reordered",
    "received otherwise than logged",
    "spoken out of turn",
    "double effect",
    "effect without a record",
    "head differs from its log",
    "message left unanswered",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass
class Said:
    """A message as its sender knows it; `seq` is 0 until it is acknowledged."""

    id: str
    text: str
    seq: int = 0
    refusals: list[str] = field(default_factory=list)


@dataclass
class Record:
    """What one client sent and was sent, over all its connections, in order."""

    said: list[Said] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    """The seq of every event, of states and live ones."""
    whole: bool = False
    """It is connected and has had the time to be sent everything."""
    late_words: int = 0
    """Deltas and replies that came after the assistant had lost the conversation."""


@dataclass(frozen=True)
class Effect:
    """Something a tool really did: `order` is the intent, of which there is one a message."""

    conversation: str
    tool: str
    key: str
    order: str
    minor: int


@dataclass(frozen=True)
class History:
    """One conversation, from all sides."""

    conversation: str
    log: Sequence[ev.Event]
    head: State
    folded: State
    records: Sequence[Record]
    effects: Sequence[Effect]
    at_rest: bool = True


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a conversation; `detail` holds no words of anybody."""

    kind: Kind
    conversation: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} in {self.conversation} {self.detail}".strip()


def faults(history: History) -> list[Fault]:
    """Everything that is wrong with a conversation."""
    looks = (_places, _acknowledged, _received, _speech, _effects, _head, _answers)
    return [
        Fault(kind, history.conversation, detail)
        for look in looks
        for kind, detail in look(history)
    ]


Found = Iterator[tuple[Kind, str]]


def _places(history: History) -> Found:
    for place, event in enumerate(history.log, start=1):
        if event.seq != place:
            yield "duplicate or missing seq", f"seq {event.seq} at place {place}"
    ids = Counter(e.data.id for e in history.log if isinstance(e.data, ev.CustomerSaid))
    for times in ids.values():
        if times > 1:
            yield "duplicate message", f"{times} times"
    for before, after in zip(history.log, history.log[1:], strict=False):
        if after.at < before.at:
            yield "reordered", f"time runs backwards at seq {after.seq}"


def _acknowledged(history: History) -> Found:
    places = {e.data.id: e.seq for e in history.log if isinstance(e.data, ev.CustomerSaid)}
    for record in history.records:
        seqs = [said.seq for said in record.said if said.seq]
        if seqs != sorted(seqs):
            yield "reordered", "messages of one client stand in another order than sent"
        for said in record.said:
            if not said.seq:
                continue
            if said.id not in places:
                yield "acknowledged message lost", f"acknowledged at seq {said.seq}"
            elif places[said.id] != said.seq:
                yield "false acknowledgement", f"at {places[said.id]}, acknowledged at {said.seq}"


def _received(history: History) -> Found:
    shown = [event.seq for event in history.log if public(event) is not None]
    for record in history.records:
        received = record.received
        if received != sorted(received):
            yield "reordered", "events came in another order than they are logged"
        elif len(set(received)) != len(received):
            yield "duplicate or missing seq", "an event came twice"
        elif received or record.whole:
            last = history.head.seq if record.whole else received[-1]
            expected = [seq for seq in shown if seq <= last]
            if received != expected:
                missing = sorted(set(expected) ^ set(received))
                yield "received otherwise than logged", f"differs at seq {missing[:5]} of {last}"


def _speech(history: History) -> Found:
    for record in history.records:
        if record.late_words:
            yield "spoken out of turn", f"{record.late_words} on a socket"
    owner = ASSISTANT
    for event in history.log:
        match event.data:
            case ev.OwnerChanged(to=to):
                owner = to
            case ev.AssistantSaid(hold=hold) if owner != ASSISTANT and not isinstance(hold, str):
                yield "spoken out of turn", f"said at seq {event.seq}"
            case ev.AssistantCalled() if owner != ASSISTANT:
                yield "spoken out of turn", f"called at seq {event.seq}"


def _effects(history: History) -> Found:
    begun = {e.data.key for e in history.log if isinstance(e.data, ev.ToolStarted)}
    for by in ("key", "order"):
        times = Counter((effect.tool, getattr(effect, by)) for effect in history.effects)
        for (tool, _), n in times.items():
            if n > 1:
                yield "double effect", f"{tool} {n} times by one {by}"
    for effect in history.effects:
        if effect.key not in begun:
            yield "effect without a record", effect.tool


def _head(history: History) -> Found:
    if history.head != history.folded:
        yield "head differs from its log", f"at seq {history.head.seq} and {history.folded.seq}"


def _answers(history: History) -> Found:
    """Every message is covered by a turn that ended, or was for people to answer."""
    if not history.at_rest:
        return
    ends = [
        (e.data.upto, e.data.turn, e.data.outcome)
        for e in history.log
        if isinstance(e.data, ev.TurnEnded)
    ]
    replied = {e.data.turn for e in history.log if isinstance(e.data, ev.AssistantSaid)}
    owner = ASSISTANT
    for event in history.log:
        if isinstance(event.data, ev.OwnerChanged):
            owner = event.data.to
        elif isinstance(event.data, ev.CustomerSaid) and owner in (ASSISTANT, NOBODY):
            end = next((end for end in ends if end[0] >= event.seq), None)
            if end is None:
                yield "message left unanswered", f"seq {event.seq}"
            elif end[2] == "replied" and end[1] not in replied:
                yield "message left unanswered", f"seq {event.seq}: its turn ended without a reply"
