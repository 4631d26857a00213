"""What makes words no statement: a condition, a denial, a possibility, a quotation, a report."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?<=[.!?])[*_\"\u201d)]*\s+|\n\s*")
_MARKS = 8
"""Characters before a piece with which it may end a sentence."""
_BREAK = re.compile(r"[,;:\u2014\u2013]|\s-+\s|\bbut\b|\bhowever\b|\bso\b", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:if|once|when|whenever|after|unless|until|till|whether|before|as soon as|in case|should"
    r"|would|could|can|may(?! \d)|might|must|will|shall|['\u2019]ll|not|never|no|cannot|nothing"
    r"|neither|nor|without|unable|any|every|each time|need|since|because|eligible|assuming"
    r"|provided|ensure|make sure|where)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_AFFIRMS = re.compile(
    r"\b(?:i|we) (?:can|will|['\u2019]ll)(?: now| gladly| happily)? (?:confirm|tell you|say|assure)"
    r"|\bno (?:problem|worries)\b|\bcan see\b",
    re.IGNORECASE,
)
"""Words of `_OPEN` that open nothing."""
_RELATIVE = re.compile(r"\b(?:that|which|who|to|having|be|being)[\s*_]*$", re.IGNORECASE)
_OF_US = re.compile(r"(?:i|we)\b", re.IGNORECASE)
_REPORTED = re.compile(
    r"\b(?:you|he|she|they)(?:['\u2019](?:ve|re|d)| have| are| had| were)? ?(?:also |just )?(?:said"
    r"|say|saying|mention\w*|told|stat\w+|indicat\w*|believ\w*|think|thought|want\w*|ask\w*"
    r"|report\w*|not(?:e|ed)|claim\w*|request\w*)\b"
    r"|\b(?:i|we)(?: can| do)? (?:see|understand|hear|notice)\b"
    r"|\bsorry (?:to hear|that|for|about)\b"
    r"|\b(?:looks like|appears?|seems?|according to|shows?|showing|indicates?|reason)\b",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """The sentences of a reply as written; a line is one at least."""
    return [sentence for part in _SENTENCE.split(text) if (sentence := part.strip())]


def sentence_end(text: str, since: int = 0) -> int | None:
    """Where the first sentence of a text ends, with the space after it; None while it goes on.

    It does not end before `since`, as was seen already.
    """
    found = _SENTENCE.search(text, max(0, since - _MARKS))
    return found.end() if found else None


def is_no_statement(before: str, words: str = "") -> bool:
    """Whether words state nothing, by what stands in them or before them in their sentence."""
    clause = _AFFIRMS.sub("", _BREAK.split(before)[-1] + words)
    if _OPEN.search(clause) or _REPORTED.search(before):
        return True
    if _RELATIVE.search(before) and not _OF_US.match(words):
        return True
    return (before.count('"') + before.count("\u201c") + before.count("\u201d")) % 2 == 1
