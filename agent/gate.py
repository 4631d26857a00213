"""The release gate: shows a reply as it is written, and never a claim that is not true.

Ordinary words pass at once. From where a claim may begin they wait, until the sentence has ended or
a word shows that there is none; a claim that nothing in the conversation bears out cuts the reply.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Protocol

from handoff.promises import Claim, Deeds, begins_claim, claims, may_claim, sentence_end

_LONGEST_WAIT = 600
"""Characters a sentence without an end may wait."""
_LONGEST_WORD = 16
_KEPT = 400
"""Characters of a sentence without an end that are looked at again."""


class FalsePromise(Exception):
    """The reply claims what has not happened; `text` may still be shown, `kind` says what of."""

    def __init__(self, claim: Claim, text: str) -> None:
        super().__init__(claim.kind)
        self.kind = claim.kind
        self.text = text


class Release(Protocol):
    """What of a step's text is shown while it is written; one for each step."""

    def feed(self, piece: str) -> str:
        """What may be shown after a piece; raises `FalsePromise`."""

    def rest(self) -> str:
        """What may be shown when the text has ended; raises `FalsePromise`."""


class Open:
    """Everything is shown at once: nobody watches."""

    def feed(self, piece: str) -> str:
        """The piece."""
        return piece

    def rest(self) -> str:
        """Nothing is left."""
        return ""


class Shut:
    """Nothing is shown: a person sees it first."""

    def feed(self, _piece: str) -> str:
        """Nothing."""
        return ""

    def rest(self) -> str:
        """Nothing."""
        return ""


class Gate:
    """Lets the text of one step through; `deeds` is asked when a claim is met."""

    def __init__(self, deeds: Callable[[], Deeds]) -> None:
        self._look = deeds
        self._sentence = ""
        self._shown = 0

    def feed(self, piece: str) -> str:
        """What may be shown after a piece; raises `FalsePromise`."""
        waiting = self._shown < len(self._sentence)
        word = self._sentence[-_LONGEST_WORD:] + piece
        before = len(self._sentence)
        self._sentence += piece
        released = ""
        while (end := sentence_end(self._sentence, before)) is not None:
            released += self._whole(self._sentence[:end], released)
            self._sentence, self._shown, before = self._sentence[end:], 0, 0
        if waiting or released or may_claim(word):
            return released + self._begun(released)
        return released + self._release(len(self._sentence))

    def rest(self) -> str:
        """What may be shown when the reply has ended; raises `FalsePromise`."""
        return self._whole(self._sentence, "")

    def _begun(self, released: str) -> str:
        """Of a sentence being written: up to where a claim may begin."""
        if len(self._sentence) - self._shown > _LONGEST_WAIT:
            self._whole(self._sentence, released)
            return self._release(len(self._sentence))
        starts = [c.start for c in begins_claim(self._sentence) if not self._deeds.bear_out(c)]
        return self._release(max(self._shown, min(starts, default=len(self._sentence))))

    def _whole(self, sentence: str, released: str) -> str:
        for claim in claims(sentence):
            if not self._deeds.bear_out(claim):
                raise FalsePromise(claim, released)
        return sentence[self._shown :]

    def _release(self, upto: int) -> str:
        text, self._shown = self._sentence[self._shown : upto], upto
        if self._shown == len(self._sentence) > 2 * _KEPT:
            self._sentence, self._shown = self._sentence[-_KEPT:], _KEPT
        return text

    @cached_property
    def _deeds(self) -> Deeds:
        return self._look()
