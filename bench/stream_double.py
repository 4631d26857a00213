"""A model that streams at 50 tokens a second, as a process; its last user message says how many.

Prints its base URL, then serves until it is ended.
"""

from __future__ import annotations

import asyncio
import json
import time

from aiohttp import web

from bench.streams import FIRST_DELAY_S, TOKEN_S, token

_HEADERS = {"Content-Type": "text/event-stream"}


def main() -> None:
    """Serve on a free port of the loopback."""
    asyncio.run(_serve())


async def _serve() -> None:
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", _complete)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
    await asyncio.Event().wait()


async def _complete(request: web.Request) -> web.StreamResponse:
    due = time.perf_counter() + FIRST_DELAY_S
    messages = (await request.json())["messages"]
    said = [message["content"] for message in messages if message["role"] == "user"]
    response = web.StreamResponse(headers=_HEADERS)
    await response.prepare(request)
    for at in range(int(said[-1])):
        await asyncio.sleep(due - time.perf_counter())
        await response.write(_CHUNKS[at % len(_CHUNKS)])
        due += TOKEN_S
    await response.write(_LAST)
    return response


def _chunk(delta: dict[str, str], *, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    chunk = {
        "id": "chatcmpl-0123456789abcdefghijklmnopqr",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": "streamed",
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
        "choices": [choice],
    }
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


_CHUNKS = [_chunk({"content": token(at)}) for at in range(10)]
_LAST = _chunk({}, finish_reason="stop") + b"data: [DONE]\n\n"

if __name__ == "__main__":
    main()
