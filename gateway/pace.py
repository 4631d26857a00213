"""How fast one socket may send commands: a bucket of them that fills again at a steady rate."""

from __future__ import annotations

import time
from collections.abc import Callable

from conversation.errors import Refused

COMMANDS_A_SECOND = 100
COMMANDS_AT_ONCE = 2_000


class Pace:
    """The bucket of one socket; `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left = float(COMMANDS_AT_ONCE)
        self._at = clock()

    def keep(self) -> None:
        """Take one command out; raises `Refused` with `rate_limited` when the bucket is empty."""
        now = self._clock()
        filled = self._left + (now - self._at) * COMMANDS_A_SECOND
        self._left, self._at = min(filled, COMMANDS_AT_ONCE), now
        if self._left < 1:
            raise Refused("rate_limited", "too many commands at once, go slower")
        self._left -= 1
