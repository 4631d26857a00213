"""What the monitor sees of a conversation: one episode, cut from the log.

An episode begins when the assistant last received the conversation, so that what people have
settled does not bring them in again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from conversation import events as ev
from conversation.state import ASSISTANT

Outcome = Literal["succeeded", "failed", "unknown", "not_started", "invalid", "denied", "held"]
_UNRUN: dict[ev.Verdict, Outcome] = {"invalid": "invalid", "deny": "denied", "hold": "held"}


class Message(Struct, frozen=True):
    """What somebody said to the other side."""

    by: Literal["customer", "assistant", "staff"]
    text: str
    seq: int


class CallResult(Struct, frozen=True):
    """What came of a tool call of `turn`: how it ended, or why it did not run."""

    call: str
    tool: str
    outcome: Outcome
    seq: int
    turn: int


class View(Struct, frozen=True):
    """An episode as one turn reads it, in the order of the log.

    Customer messages after `answered` wait for this turn's reply; `reply` is set once written.
    """

    messages: tuple[Message, ...]
    calls: tuple[CallResult, ...]
    turn: int
    answered: int = 0
    reply: str | None = None

    @property
    def unanswered(self) -> tuple[Message, ...]:
        """The customer's messages that this turn answers, oldest first."""
        return tuple(
            said for said in self.messages if said.by == "customer" and said.seq > self.answered
        )


def view_of(events: Sequence[ev.Event], *, turn: int, upto: int) -> View:
    """The current episode as turn `turn` sees it: words up to seq `upto`, and all results.

    A turn that was cut has answered nothing, and what it said of a reply is none.
    """
    episode = events[_beginning(events) :]
    ended = [
        event.data.upto
        for event in episode
        if isinstance(event.data, ev.TurnEnded) and event.data.outcome != "cut"
    ]
    return View(
        messages=tuple(_messages(event for event in episode if event.seq <= upto)),
        calls=tuple(sorted(_calls(episode), key=lambda call: call.seq)),
        turn=turn,
        answered=max(ended, default=0),
    )


def _beginning(events: Sequence[ev.Event]) -> int:
    """The index of the first event after the assistant last received the conversation."""
    for index in range(len(events) - 1, -1, -1):
        data = events[index].data
        if isinstance(data, ev.OwnerChanged) and data.to == ASSISTANT:
            return index + 1
    return 0


def _messages(events: Iterator[ev.Event]) -> Iterator[Message]:
    for event in events:
        match event.data:
            case ev.CustomerSaid(text=text):
                yield Message("customer", text, event.seq)
            case ev.AssistantSaid(text=text, partial=False):
                yield Message("assistant", text, event.seq)
            case ev.StaffSaid(text=text):
                yield Message("staff", text, event.seq)


def _calls(events: Sequence[ev.Event]) -> Iterator[CallResult]:
    """One result a call, at the seq of what settled it; calls still running have none."""
    results: dict[str, CallResult] = {}
    tools: dict[str, tuple[str, int]] = {}
    for event in events:
        match event.data:
            case ev.AssistantCalled(turn=turn, calls=calls):
                for call in calls:
                    tools[call.call] = (call.tool, turn)
                    if call.verdict in _UNRUN:
                        results[call.call] = CallResult(
                            call.call, call.tool, _UNRUN[call.verdict], event.seq, turn
                        )
            case ev.ToolFinished(call=name, outcome=outcome) if name in tools:
                tool, turn = tools[name]
                results[name] = CallResult(name, tool, outcome, event.seq, turn)
    yield from results.values()
