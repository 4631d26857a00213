"""What waits for a client to read it, and how much of it may wait.

A packet may have any size: a state holds all that was missed. It is what piles up behind it that
is bounded, and with it, as much again being sent, what a client that does not read costs. It is
hung up then, and finds the rest by seq when it comes back.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from typing import Any

UNREAD_BYTES = 1024 * 1024


class Unread(asyncio.Queue[Any]):
    """The packets of one socket, and the memory their texts take, in bytes.

    It overrides the same hooks of asyncio's queue as `asyncio.LifoQueue` does.
    """

    _queue: deque[Any]

    @property
    def behind(self) -> int:
        """What waits behind the oldest packet."""
        return self.bytes - _size(self._queue[0]) if self.qsize() else 0

    def _init(self, maxsize: int) -> None:
        super()._init(maxsize)
        self.bytes = 0

    def _put(self, item: Any) -> None:
        super()._put(item)
        self.bytes += _size(item)

    def _get(self) -> Any:
        item = super()._get()
        self.bytes -= _size(item)
        return item


def _size(packet: Any) -> int:
    return 0 if packet is None else sys.getsizeof(packet.data)
