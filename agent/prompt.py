"""The model's view of a conversation: a projection of the log, made anew for each step.

A turn reads the log up to its `upto` and its own events. What arrives while a turn runs stands
behind that turn's events in every later projection, so what a model was once shown never changes
and the prompt only grows at its end. Every tool call is answered, by our own call ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from agent.hold_messages import drafts_of, is_sent_draft, on_the_way
from conversation import events as ev
from conversation.ids import call_of, is_draft
from conversation.state import ASSISTANT, LINE, NOBODY, State, fold

Message = dict[str, Any]

PREAMBLE = """\
You are {name}, the assistant of this business, in a chat with a customer. People supervise you.
An action has happened only when its tool result says so. A tool result with status "held" means
the action waits for a person's approval: it is not done, do not call it again, say that it waits.
A system message {{"hold", "status", "result"}} tells later what became of it; tell the customer.
One with "call" and "tool" tells what a colleague did while the conversation was theirs."""

HELD_NOTE = "not done; do not re-issue"
UNKNOWN_NOTE = "outcome not known; do not re-issue"
TOLD = frozenset({*ev.OUTCOMES, "withdrawn"})
"""Hold statuses that the model is told."""


def instructions(name: str, text: str | None) -> str:
    """The system message: what holds for every assistant, then the operator's instructions."""
    return "\n\n".join(part for part in (PREAMBLE.format(name=name), text) if part)


def project(events: Sequence[ev.Event], *, system: str) -> list[Message]:
    """The messages for the next step of the open turn.

    Raises `ValueError` if a call would stay unanswered.
    """
    prefixes = _prefixes(events)
    asides = _asides(events)
    belated = _belated(events, prefixes)
    drafts = drafts_of(events)
    results = _results(events, belated)
    messages: list[Message] = [{"role": "system", "content": system}]
    for event in _in_turn_order(events, prefixes, belated):
        if event.seq in belated:
            messages += [_result(event.data, asides)]
        elif isinstance(event.data, ev.HoldChanged):
            messages += on_the_way(event.data, drafts)
            messages += _outcome(event.data, results, asides)
        else:
            messages += _messages(event, results)
    _check_answered(messages)
    return messages


def _prefixes(events: Sequence[ev.Event]) -> dict[int, int]:
    """What each turn has read: by its number, the last seq of its prefix."""
    prefixes: dict[int, int] = {}
    state = State(conversation=events[0].conversation if events else "")
    for event in events:
        state = fold(state, event)
        if state.turn is not None:
            prefixes.setdefault(state.turn.n, state.turn.upto)
    return prefixes


def _asides(events: Sequence[ev.Event]) -> dict[str, dict[str, str]]:
    """What the model did not hold itself: how a call is named that is told to it, by call.

    Calls of people, whose tool it has not seen, and its own that became a hold only afterwards.
    """
    named: dict[str, dict[str, str]] = {}
    for event in events:
        match event.data:
            case ev.StaffCalled(call=call, tool=tool):
                named[call] = {"call": call, "tool": tool}
            case ev.Held(kind="settle", call=call):
                named.setdefault(call, {"call": call})
    return named


def _belated(events: Sequence[ev.Event], prefixes: dict[int, int]) -> frozenset[int]:
    """Results told at their own place, by seq: those of people's calls, and those that came late.

    Late is when the next turn had begun: a takeover does not wait for them.
    """
    turns: dict[str, int] = {}
    allowed: set[str] = set()
    belated = set()
    for event in events:
        match event.data:
            case ev.AssistantCalled(turn=turn, calls=calls):
                turns |= {call.call: turn for call in calls if call.verdict == "allow"}
            case ev.StaffCalled(call=call, verdict="allow"):
                allowed.add(call)
            case ev.ToolFinished(call=call, outcome=outcome) if call in allowed:
                if outcome != "not_started":
                    belated.add(event.seq)
            case ev.ToolFinished(call=call, outcome=outcome) if call in turns:
                begun = prefixes.get(turns[call] + 1)
                if begun is not None and event.seq > begun and outcome != "not_started":
                    belated.add(event.seq)
    return frozenset(belated)


def _results(events: Sequence[ev.Event], belated: frozenset[int]) -> dict[str, ev.ToolFinished]:
    """What the model is told of each call at its place, for ever.

    A write that has begun is unknown until it has ended; what came later than that is told later.
    """
    results: dict[str, ev.ToolFinished] = {}
    for event in events:
        match event.data:
            case ev.ToolStarted(call=call, key=str(key)):
                results[call] = ev.ToolFinished(call=call, key=key, outcome="unknown")
            case ev.ToolFinished() as finished if event.seq not in belated:
                results[finished.call] = finished
    return results


