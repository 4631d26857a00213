"""Labelled messages of public intent data, and how well requests for a person are found in them.

The messages of the seen sets were read while the phrases were written; those of the others never.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.recording import data_folder
from handoff.monitor import Message, Monitor, View

Row = dict[str, Any]


@dataclass(frozen=True)
class Labelled:
    """A set of messages; `asks` says which ask for a person, `unclear` which are left out."""

    name: str
    files: tuple[str, ...]
    asks: Callable[[Row], bool]
    unclear: Callable[[Row], bool] = lambda _: False


@dataclass(frozen=True)
class Score:
    """How a set went: hits, misses, false alarms and the messages judged."""

    hits: int
    missed: int
    alarms: int
    judged: int

    @property
    def precision(self) -> float:
        """The share of handovers that were asked for."""
        return self.hits / max(1, self.hits + self.alarms)

    @property
    def recall(self) -> float:
        """The share of requests that were understood."""
        return self.hits / max(1, self.hits + self.missed)

    @property
    def alarms_per_1000(self) -> float:
        """False alarms in a thousand messages that do not ask."""
        return 1000 * self.alarms / max(1, self.judged - self.hits - self.missed)


def _wants_handoff(row: Row) -> bool:
    return "handoff" in row["intents"]


def _wants_agent(row: Row) -> bool:
    return bool(row["label"] == "contact_human_agent")


def _wants_service(row: Row) -> bool:
    return bool(row["label"] == "contact_customer_service")


def _nobody(_: Row) -> bool:
    return False


NLU_SEEN = Labelled("NLU++ train", ("nlupp_train",), _wants_handoff)
NLU_OPEN = Labelled("NLU++ open test", ("nlupp_test_open",), _wants_handoff)
BITEXT_SEEN = Labelled("Bitext train", ("bitext_train",), _wants_agent, _wants_service)
BITEXT_OPEN = Labelled(
    "Bitext val, open test", ("bitext_val", "bitext_test_open"), _wants_agent, _wants_service
)
OTHERS_SEEN = Labelled(
    "others, seen",
    (
        "clinc150_train",
        "clinc150_val",
        "clinc150_oos_train",
        "clinc150_oos_val",
        "banking77_train",
        "multidogo_dev",
    ),
    _nobody,
)
OTHERS_OPEN = Labelled(
    "others, open test",
    (
        "clinc150_test_open",
        "clinc150_oos_test_open",
        "banking77_test_open",
        "multidogo_test_open",
    ),
    _nobody,
)
"""CLINC150, Banking77 and MultiDoGO label no requests for people; the few in them are alarms."""
SETS = (NLU_SEEN, NLU_OPEN, BITEXT_SEEN, BITEXT_OPEN, OTHERS_SEEN, OTHERS_OPEN)


def _rows(files: tuple[str, ...], *, every: int) -> Iterator[Row]:
    for file in files:
        with gzip.open(intents_folder() / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
            yield from (json.loads(line) for at, line in enumerate(lines) if at % every == 0)


def intents_folder() -> Path:
    """Where the intent data lie, beside the recordings."""
    return data_folder().parent / "intents"


def score(labelled: Labelled, monitor: Monitor, *, every: int) -> Score:
    """Judge every message of a set as the first of a conversation."""
    counts: Counter[tuple[bool, bool]] = Counter()
    for row in _rows(labelled.files, every=every):
        if not labelled.unclear(row):
            view = View((Message("customer", row["text"], 1),), (), turn=1)
            asked = monitor.before(view).outcome == "handover"
            counts[labelled.asks(row), asked] += 1
    return Score(
        hits=counts[True, True],
        missed=counts[True, False],
        alarms=counts[False, True],
        judged=counts.total(),
    )
