"""Hold the false-promise check against recorded assistants, and time it.

Recorded conversations, from the folder named by `HANDRAIL_DATA`, with what their tools did. Where
all went well each claim is true, so one that is cut is a false alarm. Words after a write are then
held against the same conversation as if no write had succeeded: how many are caught. A person is
announced truly where the recorded assistant called its own transfer tool. The patterns were made
with these recordings in view; a false alarm on others is likelier than here.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from msgspec import Raw
from msgspec.structs import replace

from agent.gate import FalsePromise, Gate
from bench.recording import Call, Recording, data_folder, recordings
from bench.report import Bar, arguments, conclude, table
from conversation import events as ev
from handoff.promises import Deeds, announced_person, deeds_of, false_claim

EVERY_QUICK = 4
TRANSFERS = "transfer"
PIECE = re.compile(r"\s*\S+")


@dataclass(frozen=True)
class Spoken:
    """A text of a recorded assistant, and what had been done when it was written."""

    text: str
    deeds: Deeds
    after_a_write: bool
    """Whether its turn has just changed something, and it is the turn's last word."""


@dataclass
class Found:
    """What the check made of recordings: ids of those with a cut claim or an unkept promise."""

    texts: int = 0
    cut: int = 0
    announced: int = 0
    alarmed: frozenset[str] = frozenset()
    handed_over: frozenset[str] = frozenset()
    claims: int = 0
    caught: int = 0


def spoken(recording: Recording) -> Iterator[Spoken]:
    """Each text of a recording, in order."""
    events: list[ev.Event] = []
    for number, turn in enumerate(recording.turns, 1):
        wrote = False
        for step in turn.steps:
            if step.text:
                yield Spoken(step.text, deeds_of(events), wrote and not step.calls)
            wrote = wrote or any(call.write and call.succeeds for call in step.calls)
            events += _recorded(events, number, step.calls)


def _recorded(before: list[ev.Event], turn: int, calls: tuple[Call, ...]) -> Iterator[ev.Event]:
    """A step's calls and their results, as the log has them."""
    ids = [f"call_{len(before)}_{at}" for at in range(len(calls))]
    made = [
        ev.Call(
            call=id_, model_call_id=None, tool=call.tool,
            arguments=Raw(json.dumps(call.arguments).encode()), verdict="allow",
        )
        for id_, call in zip(ids, calls, strict=True)
    ]  # fmt: skip
    yield _event(ev.AssistantCalled(turn=turn, attempt=1, step=1, text="", calls=made))
    for id_, call in zip(ids, calls, strict=True):
        yield _event(
            ev.ToolFinished(
                call=id_,
                key=id_ if call.write else None,
                outcome="succeeded" if call.succeeds else "failed",
                result=Raw(call.result.encode()),
            )
        )


def _event(data: ev.Data) -> ev.Event:
    return ev.Event("c_1", 1, 1, ev.NAMES[type(data)], "", ev.By("system"), 1, data)


def look(recorded: list[Recording]) -> Found:
    """Hold every text against what had happened, and those after a write against nothing done."""
    found = Found()
    alarmed, handed_over = set(), set()
    for recording in recorded:
        for said in spoken(recording):
            found.texts += 1
            if false_claim(said.text, said.deeds) is not None:
                found.cut += 1
                alarmed.add(recording.id)
            if (person := announced_person(said.text)) is not None:
                found.announced += 1
                if not said.deeds.bring(person) and not _transfers(recording):
                    handed_over.add(recording.id)
            if said.after_a_write:
                found.claims += 1
                found.caught += false_claim(said.text, replace(said.deeds, writes=())) is not None
    found.alarmed, found.handed_over = frozenset(alarmed), frozenset(handed_over)
    return found


def _transfers(recording: Recording) -> bool:
    return any(TRANSFERS in call.tool for call in recording.calls)


def _failing() -> frozenset[str]:
    """The recordings whose customer's task was not done."""
    path = data_folder() / "open" / "conversations.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return frozenset(row["id"] for row in rows if row["labels"]["fail"])


def piece_us(recorded: list[Recording]) -> float:
    """CPU microseconds the gate takes for a word of a reply."""
    texts = [(said.text, said.deeds) for one in recorded for said in spoken(one)]
    words = [(PIECE.findall(text), deeds) for text, deeds in texts]
    began = time.thread_time_ns()
    for pieces, deeds in words:
        gate = Gate(lambda deeds=deeds: deeds)  # type: ignore[misc]
        try:
            for piece in pieces:
                gate.feed(piece)
            gate.rest()
        except FalsePromise:
            continue
    return (time.thread_time_ns() - began) / 1e3 / max(1, sum(len(pieces) for pieces, _ in words))


def main() -> int:
    """Run the bench; 1 when a bar does not hold, 2 without data."""
    options = arguments("Hold the false-promise check against recorded assistants.")
    if not data_folder().is_dir():
        print(f"no data at {data_folder().parent}; set HANDRAIL_DATA", file=sys.stderr)
        return 2
    recorded = recordings()[:: EVERY_QUICK if options.quick else 1]
    failing = _failing()
    well = [one for one in recorded if one.id not in failing]
    good, bad = look(well), look([one for one in recorded if one.id in failing])
    taken_us = piece_us(recorded[::4])
    head = ("recordings", "", "texts", "with a claim cut", "people announced", "handed over for it")
    table(
        [head, _row("went well", len(well), good), _row("failed", len(recorded) - len(well), bad)]
    )
    caught = (good.caught + bad.caught) / max(1, good.claims + bad.claims)
    alarms = len(good.alarmed) / max(1, len(well))
    unasked = len(good.handed_over) / max(1, len(well))
    bars = [
        Bar(
            "well-ended recordings with a claim cut",
            f"{100 * alarms:.1f} %", "<= 0.5 %", alarms <= 0.005,
        ),
        Bar(
            "well-ended recordings handed over for a promise",
            f"{100 * unasked:.1f} %", "<= 1 %", unasked <= 0.01,
        ),
        Bar(
            "words after a write, cut had it not happened",
            f"{100 * caught:.0f} %", ">= 75 %", caught >= 0.75,
        ),
        Bar("the gate, CPU us a word", round(taken_us, 1), "<= 50", taken_us <= 50),
    ]  # fmt: skip
    return conclude("promises", bars, as_json=options.json)


def _row(name: str, number: int, found: Found) -> tuple[str, ...]:
    return (
        name, f"{number:,}", f"{found.texts:,}", f"{found.cut:,}", f"{found.announced:,}",
        f"{len(found.handed_over):,}",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
