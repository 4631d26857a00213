"""A small choice of recordings in which every kind occurs, the shortest of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.recording import Recording

Kind = Callable[[Recording], bool]

KINDS: dict[str, Kind] = {
    "a held call": lambda r: any(call.is_held for call in r.calls),
    "several held calls in a step": lambda r: _in_a_step(r, _held) > 1,
    "five held calls in a step": lambda r: _in_a_step(r, _held) >= 5,
    "a charge": lambda r: any(call.direction == "from_customer" for call in r.calls),
    "money below the threshold": lambda r: any(_small(r)),
    "a write that fails": lambda r: any(call.write and not call.succeeds for call in r.calls),
    "a read that fails": lambda r: any(not call.write and not call.succeeds for call in r.calls),
    "a call that breaks its schema": lambda r: any("_raw" in call.arguments for call in r.calls),
    "more than seven calls in a step": lambda r: any(len(step.calls) > 7 for step in r.steps),
    "the same call twice in a step": lambda r: any(
        len({call.key for call in step.calls}) < len(step.calls) for step in r.steps
    ),
    "the same write twice in a conversation": lambda r: _repeats(r, write=True),
    "a turn of many steps": lambda r: any(len(turn.steps) >= 100 for turn in r.turns),
    "model call ids that repeat": lambda r: (
        len({call.model_call_id for call in r.calls}) < len(r.calls)
    ),
    "a very long text": lambda r: any(len(step.text) > 9_000 for step in r.steps),
    "white space at a text's ends": lambda r: any(s.text != s.text.strip() for s in r.steps),
    "text beside calls": lambda r: any(step.text and step.calls for step in r.steps),
    "a message nothing was recorded for": lambda r: any(not turn.steps for turn in r.turns),
    "an end after a tool's result": lambda r: any(
        turn.steps and turn.steps[-1].calls for turn in r.turns
    ),
    "transfer_to_human_agents": lambda r: any(
        call.tool == "transfer_to_human_agents" for call in r.calls
    ),
}


def sample(recordings: list[Recording]) -> list[Recording]:
    """The shortest recording of each kind and two of each source, in their own order."""
    by_length = sorted(recordings, key=lambda recording: len(recording.steps))
    chosen = {next(filter(kind, by_length)).id for kind in KINDS.values()}
    for source in {recording.source for recording in recordings}:
        chosen |= set(_shortest_of(source, by_length))
    return [recording for recording in recordings if recording.id in chosen]


def _shortest_of(source: str, by_length: list[Recording]) -> Iterator[str]:
    """Two of a source: its shortest, and its shortest with a held call if there is one."""
    own = [recording for recording in by_length if recording.source == source]
    yield own[0].id
    yield next(filter(KINDS["a held call"], own), own[-1]).id


def _in_a_step(recording: Recording, count: Callable[[Recording], Iterator[int]]) -> int:
    return max(count(recording), default=0)


def _held(recording: Recording) -> Iterator[int]:
    return (sum(call.is_held for call in step.calls) for step in recording.steps)


def _small(recording: Recording) -> Iterator[bool]:
    return (call.direction == "to_customer" and not call.is_held for call in recording.calls)


def _repeats(recording: Recording, *, write: bool) -> bool:
    keys = [call.key for call in recording.calls if call.write == write]
    return len(set(keys)) < len(keys)
