"""A load of streamed replies, and how a process of its own plays it when it is told to.

A process is sent a load as one JSON line, answers `ready` once it has warmed up, plays when it is
sent `go`, and answers `{"first_s": […]}`: for each reply the seconds to its first text.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")

FIRST_DELAY_S = 0.02
TOKEN_S = 0.02
WARM_UP_TOKENS = 5


@dataclass(frozen=True)
class Load:
    """`streams` at once, begun evenly over `spread_s`; each has `replies` of `tokens` in a row."""

    url: str
    streams: int
    tokens: int
    replies: int
    spread_s: float

    @property
    def all_tokens(self) -> int:
        """The tokens of the whole load."""
        return self.streams * self.replies * self.tokens

    def line(self) -> bytes:
        """The load as it is sent to a process."""
        return json.dumps(asdict(self)).encode() + b"\n"


class Player(Protocol):
    """Who plays a load: one side of the comparison."""

    async def prepare(self, load: Load) -> None:
        """Connect all streams."""

    async def reply(self, stream: int, tokens: int) -> float:
        """Have one reply streamed and check it; returns the seconds to its first text."""

    async def finish(self) -> None:
        """Disconnect."""


def text_of(tokens: int) -> str:
    """What a reply of so many tokens says."""
    return "".join(token(at) for at in range(tokens))


def token(at: int) -> str:
    """The token at a place in a reply."""
    return f" word{at % 10}"


def obey(player: Player) -> None:
    """Play the loads that come on standard input until it ends."""
    asyncio.run(_obey(player))


async def _obey(player: Player) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        load = Load(**json.loads(line))
        await player.prepare(load)
        await _each(load, lambda stream: player.reply(stream, WARM_UP_TOKENS))
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        first_s = await _play(player, load)
        print(json.dumps({"first_s": first_s}), flush=True)
        await player.finish()


async def _play(player: Player, load: Load) -> list[float]:
    started = time.perf_counter()

    async def replies(stream: int) -> list[float]:
        begins = started + stream * load.spread_s / load.streams
        await asyncio.sleep(begins - time.perf_counter())
        return [await player.reply(stream, load.tokens) for _ in range(load.replies)]

    return [first_s for stream in await _each(load, replies) for first_s in stream]


async def _each(load: Load, play: Callable[[int], Awaitable[T]]) -> list[T]:
    return await asyncio.gather(*map(play, range(load.streams)))
