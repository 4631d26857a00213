"""Whether two messages say the same in nearly the same words.

Figures, references and negations must agree exactly: "order 1001" and "order 1002" are different
questions. What remains is compared by its content words (Dice's coefficient).
"""

from __future__ import annotations

import re

from msgspec import Struct

_SAME = 0.8
_EMPTY = frozenset({
    "a", "an", "the", "i", "im", "id", "ive", "me", "my", "mine", "we", "us", "our", "you", "your",
    "youre", "it", "its", "he", "she", "they", "them", "this", "that", "these", "those", "there",
    "here", "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "have",
    "has", "had", "will", "would", "can", "could", "should", "may", "might", "shall", "must", "to",
    "of", "in", "on", "at", "for", "from", "with", "by", "about", "as", "into", "and", "or", "so",
    "if", "then", "than", "but", "because", "just", "really", "very", "too", "also", "now", "again",
    "still", "already", "please", "hi", "hello", "hey", "ok", "okay", "well", "oh", "um", "sorry",
    "thanks", "thank", "asked", "ask", "said", "say", "tell", "told", "get", "got", "let", "want",
    "need", "like", "know", "much", "any", "some", "one",
})  # fmt: skip
_NAMES_OF_DETAILS = frozenset({
    "order", "number", "id", "name", "email", "mail", "address", "zip", "code", "postcode", "phone",
    "account", "tracking", "reference", "reservation", "booking", "user", "username", "last",
    "first",
})  # fmt: skip
_NEGATIONS = frozenset({
    "not", "no", "never", "without", "none", "dont", "doesnt", "didnt", "cant", "couldnt", "wont",
    "wouldnt", "isnt", "arent", "wasnt", "hasnt", "havent", "nothing", "cannot",
})  # fmt: skip
_DETAIL = re.compile(r"[\d@]")
_GAPS = re.compile(r"[\s\u2013\u2014/]+")
_POSSESSIVE = re.compile(r"['\u2019]s\b")
_APOSTROPHES = str.maketrans("", "", "'\u2018\u2019`\u00b4")
_MARKS = ".,;:!?()[]{}<>*_-\u201c\u201d\u2026" + '"'
_LONGEST = 1_000
"""Characters of a message that count; those that repeat begin alike."""


class Gist(Struct, frozen=True):
    """What a message is compared by."""

    content: frozenset[str]
    details: frozenset[str]
    negated: bool

    @property
    def weight(self) -> int:
        """How much is said, in words; details by themselves say nothing."""
        return len(self.content) + bool(self.content and self.details)


def gist(text: str) -> Gist:
    """Content words, details (whatever has a digit or an @) and whether it is negated."""
    plain = _POSSESSIVE.sub("", text[:_LONGEST].lower()).translate(_APOSTROPHES)
    words = {stripped for word in _GAPS.split(plain) if (stripped := word.strip(_MARKS))}
    details = frozenset(filter(_DETAIL.search, words))
    content = words - details - _EMPTY - _NEGATIONS
    if details:
        content -= _NAMES_OF_DETAILS
    return Gist(frozenset(content), details, not _NEGATIONS.isdisjoint(words))


def same(one: Gist, other: Gist) -> bool:
    """Whether two messages say nearly the same; two that say nothing do not."""
    if one.details != other.details or one.negated != other.negated:
        return False
    common = 2 * len(one.content & other.content)
    return common > 0 and common >= _SAME * (len(one.content) + len(other.content))
