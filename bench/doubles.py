"""The recorded model and the recorded tools, over HTTP on a free port of the loopback.

The model is asked for by `X-Conversation-Id` and `X-Handrail-Step`; a tool by conversation, name,
arguments and occurrence. A recorded error answers 422: nothing was done.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from aiohttp import web

from bench.recording import Call, Json, Step
from bench.stage import Execution, Stage

TOOLS_SECRET = "the secret that signs calls to the recorded tools"
MODEL = "recorded"
_TEXT_CHARS = 48
_ARGUMENT_CHARS = 64


class Doubles:
    """The two doubles of one stage; `url` is set while they listen."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.url = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Serve on 127.0.0.1 until the block ends."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/tools/quote", self._quote)
        app.router.add_post("/tools/{tool}", self._call)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        performance = await self.stage.find(request.headers["X-Conversation-Id"])
        messages: list[Json] = (await request.json())["messages"]
        if request.headers.get("X-Handrail-Purpose") != "reply":
            performance.faults.append("the model was asked for something other than a reply")
        answer = performance.answer(
            int(request.headers["X-Handrail-Step"]),
            waits=has_open_hold(messages),
            spoken=[message["content"] for message in messages if message["role"] == "user"],
        )
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for piece in pieces(answer):
            await response.write(piece)
        return response

    async def _call(self, request: web.Request) -> web.Response:
        performance = await self.stage.find(request.headers["X-Conversation-Id"])
        tool, arguments = request.match_info["tool"], await _arguments(request)
        if request.headers["X-Customer-Id"] != performance.recording.id:
            performance.faults.append("a tool was called for another customer")
        if request.headers["X-Handrail-Purpose"] != "call":
            performance.faults.append(f"{tool} was asked for evidence")
        key = request.headers.get("Idempotency-Key")
        call = performance.take(tool, arguments, key=key)
        if call is None:
            performance.faults.append(f"{tool} was called as it was not recorded")
            return web.json_response("not recorded", status=422)
        if call.write:
            performance.executions.append(Execution(key or "", call, time.time() * 1000))
        status = 200 if call.succeeds else 422
        return web.Response(text=call.result, content_type="application/json", status=status)

    async def _quote(self, request: web.Request) -> web.Response:
        """What a call moves, by the recording: `{"amount", "direction"}`, null where nothing is."""
        performance = await self.stage.find(request.headers["X-Conversation-Id"])
        asked = await _arguments(request)
        if request.headers["X-Handrail-Purpose"] != "evidence":
            performance.faults.append("a quote was called as a tool")
        call = performance.recorded(asked["tool"], asked["arguments"])
        if call is None:
            performance.faults.append(f"a quote for {asked['tool']} as it was not recorded")
            return web.json_response("not recorded", status=422)
        return web.json_response({"amount": _dollars(call), "direction": call.direction})


def has_open_hold(messages: list[Json]) -> bool:
    """Whether a tool message says `held` and no later system message tells its outcome."""
    waiting: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            said = _object(message)
            if said.get("status") == "held" and "hold" in said:
                waiting.add(said["hold"])
        elif message["role"] == "system":
            waiting.discard(_object(message).get("hold", ""))
    return bool(waiting)


def pieces(answer: Step) -> Iterator[bytes]:
    """A step as the server-sent events of Chat Completions."""
    yield _chunk({"role": "assistant", "content": ""})
    for at in range(0, len(answer.text), _TEXT_CHARS):
        yield _chunk({"content": answer.text[at : at + _TEXT_CHARS]})
    for index, call in enumerate(answer.calls):
        named = {"name": call.tool, "arguments": ""}
        first = {"index": index, "id": call.model_call_id, "type": "function", "function": named}
        yield _chunk({"tool_calls": [first]})
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        for at in range(0, len(arguments), _ARGUMENT_CHARS):
            fragment = {"arguments": arguments[at : at + _ARGUMENT_CHARS]}
            yield _chunk({"tool_calls": [{"index": index, "function": fragment}]})
    yield _chunk({}, finish_reason="tool_calls" if answer.calls else "stop")
    yield b"data: [DONE]\n\n"


def _chunk(delta: Json, *, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    chunk = {
        "id": "recorded",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": MODEL,
        "choices": [choice],
    }
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


async def _arguments(request: web.Request) -> Json:
    """The call's arguments, once its signature is right; 401 otherwise."""
    body = await request.read()
    fields = dict(part.split("=", 1) for part in request.headers["X-Handrail-Signature"].split(","))
    signed = f"{fields['t']}.".encode() + body
    expected = hmac.new(TOOLS_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, fields["v1"]):
        raise web.HTTPUnauthorized
    arguments: Json = json.loads(body)["arguments"]
    return arguments


def _object(message: Json) -> Json:
    """The message's content where it is a JSON object, else an empty one."""
    content = message["content"]
    if not (isinstance(content, str) and content.startswith("{") and '"hold"' in content):
        return {}
    try:
        said = json.loads(content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _dollars(call: Call) -> float | None:
    return None if call.minor is None else call.minor / 100
