"""What the monitor makes of a turn, and how signals become one score.

Each soft signal is taken as an independent chance that the answer is wrong (noisy-or); at or above
the threshold the conversation goes to a person. The threshold is fixed: nothing certifies it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from conversation import events as ev

THRESHOLD = 0.7


class Assessment(Struct, frozen=True):
    """What is to happen, why, strongest reason first, and the score it was judged by."""

    outcome: Literal["continue", "offer", "draft", "handover"]
    score: float
    threshold: float
    certified: bool
    reasons: tuple[ev.Reason, ...]

    @property
    def reason(self) -> str:
        """The signal of the strongest reason, "" when nothing was noticed."""
        return self.reasons[0].signal if self.reasons else ""


def assess(reasons: Iterable[ev.Reason], *, by_rule: bool) -> Assessment:
    """Combine reasons; `by_rule` hands over whatever the score."""
    ranked = sorted(reasons, key=lambda reason: reason.score, reverse=True)
    score = combined([reason.score for reason in ranked])
    return Assessment(
        outcome="handover" if by_rule or score >= THRESHOLD else "continue",
        score=score,
        threshold=THRESHOLD,
        certified=False,
        reasons=tuple(ranked),
    )


def combined(scores: Sequence[float]) -> float:
    """Noisy-or: the chance that at least one of independent signals is right."""
    return 1 - math.prod(1 - score for score in scores)
