"""What waits for a client to read it, and how much of it may wait.

Together with what is being sent, which is as much again, and one packet of any size, this bounds
what a client that does not read costs; it is hung up, and finds the rest by seq when it comes back.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

UNREAD_BYTES = 1024 * 1024


class Unread(asyncio.Queue[Any]):
    """The packets of one socket; `bytes` is the memory their texts take.

    It overrides the same hooks of asyncio's queue as `asyncio.LifoQueue` does.
    """

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
