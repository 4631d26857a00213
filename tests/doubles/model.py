"""A Chat Completions endpoint over HTTP whose every answer a test writes down."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass(frozen=True)
class Text:
    """A chunk with a piece of text."""

    text: str


@dataclass(frozen=True)
class Delta:
    """A chunk with this `delta`, whatever it holds."""

    delta: Mapping[str, Any]


@dataclass(frozen=True)
class Fragment:
    """A chunk with one fragment of a tool call; a field that is None is left out."""

    name: str | None = None
    arguments: str | None = None
    id: str | None = None
    index: int | None = 0


@dataclass(frozen=True)
class Finish:
    """The chunk with the finish reason, then the token count and the closing mark."""

    reason: str = "stop"


@dataclass(frozen=True)
class Bytes:
    """These bytes, as they are."""

    data: bytes


@dataclass(frozen=True)
class Wait:
    """Go on when the test sets the event; one that is never set is an endpoint that hangs."""

    until: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Flood:
    """These bytes, over and over, until the client leaves."""

    data: bytes


@dataclass(frozen=True)
class Cut:
    """The connection breaks."""


@dataclass(frozen=True)
class Answer:
    """A whole response instead of a stream; only as the first action."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Action = Text | Delta | Fragment | Finish | Bytes | Wait | Flood | Cut | Answer
Script = Callable[[dict[str, Any], Mapping[str, str]], Iterable[Action]]


@dataclass(frozen=True)
class Request:
    """What the double was asked; `peer` is the client's port, one for each connection."""

    body: dict[str, Any]
    headers: Mapping[str, str]
    peer: int


class ModelDouble:
    """Answers each request with the actions its script gives for it.

    `requests` holds all that came, in order; `left` gets one entry, the number of the request, for
    each that the client gave up before its answer was complete.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[Request] = []
        self.left: asyncio.Queue[int] = asyncio.Queue()
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/chat/completions", self._answer)
        self._server = TestServer(app, host="127.0.0.1")

    @property
    def base_url(self) -> str:
        """For `model.base_url`."""
        return str(self._server.make_url("/v1"))

    async def start(self) -> None:
        """Listen on a free port."""
        await self._server.start_server(shutdown_timeout=0)

    async def stop(self) -> None:
        """Close the port and all connections."""
        await self._server.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        number = len(self.requests)
        peer = request.transport.get_extra_info("peername")[1] if request.transport else 0
        self.requests.append(Request(await request.json(), request.headers.copy(), peer))
        try:
            return await self._act(request, self.requests[number])
        except (asyncio.CancelledError, ConnectionError):
            self.left.put_nowait(number)
            raise

    async def _act(self, request: web.Request, asked: Request) -> web.StreamResponse:
        actions = list(self.script(asked.body, asked.headers))
        if actions and isinstance(actions[0], Answer):
            return _whole(actions[0])
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        for action in actions:
            match action:
                case Wait(until):
                    await until.wait()
                case Flood(data):
                    while True:
                        await stream.write(data)
                        await asyncio.sleep(0)
                case Cut():
                    assert request.transport is not None
                    request.transport.abort()
                    return stream
                case _:
                    await stream.write(_written(action))
        await stream.write_eof()
        return stream


def say(text: str) -> list[Action]:
    """A complete answer of words."""
    return [*(Text(piece) for piece in text.splitlines(keepends=True)), Finish()]


def call(name: str, arguments: object, *, model_call_id: str = "call_1") -> list[Action]:
    """A complete answer of one tool call."""
    return [Fragment(name, json.dumps(arguments), model_call_id), Finish("tool_calls")]


@asynccontextmanager
async def model_double(script: Script) -> AsyncIterator[ModelDouble]:
    """A running double; stops with the block."""
    double = ModelDouble(script)
    await double.start()
    try:
        yield double
    finally:
        await double.stop()


def chunk(delta: Mapping[str, Any], finish_reason: str | None = None, **more: Any) -> bytes:
    """One event of the stream, as the public endpoint writes it."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return event({"choices": [choice], "usage": None} | more)


def event(content: Mapping[str, Any]) -> bytes:
    """One event with these fields and the usual ones around them."""
    around = {
        "id": "chatcmpl-double",
        "object": "chat.completion.chunk",
        "created": 1767225600,
        "model": "double",
        "system_fingerprint": "fp_0123456789",
    }
    return b"data: " + json.dumps(around | dict(content)).encode() + b"\n\n"


def _written(action: Text | Delta | Fragment | Finish | Bytes | Answer) -> bytes:
    match action:
        case Text(text):
            return chunk({"content": text})
        case Delta(delta):
            return chunk(delta)
        case Fragment(name, arguments, model_call_id, index):
            function = _given({"name": name, "arguments": arguments})
            call = _given({"index": index, "id": model_call_id}) | {"function": function}
            return chunk({"tool_calls": [call]})
        case Finish(reason):
            usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            counted = event({"choices": [], "usage": usage})
            return chunk({}, reason) + counted + b"data: [DONE]\n\n"
        case Bytes(data):
            return data
        case Answer():
            raise AssertionError("a whole answer stands alone")


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _whole(answer: Answer) -> web.Response:
    if isinstance(answer.body, bytes):
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)
