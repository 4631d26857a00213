"""The HTTP tool client against real servers, one written for each case."""

import asyncio
import hashlib
import hmac
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from agent.http_tool import HttpTools, Outcome

SECRET = "s3cret"

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Tool:
    """A tool over HTTP: answers each try with the next of its replies, the last one for ever."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.tries: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.tries.append((dict(request.headers), await request.read()))
        return await self.replies[min(len(self.tries), len(self.replies)) - 1](request)


@pytest.fixture
async def tool() -> AsyncIterator[Tool]:
    tool = Tool()
    app = web.Application()
    app.router.add_post("/tool", tool.answer)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0)
    tool.url = str(server.make_url("/tool"))
    yield tool
    await server.close()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
async def tools(pauses: list[float]) -> AsyncIterator[HttpTools]:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    ticks: Iterator[float] = itertools.count(1767225600.9)
    tools = HttpTools(SECRET, clock=lambda: next(ticks), pause=pause, jitter=lambda: 1.0)
    yield tools
    await tools.close()


async def use(tools: HttpTools, url: str, **changed: Any) -> Outcome:
    usual: dict[str, Any] = {
        "url": url,
        "timeout_s": 5,
        "arguments": {"order_id": "W1"},
        "purpose": "call",
        "conversation": "c_1",
        "customer": "u_1",
        "key": None,
        "retry": True,
    }
    return await tools.call(**usual | changed)


async def read(tools: HttpTools, url: str, **changed: Any) -> Outcome:
    return await use(tools, url, **changed)


async def write(tools: HttpTools, url: str, **changed: Any) -> Outcome:
    return await use(tools, url, key="k_1", **changed)


def status(code: int, body: bytes = b"", **headers: str) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, body=body, headers=headers)

    return reply


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def stop_midway(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"a": 1')
    return await hang_up(request)


async def never(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


def error(outcome: Outcome) -> Any:
    assert outcome.result is None
    assert outcome.error is not None
    return json.loads(bytes(outcome.error))["error"]


async def test_a_call_carries_who_why_and_the_arguments(tool: Tool, tools: HttpTools) -> None:
    tool.replies = [status(200, b"1")]
    await write(tools, tool.url, arguments={"amount": Decimal("40.00"), "name": "Zoë"})

    headers, body = tool.tries[0]
    assert body == '{"arguments":{"amount":40.00,"name":"Zoë"}}'.encode()
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Conversation-Id"] == "c_1"
    assert headers["X-Customer-Id"] == "u_1"
    assert headers["X-Handrail-Purpose"] == "call"
    assert headers["Idempotency-Key"] == "k_1"


async def test_a_read_carries_no_key_and_an_unknown_customer_no_id(
    tool: Tool, tools: HttpTools
) -> None:
    tool.replies = [status(200, b"1")]
    await read(tools, tool.url, purpose="evidence", customer=None)

    headers, _ = tool.tries[0]
    assert "Idempotency-Key" not in headers
    assert "X-Customer-Id" not in headers
    assert headers["X-Handrail-Purpose"] == "evidence"


async def test_raw_arguments_are_sent_as_they_are(tool: Tool, tools: HttpTools) -> None:
    tool.replies = [status(200, b"1")]
    await read(tools, tool.url, arguments=msgspec.Raw(b'{"amount": 4e1}'))

    assert tool.tries[0][1] == b'{"arguments":{"amount": 4e1}}'


async def test_the_signature_covers_the_time_and_the_bytes_sent(
    tool: Tool, tools: HttpTools
) -> None:
    tool.replies = [status(200, b"1")]
    await read(tools, tool.url)

    headers, body = tool.tries[0]
    expected = hmac.new(SECRET.encode(), b"1767225600." + body, hashlib.sha256).hexdigest()
    assert headers["X-Handrail-Signature"] == f"t=1767225600,v1={expected}"


async def test_without_a_secret_nothing_is_signed(tool: Tool) -> None:
    tool.replies = [status(200, b"1")]
    tools = HttpTools(None)
    await read(tools, tool.url)
    await tools.close()

    assert "X-Handrail-Signature" not in tool.tries[0][0]


async def test_a_session_passed_in_is_used_and_left_open(tool: Tool) -> None:
    tool.replies = [status(200, b"1")]
    async with aiohttp.ClientSession(headers={"X-Mark": "mine"}) as session:
        tools = HttpTools(None, session)
        await read(tools, tool.url)
        await tools.close()

        assert tool.tries[0][0]["X-Mark"] == "mine"
        assert not session.closed


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b'{"amount": 40.00, "id": 12345678901234567890 }', None),
        (b"[]", None),
        (b'"paid"', None),
        (b"false", None),
        (b"0", None),
        (b"null", None),
        (b"", b"null"),
        (b" \n", b"null"),
    ],
)
async def test_any_json_is_a_result_kept_byte_for_byte(
    tool: Tool, tools: HttpTools, body: bytes, result: bytes | None
) -> None:
    tool.replies = [status(201, body)]
    outcome = await read(tools, tool.url)

    assert outcome.outcome == "succeeded"
    assert outcome.result is not None
    assert bytes(outcome.result) == (body if result is None else result)
    assert outcome.error is None


@pytest.mark.parametrize("body", [b"<p>ok</p>", b"{", b'"\xff"', b"NaN", b"[" * 100_000])
async def test_a_result_that_is_no_json_leaves_a_write_unknown(
    tool: Tool, tools: HttpTools, body: bytes
) -> None:
    tool.replies = [status(200, body)]
    looked, wrote = await read(tools, tool.url), await write(tools, tool.url)

    assert (looked.outcome, wrote.outcome) == ("failed", "unknown")
    assert error(looked) == error(wrote) == "The tool's answer is not JSON."
    assert len(tool.tries) == 2


async def test_a_result_that_is_too_large_leaves_a_write_unknown(
    tool: Tool, tools: HttpTools
) -> None:
    tool.replies = [status(200, b"1" * (1 << 21))]
    looked, wrote = await read(tools, tool.url), await write(tools, tool.url)

    assert (looked.outcome, wrote.outcome) == ("failed", "unknown")
    assert error(looked) == "The tool's answer is larger than 1 MiB."


@pytest.mark.parametrize(
    ("code", "body", "told"),
    [
        (400, b'{"code": 7, "why": "no such order"}', {"code": 7, "why": "no such order"}),
        (404, b"no such order", "no such order"),
        (422, b"\xff", "\ufffd"),
        (403, b"", "The tool answered 403."),
        (413, b"x" * (1 << 21), "The tool answered 413."),
    ],
)
async def test_a_refusal_means_that_nothing_was_done(
    tool: Tool, tools: HttpTools, code: int, body: bytes, told: Any
) -> None:
    tool.replies = [status(code, body)]
    outcome = await write(tools, tool.url)

    assert outcome.outcome == "failed"
    assert error(outcome) == told
    assert len(tool.tries) == 1


async def test_a_refusal_in_json_keeps_its_text(tool: Tool, tools: HttpTools) -> None:
    tool.replies = [status(400, b'{ "limit": 40.00 }')]
    outcome = await write(tools, tool.url)

    assert outcome.error == msgspec.Raw(b'{"error":{ "limit": 40.00 }}')


async def test_a_redirect_is_not_followed_and_leaves_open_what_was_done(
    tool: Tool, tools: HttpTools
) -> None:
    tool.replies = [status(307, Location=tool.url)]
    outcome = await write(tools, tool.url)

    assert outcome.outcome == "unknown"
    assert error(outcome) == "The tool answered 307; redirects are not followed."
    assert len(tool.tries) == 1


NOT_SETTLED = [
    *(pytest.param(status(code), id=str(code)) for code in (408, 409, 425, 429, 500, 502, 503)),
    hang_up,
    stop_midway,
]


@pytest.mark.parametrize("reply", NOT_SETTLED)
async def test_what_settles_nothing_is_tried_again_with_the_same_key(
    tool: Tool, tools: HttpTools, pauses: list[float], reply: Reply
) -> None:
    tool.replies = [reply, reply, status(200, b'{"paid": true}')]
    outcome = await write(tools, tool.url)

    assert outcome.outcome == "succeeded"
    assert len(tool.tries) == 3
    assert {headers["Idempotency-Key"] for headers, _ in tool.tries} == {"k_1"}
    assert len({body for _, body in tool.tries}) == 1
    assert len({headers["X-Handrail-Signature"] for headers, _ in tool.tries}) == 3
    assert pauses == [0.25, 0.5]


@pytest.mark.parametrize("reply", NOT_SETTLED)
async def test_what_stays_unsettled_is_unknown_for_a_write_and_failed_for_a_read(
    tool: Tool, tools: HttpTools, reply: Reply
) -> None:
    tool.replies = [reply]
    looked, wrote = await read(tools, tool.url), await write(tools, tool.url)

    assert (looked.outcome, wrote.outcome) == ("failed", "unknown")
    assert error(looked) == error(wrote)
    assert len(tool.tries) == 6


async def test_without_leave_to_retry_a_write_is_tried_once(
    tool: Tool, tools: HttpTools, pauses: list[float]
) -> None:
    tool.replies = [status(500)]
    outcome = await write(tools, tool.url, retry=False)

    assert outcome.outcome == "unknown"
    assert error(outcome) == "The tool answered 500."
    assert (len(tool.tries), pauses) == (1, [])


async def test_a_tool_that_never_answers_is_given_up(tool: Tool, tools: HttpTools) -> None:
    tool.replies = [never]
    looked = await read(tools, tool.url, timeout_s=0.03)
    wrote = await write(tools, tool.url, timeout_s=0.03)

    assert (looked.outcome, wrote.outcome) == ("failed", "unknown")
    assert error(looked) == "The tool did not answer within 0.03 s."
    assert len(tool.tries) == 6


async def test_a_refusal_after_a_doubtful_try_does_not_settle_a_write(
    tool: Tool, tools: HttpTools
) -> None:
    tool.replies = [hang_up, status(401, b'"who are you"')]
    outcome = await write(tools, tool.url)

    assert outcome.outcome == "unknown"
    assert error(outcome) == "who are you"


async def test_a_tool_out_of_reach_has_done_nothing(tools: HttpTools, pauses: list[float]) -> None:
    outcome = await write(tools, f"http://127.0.0.1:{unused_port()}/tool")

    assert outcome.outcome == "failed"
    assert error(outcome) == "The tool could not be reached."
    assert len(pauses) == 2


async def test_a_tool_that_dies_between_two_tries_may_have_done_it(
    tool: Tool, tools: HttpTools
) -> None:
    dying = TestServer(web.Application())

    async def break_off(request: web.Request) -> web.StreamResponse:
        assert dying.runner is not None
        await next(iter(dying.runner.sites)).stop()
        return await hang_up(request)

    dying.app.router.add_post("/tool", break_off)
    await dying.start_server(shutdown_timeout=0)
    outcome = await write(tools, str(dying.make_url("/tool")))
    await dying.close()

    assert outcome.outcome == "unknown"
    assert error(outcome) == "The tool could not be reached."


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/tool", "nowhere"])
async def test_an_address_that_is_none_fails_at_once(
    tools: HttpTools, pauses: list[float], url: str
) -> None:
    outcome = await write(tools, url)

    assert (outcome.outcome, pauses) == ("failed", [])


async def test_a_customer_id_cannot_smuggle_a_header(tool: Tool, tools: HttpTools) -> None:
    tool.replies = [status(200, b"1")]
    outcome = await write(tools, tool.url, customer="u_1\r\nX-Handrail-Purpose: evidence")

    assert outcome.outcome == "failed"
    assert tool.tries == []


async def test_a_cookie_of_one_call_is_not_sent_with_the_next(tool: Tool, tools: HttpTools) -> None:
    tool.replies = [status(200, b"1", **{"Set-Cookie": "customer=u_1"})]
    by_name = tool.url.replace("127.0.0.1", "localhost")  # an address alone never gets cookies
    await read(tools, by_name)
    await read(tools, by_name, customer="u_2")

    assert "Cookie" not in tool.tries[1][0]


async def test_a_cancelled_call_closes_its_connection(tools: HttpTools) -> None:
    reached, closed = asyncio.Event(), asyncio.Event()

    async def watch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}}")
        reached.set()
        assert await reader.read() == b""
        closed.set()
        writer.close()

    server = await asyncio.start_server(watch, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    calling = asyncio.create_task(write(tools, f"http://127.0.0.1:{port}/tool"))
    await reached.wait()
    calling.cancel()
    async with asyncio.timeout(1):
        await closed.wait()
    server.close()

    assert calling.cancelled()
