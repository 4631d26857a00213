"""Calls of one script by many at the same moment, sent as one pipeline.

A call that meets none under way goes at once; those made meanwhile go together as the next. A
hundred replies that show a frame cost one trip, and a fraction of the work of a hundred commands.
"""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec import Struct
from redis import exceptions as redis

from conversation.store import Script, Store, answering


class _Asked(Struct, frozen=True):
    keys: list[str]
    args: list[bytes | str | int]
    answer: asyncio.Future[Any]


class Together:
    """The script `<package>/lua/<name>.lua`, for many callers."""

    def __init__(self, store: Store, package: str, name: str) -> None:
        self._redis = store.writes
        self._script: Script = store.script(package, name)
        self._waiting: list[_Asked] = []
        self._sending: asyncio.Task[None] | None = None

    async def __call__(self, keys: list[str], args: list[bytes | str | int]) -> Any:
        """Run it; raises `Unavailable`. A caller that is cancelled may have been served."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(keys, args, answer))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all())
        return await answer

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                await self._send(asked)
        finally:
            self._sending = None

    async def _send(self, asked: list[_Asked]) -> None:
        answers: list[Any]
        try:
            with answering():
                pipe = self._redis.pipeline(transaction=False)
                for one in asked:
                    pipe.evalsha(self._script.sha, len(one.keys), *one.keys, *one.args)
                answers = await pipe.execute(raise_on_error=False)
        except Exception as error:  # noqa: BLE001 - told to every caller; nobody may wait for ever
            answers = [error] * len(asked)
        for one, answer in zip(asked, answers, strict=True):
            await self._settle(one, answer)

    async def _settle(self, one: _Asked, answer: Any) -> None:
        """Hand an answer over; a script the server does not know yet is sent whole."""
        try:
            if isinstance(answer, redis.NoScriptError):
                answer = await self._script(one.keys, one.args)
            elif isinstance(answer, Exception):
                with answering():
                    raise answer
        except Exception as error:  # noqa: BLE001 - it is the caller's
            if not one.answer.done():
                one.answer.set_exception(error)
        else:
            if not one.answer.done():
                one.answer.set_result(answer)
