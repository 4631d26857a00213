"""Finding the passage of the shop's knowledge that answers a question, or admitting there is none.

BM25 over the stems of a passage's heading, the ways it is asked for and its text; see Robertson
and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from demo.model.words import stems

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"

_SATURATION = 1.2
_LENGTH_WEIGHT = 0.4
_HEADING_WEIGHT = 3
_ASKED_WEIGHT = 2
_MENTIONED = 0.5
_ENOUGH = 0.55
"""Share of a question's weight that a passage must account for before it counts as an answer."""


@dataclass(frozen=True)
class Passage:
    """One answer: its heading, other words it is asked for with, and the text that is said."""

    heading: str
    asked: str
    text: str


class Knowledge:
    """The passages of a folder of Markdown files, searchable."""

    def __init__(self, passages: list[Passage]) -> None:
        self._passages = passages
        self._counts = [_count(passage) for passage in passages]
        self._asked = [set(stems(f"{passage.heading} {passage.asked}")) for passage in passages]
        self._mean_length = sum(count.total() for count in self._counts) / len(passages)
        spread = Counter(stem for count in self._counts for stem in count)
        self._weights = {
            stem: math.log(1 + (len(passages) - n + 0.5) / (n + 0.5)) for stem, n in spread.items()
        }
        self._unknown_weight = max(self._weights.values())

    @classmethod
    def read(cls, folder: Path = KNOWLEDGE) -> Knowledge:
        """Read every `##` section of the folder; its `>` lines are other ways to ask for it."""
        files = sorted(folder.glob("*.md"))
        return cls([passage for file in files for passage in _passages(file.read_text())])

    def answer(self, question: str) -> Passage | None:
        """Return the best passage, None when none speaks of most of what is asked."""
        wanted = set(stems(question))
        if not wanted:
            return None
        best = max(range(len(self._passages)), key=lambda index: self._score(index, wanted))
        known = sum(
            self._weights[stem] * self._fit(best, stem) for stem in wanted & {*self._weights}
        )
        asked = sum(self._weights.get(stem, self._unknown_weight) for stem in wanted)
        return self._passages[best] if known >= _ENOUGH * asked else None

    def _fit(self, index: int, stem: str) -> float:
        """How far a passage speaks of a word: to be asked for by it says more than to use it."""
        if stem in self._asked[index]:
            return 1
        return _MENTIONED if stem in self._counts[index] else 0

    def _score(self, index: int, wanted: set[str]) -> float:
        count = self._counts[index]
        length = 1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * count.total() / self._mean_length
        return sum(
            self._weights[stem]
            * count[stem]
            * (_SATURATION + 1)
            / (count[stem] + _SATURATION * length)
            for stem in wanted
            if stem in count
        )


def _passages(markdown: str) -> list[Passage]:
    found = []
    for section in markdown.split("\n## ")[1:]:
        heading, *lines = section.strip().splitlines()
        asked = " ".join(line[1:] for line in lines if line.startswith(">"))
        text = " ".join(line for line in lines if line and not line.startswith(">"))
        found.append(Passage(heading, asked, text))
    return found


def _count(passage: Passage) -> Counter[str]:
    count = Counter(stems(passage.text))
    for text, weight in ((passage.heading, _HEADING_WEIGHT), (passage.asked, _ASKED_WEIGHT)):
        for stem in set(stems(text)):
            count[stem] += weight
    return count
