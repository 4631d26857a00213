"""Mends a slip of the finger in the few words that asking for a person turns on.

A word one edit away (a letter too many, too few, wrong, or two swapped) from one of `WORDS` becomes
it, unless it is a word of its own. Everything else stays as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

WORDS = frozenset({
    "human", "humans", "person", "agent", "agents", "operator", "assistant", "representative",
    "manager", "supervisor", "advisor", "someone", "somebody", "anyone", "anybody", "speak",
    "speaking", "talking", "chatting", "contact", "contacting", "connect", "assistance", "transfer",
    "escalate", "customer", "service", "support",
})  # fmt: skip
_OWN = frozenset({
    "contract", "contacts", "steak", "sneak", "spear", "speaks", "taking", "walking", "charting",
    "humane", "persona", "parson", "persons", "manage", "managed", "manages", "managers",
    "transfers", "connects", "services", "supports", "supported", "customers", "custom",
    "operators", "assistants", "customs", "escalated", "escalates", "contracts",
    "serviced", "gent",
})  # fmt: skip


def mended(word: str) -> str:
    """The word of `WORDS` that was meant, or `word` itself; lower case."""
    return _MEANT.get(word, word)


def _slips(word: str) -> Iterator[str]:
    """All that one edit makes of a word."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        yield from (head + letter + tail for letter in ascii_lowercase)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in ascii_lowercase)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


_MEANT = {slip: word for word in sorted(WORDS) for slip in _slips(word)}
_MEANT |= {word: word for word in WORDS | _OWN}
