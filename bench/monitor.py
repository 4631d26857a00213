"""Hold the monitor against labelled messages and recorded customers, and time it.

Messages of public intent data and recorded conversations, from the folder named by
`HANDRAIL_DATA`. `asks for a person` is scored on messages alone; repetition and failing tools on
recorded conversations, turn by turn, with only what was known at each.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.labelled import (
    BITEXT_OPEN,
    NLU_OPEN,
    NLU_SEEN,
    OTHERS_OPEN,
    OTHERS_SEEN,
    SETS,
    Score,
    intents_folder,
    score,
)
from bench.recording import Recording, data_folder, recordings
from bench.report import Bar, arguments, conclude, table
from handoff.monitor import CallResult, Message, Monitor, View
from handoff.monitor.view import Outcome
from handoff.settings import MonitorSettings

EVERY_QUICK = 4
TIMED = 2_000
THIRTY_WORDS = (
    "Hello, I ordered two lamps and a chair a week ago and only the chair has come so far, could"
    " you please look where the two lamps are now"
)


@dataclass(frozen=True)
class Watched:
    """What the monitor made of the turns of a recording: its handovers, each by its reason."""

    recording: Recording
    handovers: tuple[str, ...]


def watch(recording: Recording, monitor: Monitor) -> Watched:
    """Assess each turn of a recording as if the conversation had gone on unharmed."""
    handovers: list[str] = []
    for view, reply in _turns(recording):
        assessment = monitor.after(view, reply)
        if assessment.outcome == "handover":
            handovers.append(assessment.reason)
    return Watched(recording, tuple(handovers))


def _turns(recording: Recording) -> Iterator[tuple[View, str]]:
    """Each turn's view and its reply; seqs count messages and calls."""
    messages: list[Message] = []
    calls: list[CallResult] = []
    answered = 0
    if recording.greeting:
        messages.append(Message("assistant", recording.greeting, 1))
    for number, turn in enumerate(recording.turns, 1):
        seq = 1 + len(messages) + len(calls)
        messages.append(Message("customer", turn.message, seq))
        for call in (call for step in turn.steps for call in step.calls):
            at = 1 + len(messages) + len(calls)
            outcome: Outcome = "succeeded" if call.succeeds else "failed"
            calls.append(CallResult(f"call_{at}", call.tool, outcome, at, number))
        reply = turn.steps[-1].text if turn.steps and not turn.steps[-1].calls else ""
        yield View(tuple(messages), tuple(calls), number, answered), reply
        answered = seq
        messages.append(Message("assistant", reply, 1 + len(messages) + len(calls)))


def _failing() -> frozenset[str]:
    """The recordings whose customer's task was not done, for comparison only."""
    path = data_folder() / "open" / "conversations.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return frozenset(row["id"] for row in rows if row["labels"]["fail"])


def times_ms(monitor: Monitor) -> list[float]:
    """CPU time of whole assessments of a 30-word message after six answered ones, sorted."""
    said = [f"{THIRTY_WORDS} {at}" for at in range(7)]
    messages = [
        Message("customer" if at % 2 == 0 else "assistant", said[at // 2], at + 1)
        for at in range(13)
    ]
    view = View(tuple(messages), (), turn=7, answered=11)
    taken: list[float] = []
    for _ in range(TIMED):
        started = time.thread_time_ns()
        monitor.before(view)
        taken.append((time.thread_time_ns() - started) / 1e6)
    return sorted(taken)


def _score_row(name: str, found: Score) -> tuple[str, ...]:
    asked = found.hits + found.missed
    rates = (f"{found.precision:.3f}", f"{found.recall:.3f}") if asked else ("", "")
    return (name, f"{found.judged:,}", f"{asked:,}", *rates, f"{found.alarms_per_1000:.2f}")


def _watch_rows(watched: list[Watched], failing: frozenset[str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for reason in ("asks_for_human", "repetition", "tool_failure"):
        ids = [one.recording.id for one in watched if reason in one.handovers]
        failed = sum(name in failing for name in ids)
        rows.append((reason, f"{len(ids):,} of {len(watched):,}", f"{failed:,}"))
    return rows


def _interrupted(watched: list[Watched], failing: frozenset[str]) -> float:
    """The share of recordings that went well and were handed over without being asked to."""
    well = [one for one in watched if one.recording.id not in failing]
    unasked = [one for one in well if set(one.handovers) - {"asks_for_human"}]
    return len(unasked) / max(1, len(well))


def _bars(scores: dict[str, Score], interrupted: float, p50_ms: float) -> list[Bar]:
    seen, unseen = scores[NLU_SEEN.name], scores[NLU_OPEN.name]
    nlu = Score(
        seen.hits + unseen.hits,
        seen.missed + unseen.missed,
        seen.alarms + unseen.alarms,
        seen.judged + unseen.judged,
    )
    bitext, others = scores[BITEXT_OPEN.name], scores[OTHERS_OPEN.name]
    alarms = others.alarms_per_1000
    return [
        Bar(
            "NLU++, both halves, precision", round(nlu.precision, 3), ">= .90", nlu.precision >= 0.9
        ),
        Bar("NLU++, both halves, recall", round(nlu.recall, 3), ">= .80", nlu.recall >= 0.8),
        Bar(
            "Bitext, unseen halves, recall", round(bitext.recall, 3), ">= .90", bitext.recall >= 0.9
        ),
        Bar("false alarms per 1,000, unseen halves", round(alarms, 2), "<= 1", alarms <= 1),
        Bar(
            "well-ended recordings handed over unasked",
            f"{100 * interrupted:.1f} %",
            "<= 2 %",
            interrupted <= 0.02,
        ),
        Bar("one assessment, p50 CPU ms", round(p50_ms, 3), "<= 1", p50_ms <= 1),
    ]


def main() -> int:
    """Run the bench; 1 when a bar does not hold, 2 without data."""
    options = arguments("Hold the monitor against labelled messages and recorded customers.")
    if not intents_folder().is_dir() or not data_folder().is_dir():
        print(f"no data at {data_folder().parent}; set HANDRAIL_DATA", file=sys.stderr)
        return 2
    monitor, every = Monitor(MonitorSettings()), EVERY_QUICK if options.quick else 1
    large = (OTHERS_SEEN, OTHERS_OPEN)
    scores = {one.name: score(one, monitor, every=every if one in large else 1) for one in SETS}
    watched = [watch(one, monitor) for one in recordings()[::every]]
    failing, taken = _failing(), times_ms(monitor)
    p50_ms = statistics.median(taken)
    head = ("asks for a person", "messages", "ask", "precision", "recall", "alarms per 1,000")
    table([head, *(_score_row(name, found) for name, found in scores.items())])
    print()
    table([("recordings handed over", "", "failed"), *_watch_rows(watched, failing)])
    print()
    p95_ms = taken[int(0.95 * TIMED)]
    table([("one assessment, CPU ms", f"p50 {p50_ms:.3f}", f"p95 {p95_ms:.3f}")])
    bars = _bars(scores, _interrupted(watched, failing), p50_ms)
    return conclude("monitor", bars, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
