"""What makes words no statement: a question, a condition, a denial, a quotation, a report."""

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
_RELATIVE = re.compile(
    r"(?:\w[\s*_]+that|\b(?:which|who|to|having|be|being))[\s*_]*$", re.IGNORECASE
)
"""A clause that hangs on a word before it; a "that" which begins a clause points instead."""
_RULE = re.compile(r"\b(?:if|when|whenever|once|unless|until|as soon as|should)\b", re.IGNORECASE)
_END = r"[\s*_\"\u201d)]*$"
_QUESTION = re.compile(rf"\?{_END}")
_LISTED = re.compile(rf"[,;]\s*or{_END}", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:^|[,;:\u2014\u2013]|\s-|\b(?:and|or|but|so)\b)\W*(?:is|are|was|were|has|have|had|do|does"
    r"|did|would|could|can|shall|should|will|may|what|which|who|when|where|why|how"
    r"|\w+n['\u2019]t)\b",
    re.IGNORECASE,
)
"""Where a clause begins to ask."""
_LONGEST = 400
"""Characters before words in which a question that they belong to begins."""
_AFTERTHOUGHT = re.compile(
    r"(?:[,;:\u2014\u2013]|\s-)\s*(?!\d|or\b)[^\W\d]"
    r"|\b(?:okay|ok|right|alright|all right|yes)\W*$",
    re.IGNORECASE,
)
"""Another clause, which alone is asked: "..., okay?"."""
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


def is_asked(sentence: str, start: int, end: int) -> bool:
    """Whether the words from `start` to `end` of a whole sentence are asked, or one of a list.

    A question after a claim takes nothing from it: "I've refunded you, okay?".
    """
    if _LISTED.search(sentence):
        return True
    if not _QUESTION.search(sentence):
        return False
    return _ASKS.search(sentence, max(0, start - _LONGEST), start) is not None or not (
        _AFTERTHOUGHT.search(sentence, end) or _ASKS.search(sentence, end)
    )


def is_rule(before: str) -> bool:
    """Whether words before a state make it one that holds whenever they do."""
    return _RULE.search(before) is not None


def is_no_statement(before: str, words: str = "") -> bool:
    """Whether words state nothing, by what stands in them or before them in their sentence."""
    clause = _AFFIRMS.sub("", _BREAK.split(before)[-1] + words)
    if _OPEN.search(clause) or _REPORTED.search(before):
        return True
    if _RELATIVE.search(before) and not _OF_US.match(words):
        return True
    return (before.count('"') + before.count("\u201c") + before.count("\u201d")) % 2 == 1
