"""The assistant at work in a test, between a model and tools that do as the test says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from agent.worker import Worker
from conversation.feed import Feed
from conversation.log import Log
from conversation.store import Store
from handrail import assistant, wiring
from handrail.config import Config
from tests.agent.shop import configured
from tests.agent.talk import PATIENCE_S, Talk
from tests.conftest import Clock
from tests.doubles.model import Action, Finish, Fragment, ModelDouble, Request, Script, Text
from tests.doubles.tools import ToolsDouble

ORDER = b'{"order_id": "W1", "paid": 80.00, "closed": false}'


class Scene:
    """The assistant's worker on the Redis of the test, between a model and tools of the test."""

    def __init__(
        self, store: Store, clock: Clock, *, model: ModelDouble, tools: ToolsDouble, data: Path
    ) -> None:
        self.store = store
        self.log = Log(store, clock=clock)
        self.model = model
        self.tools = tools
        self._clock = clock
        self._data = data
        self._stack = AsyncExitStack()
        self._came = asyncio.Event()

    async def open(self) -> None:
        """Be ready to follow conversations."""
        self._feed = await self._stack.enter_async_context(Feed(self.log))

    async def close(self) -> None:
        """End whatever is at work."""
        await self._stack.aclose()

    def config(self, **changes: Any) -> Config:
        """The configuration with these keys changed."""
        model_url = changes.pop("model_url", self.model.base_url)
        return configured(self.tools, model_url=model_url, data=self._data, **changes)

    async def work(self, **changes: Any) -> None:
        """Let the role `agent` work until the test ends."""
        await self._stack.enter_async_context(
            wiring.running(
                self.config(**changes),
                roles=["agent"],
                redis_url=self.store.url,
                clock=self._clock,
            )
        )

    @asynccontextmanager
    async def worker(self, **changes: Any) -> AsyncIterator[Worker]:
        """A worker that claims nothing by itself."""
        async with assistant.worker(self.config(**changes), self.log) as worker:
            yield worker

    async def talk(self, *, customer: str = "u_robin", greeting: str | None = None) -> Talk:
        """A conversation that is about to begin."""
        talk = Talk(self.log, self._feed, customer=customer, greeting=greeting)
        await talk.follow()
        self._stack.push_async_callback(talk.leave_off)
        return talk

    def answers(self, *answers: Iterable[Action]) -> None:
        """What the model answers to the conversation's first step, to its second …"""
        given = [list(answer) for answer in answers]

        def script(_body: dict[str, Any], headers: Mapping[str, str]) -> list[Action]:
            return given[int(headers["X-Handrail-Step"]) - 1]

        self._script(script)

    def tries(self, *answers: Iterable[Action]) -> None:
        """What the model answers to the first request, to the second …; the last one for ever."""
        given = [list(answer) for answer in answers]

        def script(_body: dict[str, Any], _headers: Mapping[str, str]) -> list[Action]:
            return given[min(len(self.model.requests), len(given)) - 1]

        self._script(script)

    def tries_for(self, cases: Mapping[str, Sequence[Iterable[Action]]]) -> None:
        """As `tries`, for customers who write different things at the same time."""
        asked: Counter[str] = Counter()

        def script(body: dict[str, Any], headers: Mapping[str, str]) -> list[Action]:
            answers = cases[body["messages"][-1]["content"]]
            conversation = headers["X-Conversation-Id"]
            asked[conversation] += 1
            return list(answers[min(asked[conversation], len(answers)) - 1])

        self._script(script)

    def _script(self, script: Script) -> None:
        def heard(body: dict[str, Any], headers: Mapping[str, str]) -> Iterable[Action]:
            self._came.set()
            return script(body, headers)

        self.model.script = heard

    async def asked(self, count: int) -> None:
        """Wait until the model has been asked so often."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.model.requests) < count:
                self._came.clear()
                await self._came.wait()

    async def left(self) -> None:
        """Wait until a request to the model was given up before its answer was complete."""
        await asyncio.wait_for(self.model.left.get(), PATIENCE_S)

    async def talks(self, texts: Iterable[str]) -> dict[str, Talk]:
        """A conversation for each text, in which a customer has just written it."""
        talks = {text: await self.talk() for text in texts}
        await asyncio.gather(*(talk.says(text) for text, talk in talks.items()))
        return talks

    def requests_of(self, talk: Talk) -> list[Request]:
        """What the model was asked in a conversation."""
        return [
            request
            for request in self.model.requests
            if request.headers["X-Conversation-Id"] == talk.conversation
        ]

    def messages(self, request: int = -1) -> list[dict[str, Any]]:
        """What the model was shown, without the instructions."""
        shown: list[dict[str, Any]] = self.model.requests[request].body["messages"]
        assert shown[0]["role"] == "system"
        return shown[1:]

    def header(self, name: str, talk: Talk | None = None) -> list[str]:
        """One of our headers in every request to the model, or in those of a conversation."""
        requests = self.requests_of(talk) if talk else self.model.requests
        return [request.headers[f"X-Handrail-{name}"] for request in requests]


def calls(*wanted: tuple[str, str], text: str = "") -> list[Action]:
    """A complete answer of tool calls, each a name and the arguments as the model writes them.

    The ids of the model repeat from step to step.
    """
    fragments = [
        Fragment(name, arguments, f"call_{index}", index)
        for index, (name, arguments) in enumerate(wanted)
    ]
    return [*([Text(text)] if text else []), *fragments, Finish("tool_calls")]
