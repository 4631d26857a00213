"""The stand-in as a web application: `POST /v1/chat/completions` and `GET /v1/models`."""

from __future__ import annotations

import secrets
import time
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from demo.answers import respond, send
from demo.model.dialogue import next_step
from demo.model.memory import recall
from demo.model.retrieval import Knowledge
from demo.model.stream import Answer, Pace, chunks, completion
from demo.model.transcript import read_messages

MODEL = "handrail-demo"
MAX_BODY_BYTES = 16 * 1024 * 1024

_KNOWLEDGE = web.AppKey("knowledge", Knowledge)
_PACE = web.AppKey("pace", Pace)


class CalledFunction(Struct, frozen=True):
    """What the assistant called; the arguments are JSON in a string."""

    name: str
    arguments: str


class Call(Struct, frozen=True):
    """A tool call the assistant made earlier."""

    id: str
    function: CalledFunction


class Message(Struct, frozen=True):
    """A message as far as it is read here."""

    role: str
    content: str | list[Any] | None = None
    tool_calls: list[Call] | None = None
    tool_call_id: str = ""


class Function(Struct, frozen=True):
    """The function behind a tool."""

    name: str


class Tool(Struct, frozen=True):
    """A tool the assistant may call."""

    function: Function


class StreamOptions(Struct, frozen=True):
    """Whether the stream ends with its token counts."""

    include_usage: bool = False


class Request(Struct, frozen=True):
    """A request for a completion, as far as it is read here."""

    messages: list[Message]
    model: str = MODEL
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[Tool] | None = None


def app(*, pace: Pace | None = None) -> web.Application:
    """Make the stand-in; `pace` says how fast it writes."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app[_KNOWLEDGE] = Knowledge.read()
    app[_PACE] = pace or Pace()
    app.router.add_post("/v1/chat/completions", _complete)
    app.router.add_get("/v1/models", _models)
    return app


async def _models(_: web.Request) -> web.Response:
    model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "handrail"}
    return respond({"object": "list", "data": [model]})


async def _complete(request: web.Request) -> web.StreamResponse:
    try:
        asked = msgspec.json.decode(await request.read(), type=Request)
    except msgspec.DecodeError as error:
        return _bad_request(str(error))
    if not asked.messages:
        return _bad_request("messages is empty")
    answer = _answer(asked, request.app[_KNOWLEDGE])
    if not asked.stream:
        await request.app[_PACE].think()
        return respond(completion(answer))
    return await _stream(request, asked, answer)


def _answer(asked: Request, knowledge: Knowledge) -> Answer:
    memory = recall(read_messages([msgspec.to_builtins(message) for message in asked.messages]))
    offered = {tool.function.name for tool in asked.tools or ()}
    return Answer(
        id=f"chatcmpl-{secrets.token_hex(8)}",
        created=int(time.time()),
        model=asked.model,
        step=next_step(memory, offered=offered, knowledge=knowledge),
        prompt_tokens=sum(len(str(message.content or "").split()) for message in asked.messages),
    )


async def _stream(request: web.Request, asked: Request, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    )
    await response.prepare(request)
    with_usage = asked.stream_options is not None and asked.stream_options.include_usage
    async for event in chunks(answer, request.app[_PACE], with_usage=with_usage):
        await response.write(event)
    await response.write_eof()
    return response


def _bad_request(message: str) -> web.Response:
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
    return send(400, msgspec.json.encode({"error": error}))