def _in_turn_order(
    events: Sequence[ev.Event], prefixes: dict[int, int], belated: frozenset[int]
) -> list[ev.Event]:
    """The events the open turn may see, each turn's own before what arrived while it ran."""
    ordered: list[ev.Event] = []
    late: list[ev.Event] = []
    ended = 0
    for event in events:
        own = event.type in _OF_A_TURN and event.seq not in belated and not is_sent_draft(event)
        limit = prefixes.get(ended + 1)
        if own or limit is None or event.seq <= limit:
            ordered.append(event)
        else:
            late.append(event)
        if isinstance(event.data, ev.TurnEnded):
            ended = event.data.turn
            ordered += late
            late = []
    return ordered


_OF_A_TURN = frozenset(
    {"assistant_called", "tool_started", "tool_finished", "assistant_said", "held", "turn_ended"}
)


def _messages(event: ev.Event, results: dict[str, ev.ToolFinished]) -> list[Message]:
    match event.data:
        case ev.CustomerSaid(text=text):
            return [{"role": "user", "content": text}]
        case ev.AssistantSaid(text=text) if text:
            return [{"role": "assistant", "content": text}]
        case ev.StaffSaid(text=text):
            return [{"role": "assistant", "content": text}]
        case ev.AssistantCalled() as called:
            return _step(called, results)
        case ev.OwnerChanged() as changed:
            return _owner(changed)
        case _:
            return []


def _step(called: ev.AssistantCalled, results: dict[str, ev.ToolFinished]) -> list[Message]:
    calls = [
        {
            "id": call.call,
            "type": "function",
            "function": {"name": call.tool, "arguments": _arguments(call)},
        }
        for call in called.calls
    ]
    step = {"role": "assistant", "content": called.text or None, "tool_calls": calls}
    answers = [
        {"role": "tool", "tool_call_id": call.call, "content": _answer(call, results)}
        for call in called.calls
    ]
    return [step, *answers]


def _arguments(call: ev.Call) -> str:
    """The arguments as the model wrote them; broken ones are left out, servers parse them."""
    raw = bytes(call.arguments).decode()
    return raw if raw.startswith("{") else "{}"


def _answer(call: ev.Call, results: dict[str, ev.ToolFinished]) -> str:
    if call.verdict == "hold":
        hold = None if call.hold is UNSET else call.hold
        return _json({"status": "held", "hold": hold, "note": HELD_NOTE})
    if call.verdict in ("deny", "invalid"):
        return _json({"error": call.because})
    finished = results.get(call.call)
    if finished is None or finished.outcome == "not_started":
        return _json({"error": "not started"})
    if finished.outcome == "unknown":
        return _json({"status": "unknown", "note": UNKNOWN_NOTE})
    return tool_message(finished)


def tool_message(finished: ev.ToolFinished) -> str:
    """A finished call as the model reads it: the result's raw JSON, or the error.

    White space around it is left out, for the log does not keep it.
    """
    told = finished.error if isinstance(finished.error, Raw) else finished.result
    return bytes(told).decode().strip() if isinstance(told, Raw) else "null"


def _outcome(
    changed: ev.HoldChanged,
    results: dict[str, ev.ToolFinished],
    asides: dict[str, dict[str, str]],
) -> list[Message]:
    """What became of a hold; of one that was settled later, by what it was found."""
    if changed.status not in TOLD or is_draft(changed.hold):
        return []
    result: Any = None
    call = call_of(changed.hold)
    finished = results.get(call)
    if changed.status in ("succeeded", "failed"):
        if finished is not None and finished.outcome == changed.status:
            result = Raw(tool_message(finished).encode())
        elif changed.reference is not UNSET:
            result = {"reference": changed.reference}
    elif changed.status == "rejected" and changed.reason is not UNSET:
        result = {"reason": changed.reason}
    outcome = {"hold": changed.hold, "status": changed.status, "result": result}
    return [{"role": "system", "content": _json({**asides.get(call, {}), **outcome})}]


def _result(finished: ev.Data, asides: dict[str, dict[str, str]]) -> Message:
    """A result that does not stand at a call of the model: a person's, or one that came late."""
    assert isinstance(finished, ev.ToolFinished)
    result = None if finished.outcome == "unknown" else Raw(tool_message(finished).encode())
    named = asides.get(finished.call, {"call": finished.call})
    told = {**named, "status": finished.outcome, "result": result}
    return {"role": "system", "content": _json(told)}


def _owner(changed: ev.OwnerChanged) -> list[Message]:
    if changed.to == ASSISTANT and changed.from_ not in (ASSISTANT, NOBODY):
        brief = f" What was settled: {changed.brief}" if changed.brief else ""
        return [{"role": "system", "content": f"You have the conversation again.{brief}"}]
    if changed.to not in (ASSISTANT, LINE) and changed.name:
        words = f"{changed.name}, a colleague, has the conversation now."
        return [{"role": "system", "content": words}]
    return []


def _check_answered(messages: list[Message]) -> None:
    asked = {call["id"] for m in messages for call in m.get("tool_calls", ())}
    answered = [m["tool_call_id"] for m in messages if m["role"] == "tool"]
    if asked != set(answered) or len(asked) != len(answered):
        raise ValueError("a tool call is not answered exactly once")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
