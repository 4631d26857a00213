"""Cuts a message into sentences and clauses, and writes them in one plain form.

Plain is lower case, without apostrophes and other marks, with short forms written out: "I do not",
"I don't" and "i dont" are all `i dont`. English only.
"""

from __future__ import annotations

import re

from handoff.monitor.spelling import mended

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\s*\n\s*")
_CLAUSE = re.compile(
    r"[,:()\[\]\"\u201c\u201d\u2014\u2013\u2026.!?;]+(?!\w)|\s-+\s|\bbut\b|\bhowever\b",
    re.IGNORECASE,
)
_APOSTROPHE = re.compile(r"(?<=\w)['\u2018\u2019`\u00b4](?=\w)")
_MARKS = re.compile(r"[^\w*]+|_+")
_NOT = re.compile(r"\b(do|does|did|is|are|was|would|could|should|need|have|has) not\b")
_CANNOT = re.compile(r"\bcan ?not\b")
_WILL_NOT = re.compile(r"\bwill not\b")
_SHORT = {
    "u": "you", "ya": "you", "ur": "your", "pls": "please", "plz": "please", "gonna": "going to",
    "wanna": "want to", "gotta": "have to", "gimme": "give me", "lemme": "let me", "wth": "with",
    "wiht": "with", "wirh": "with", "wit": "with", "w": "with", "some1": "someone",
    "any1": "anyone", "sb": "somebody", "tlak": "talk", "talkk": "talk", "caht": "chat",
    "chta": "chat", "hep": "help", "hlp": "help",
}  # fmt: skip
_LONGEST, _OVERLAP = 60, 15


def sentences(text: str) -> list[str]:
    """The sentences of a text as written, without white space around them."""
    return [sentence for part in _SENTENCE.split(text) if (sentence := part.strip())]


def clauses(sentence: str) -> list[str]:
    """The parts of a sentence between commas and the like, in plain form.

    One of more than 60 words comes as overlapping pieces, which bounds what a pattern must search.
    """
    return [piece for part in _CLAUSE.split(sentence) for piece in _pieces(plain(part))]


def _pieces(clause: str) -> list[str]:
    words = clause.split()
    starts = range(0, max(1, len(words) - _OVERLAP), _LONGEST - _OVERLAP) if words else ()
    return [" ".join(words[start : start + _LONGEST]) for start in starts]


def plain(text: str) -> str:
    """A text in plain form: words with single spaces between them."""
    words = _MARKS.sub(" ", _APOSTROPHE.sub("", text.lower())).split()
    joined = " ".join(mended(_SHORT.get(word, word)) for word in words)
    return _NOT.sub(r"\1nt", _WILL_NOT.sub("wont", _CANNOT.sub("cant", joined)))
