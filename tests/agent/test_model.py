"""The model client against an endpoint over HTTP that answers as each test writes it down."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp.test_utils import unused_port

from agent.assembly import ModelCall, Step, Usage
from agent.model import Model
from agent.model_error import Incomplete, ModelError, Reason, Unanswered
from agent.settings import ModelSettings
from tests.doubles.model import (
    Action,
    Answer,
    Bytes,
    Cut,
    Delta,
    Finish,
    Flood,
    Fragment,
    ModelDouble,
    Text,
    Wait,
    call,
    chunk,
    event,
    model_double,
    say,
)

MESSAGES = [{"role": "user", "content": "hello"}]

Ask = Callable[..., Awaitable[tuple[list[str], Step]]]


@pytest.fixture
async def endpoint() -> AsyncIterator[ModelDouble]:
    async with model_double(lambda _body, _headers: say("hi")) as double:
        yield double


@pytest.fixture
async def model(endpoint: ModelDouble) -> AsyncIterator[Model]:
    model = Model(ModelSettings(name="m", base_url=endpoint.base_url, api_key="k", timeout_s=5))
    yield model
    await model.close()


@pytest.fixture
def ask(endpoint: ModelDouble, model: Model) -> Ask:
    async def ask(*actions: Action) -> tuple[list[str], Step]:
        endpoint.script = lambda _body, _headers: actions
        return await read(model)

    return ask


async def read(model: Model) -> tuple[list[str], Step]:
    *texts, step = [piece async for piece in model.step(messages=MESSAGES, tools=[], headers={})]
    assert isinstance(step, Step)
    return [text for text in texts if isinstance(text, str)], step


async def test_text_comes_as_it_is_written_and_whole_at_the_end(
    endpoint: ModelDouble, model: Model
) -> None:
    taken = asyncio.Event()
    endpoint.script = lambda *_: [Text(" It"), Wait(taken), Text(" is.\n"), Finish()]
    got: list[str | Step] = []
    async for piece in model.step(messages=MESSAGES, tools=[], headers={}):
        got.append(piece)
        taken.set()

    assert got == [" It", " is.\n", Step(" It is.\n", (), "stop", Usage(11, 7))]


async def test_the_request_is_chat_completions_with_our_headers(
    endpoint: ModelDouble, model: Model
) -> None:
    tools = [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}]
    headers = {"X-Conversation-Id": "c_1", "X-Handrail-Step": "3"}
    async for _ in model.step(messages=MESSAGES, tools=tools, headers=headers):
        pass

    request = endpoint.requests[0]
    assert request.body == {
        "model": "m",
        "messages": MESSAGES,
        "tools": tools,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert request.headers["Authorization"] == "Bearer k"
    assert request.headers["Accept-Encoding"] == "identity"
    assert request.headers["X-Conversation-Id"] == "c_1"
    assert request.headers["X-Handrail-Step"] == "3"


async def test_without_tools_none_are_sent(endpoint: ModelDouble, model: Model) -> None:
    await read(model)

    assert "tools" not in endpoint.requests[0].body


async def test_a_key_of_the_environment_is_not_sent_to_a_configured_endpoint(
    endpoint: ModelDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    model = Model(ModelSettings(name="m", base_url=endpoint.base_url))
    await read(model)
    await model.close()

    assert "secret" not in endpoint.requests[0].headers["Authorization"]


async def test_one_connection_serves_one_step_after_the_other(
    endpoint: ModelDouble, model: Model
) -> None:
    for _ in range(3):
        await read(model)

    assert len({request.peer for request in endpoint.requests}) == 1


async def test_calls_come_with_their_raw_arguments(ask: Ask) -> None:
    _, step = await ask(
        Text("One moment."),
        Fragment("pay", '{"sum"', "a"),
        Fragment(arguments=": 40.00}"),
        Fragment("pay", '{"sum": NaN', "b", index=1),
        Finish("tool_calls"),
    )

    assert step.text == "One moment."
    assert step.calls == (
        ModelCall("a", "pay", '{"sum": 40.00}'),
        ModelCall("b", "pay", '{"sum": NaN'),
    )


async def test_calls_beside_a_plain_stop_are_accepted(ask: Ask) -> None:
    _, step = await ask(Fragment("find", "{}", "a"), Finish("stop"))

    assert step.calls == (ModelCall("a", "find", "{}"),)


async def test_an_answer_in_one_piece_is_accepted(ask: Ask) -> None:
    message = {
        "role": "assistant",
        "content": "Paid.",
        "tool_calls": [{"id": "a", "function": {"name": "pay", "arguments": "{}"}}],
    }
    body = {
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    }
    texts, step = await ask(Answer(body=body))

    assert texts == ["Paid."]
    assert step == Step("Paid.", (ModelCall("a", "pay", "{}"),), "tool_calls", Usage(3, 2))


async def test_a_compressed_stream_is_read_as_well(ask: Ask) -> None:
    stream = chunk({"content": "hi"}) + chunk({}, "stop")
    compressed = Answer(
        body=gzip.compress(stream),
        headers={"Content-Encoding": "gzip", "Content-Type": "text/event-stream"},
    )

    assert (await ask(compressed))[1].text == "hi"


async def test_a_finish_reason_without_the_closing_mark_is_an_end(ask: Ask) -> None:
    _, step = await ask(Text("hi"), Bytes(chunk({}, "stop")))

    assert step == Step("hi", (), "stop", None)


async def test_a_stream_left_open_after_the_finish_reason_is_not_waited_for(ask: Ask) -> None:
    async with asyncio.timeout(2):
        _, step = await ask(Text("hi"), Finish(), Wait())

    assert step.text == "hi"


async def test_what_trails_the_finish_reason_belongs_to_the_answer(
    endpoint: ModelDouble, model: Model
) -> None:
    taken = asyncio.Event()
    last = Bytes(chunk({"content": "b"}, "stop"))
    endpoint.script = lambda *_: [Text("a"), last, Wait(taken), Text("c"), Finish()]
    got: list[str | Step] = []
    async for piece in model.step(messages=MESSAGES, tools=[], headers={}):
        got.append(piece)
        if piece in ("b", "ab"):
            taken.set()

    assert got[-2:] == ["c", Step("abc", (), "stop", Usage(11, 7))]


async def failure(ask: Ask, *actions: Action) -> ModelError:
    with pytest.raises(ModelError) as raised:
        await ask(*actions)
    return raised.value


async def test_a_stream_that_stops_early_is_no_answer(ask: Ask) -> None:
    error = await failure(ask, Text("I have ref"))

    assert isinstance(error, Incomplete)
    assert (error.reason, error.retryable, error.text) == ("ended_early", True, "I have ref")


async def test_the_closing_mark_without_a_finish_reason_is_no_answer(ask: Ask) -> None:
    error = await failure(ask, Fragment("pay", "{}", "a"), Bytes(b"data: [DONE]\n\n"), Wait())

    assert (error.reason, error.retryable) == ("ended_early", True)


async def test_a_broken_connection_is_no_answer(ask: Ask) -> None:
    error = await failure(ask, Text("I have"), Cut())

    assert isinstance(error, Incomplete)
    assert (error.reason, error.retryable) == ("ended_early", True)


@pytest.mark.parametrize(
    ("finish_reason", "reason"), [("length", "truncated"), ("content_filter", "filtered")]
)
async def test_an_answer_cut_short_drops_its_calls(
    ask: Ask, finish_reason: str, reason: Reason
) -> None:
    error = await failure(ask, Text("So"), Fragment("pay", "{}", "a"), Finish(finish_reason))

    assert isinstance(error, Incomplete)
    assert (error.reason, error.retryable, error.text) == (reason, False, "So")


async def test_a_refusal_is_told_apart_from_an_answer(ask: Ask) -> None:
    error = await failure(
        ask, Delta({"content": None, "refusal": "I cannot"}), Delta({"refusal": "."}), Finish()
    )

    assert (error.reason, error.retryable, error.text) == ("refused", False, "")


async def test_announced_calls_that_do_not_come_are_no_answer(ask: Ask) -> None:
    assert (await failure(ask, Text("So"), Finish("tool_calls"))).reason == "malformed"


@pytest.mark.parametrize(
    "nonsense",
    [
        Bytes(b"data: hello\n\n"),
        Bytes(b'data: {"choices": [{"delta": {"content": 7}}]}\n\n'),
        Bytes(chunk({}, "abort")),
        Flood(b"x" * 65536),
        Flood(chunk({"content": "x" * 65536})),
        Answer(body=b"{", headers={"Content-Type": "application/json"}),
        Answer(body=b" " * (2 << 20), headers={"Content-Type": "application/json"}),
    ],
    ids=[
        "no-json",
        "wrong-type",
        "unknown-finish",
        "endless-line",
        "endless-text",
        "cut-body",
        "huge-body",
    ],
)
async def test_nonsense_is_malformed_and_may_be_tried_again(ask: Ask, nonsense: Action) -> None:
    error = await failure(ask, nonsense)

    assert isinstance(error, Incomplete)
    assert (error.reason, error.retryable) == ("malformed", True)


@pytest.mark.parametrize(
    ("reported", "reason", "status"),
    [
        ({"message": "overloaded", "type": "server_error"}, "server_error", None),
        ({"message": "slow down", "code": "rate_limit_exceeded"}, "rate_limited", None),
        ({"message": "no", "code": 502}, "server_error", 502),
        ({"message": "no", "code": 429}, "rate_limited", 429),
        ("broken", "server_error", None),
    ],
)
async def test_an_error_in_the_stream_ends_it(
    ask: Ask, reported: Any, reason: Reason, status: int | None
) -> None:
    error = await failure(ask, Text("So"), Bytes(event({"error": reported})), Finish())

    assert isinstance(error, Incomplete)
    assert (error.reason, error.retryable, error.status) == (reason, True, status)
    assert error.text == "So"


@pytest.mark.parametrize(
    ("status", "reason", "retryable"),
    [
        (307, "bad_request", False),
        (400, "bad_request", False),
        (401, "unauthorized", False),
        (403, "unauthorized", False),
        (404, "bad_request", False),
        (408, "timeout", True),
        (409, "server_error", True),
        (429, "rate_limited", True),
        (500, "server_error", True),
        (503, "server_error", True),
    ],
)
async def test_a_refusing_status_is_told_by_its_meaning_and_asked_once(
    ask: Ask, endpoint: ModelDouble, status: int, reason: Reason, retryable: bool
) -> None:
    answer = Answer(status, {"error": {"message": "no"}}, {"Location": endpoint.base_url})
    error = await failure(ask, answer)

    assert isinstance(error, Unanswered)
    assert (error.reason, error.retryable, error.status) == (reason, retryable, status)
    assert len(endpoint.requests) == 1


async def test_used_up_credit_is_not_asked_for_again(ask: Ask) -> None:
    body = {"error": {"message": "pay", "code": "insufficient_quota"}}
    error = await failure(ask, Answer(429, body))

    assert (error.reason, error.retryable) == ("rate_limited", False)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After-Ms": "250", "Retry-After": "1"}, 0.25),
        (
            {
                "Date": "Fri, 02 Jan 2026 03:04:05 GMT",
                "Retry-After": "Fri, 02 Jan 2026 03:04:17 GMT",
            },
            12.0,
        ),
        ({"Retry-After": "soon"}, None),
    ],
)
async def test_what_the_endpoint_asks_to_wait_is_kept(
    ask: Ask, headers: dict[str, str], seconds: float | None
) -> None:
    error = await failure(ask, Answer(429, {"error": {"message": "no"}}, headers))

    assert error.retry_after_s == seconds


async def test_an_endpoint_out_of_reach_may_be_tried_again() -> None:
    model = Model(ModelSettings(name="m", base_url=f"http://127.0.0.1:{unused_port()}/v1"))
    with pytest.raises(Unanswered) as raised:
        await read(model)
    await model.close()

    assert (raised.value.reason, raised.value.retryable) == ("unreachable", True)


async def impatient(endpoint: ModelDouble, *actions: Action) -> ModelError:
    endpoint.script = lambda _body, _headers: actions
    model = Model(ModelSettings(name="m", base_url=endpoint.base_url, timeout_s=0.05))
    with pytest.raises(ModelError) as raised:
        await read(model)
    await model.close()
    return raised.value


async def test_silence_between_two_pieces_is_bounded(endpoint: ModelDouble) -> None:
    error = await impatient(endpoint, Text("So"), Wait())

    assert isinstance(error, Incomplete)
    assert (error.reason, error.retryable, error.text) == ("timeout", True, "So")


async def test_keep_alives_alone_are_silence(endpoint: ModelDouble) -> None:
    error = await impatient(endpoint, Text("So"), Flood(b": alive\n\n"))

    assert (error.reason, error.retryable, error.text) == ("timeout", True, "So")


async def test_keep_alives_between_pieces_do_no_harm(ask: Ask) -> None:
    texts, _ = await ask(Bytes(b": alive\n\n"), Text("hi"), Bytes(b": alive\r\n\r\n"), Finish())

    assert texts == ["hi"]


async def test_a_connection_lost_before_any_answer_is_not_called_a_timeout() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    model = Model(ModelSettings(name="m", base_url=f"http://127.0.0.1:{port}/v1"))
    with pytest.raises(Unanswered) as raised:
        await read(model)
    await model.close()
    server.close()

    assert (raised.value.reason, raised.value.retryable) == ("unreachable", True)


async def test_closing_the_generator_closes_the_request(
    endpoint: ModelDouble, model: Model
) -> None:
    endpoint.script = lambda *_: [Text("So"), Wait()]
    async with aclosing(model.step(messages=MESSAGES, tools=[], headers={})) as pieces:
        assert await anext(pieces) == "So"

    async with asyncio.timeout(1):
        assert await endpoint.left.get() == 0


@pytest.mark.parametrize("before", [[], [Text("So")]], ids=["unanswered", "answering"])
async def test_cancelling_the_reader_closes_the_request(
    endpoint: ModelDouble, model: Model, before: list[Action]
) -> None:
    reached, held = asyncio.Event(), asyncio.Event()

    def script(*_: Any) -> list[Action]:
        reached.set()
        return [*before, Wait(held)]

    endpoint.script = script
    reading = asyncio.create_task(read(model))
    await reached.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    async with asyncio.timeout(1):
        assert await endpoint.left.get() == 0


async def test_a_broken_step_leaves_the_model_usable(ask: Ask) -> None:
    await failure(ask, Text("So"), Cut())
    _, step = await ask(*call("find", {"q": 1}))

    assert step.calls == (ModelCall("call_1", "find", '{"q": 1}'),)


@pytest.mark.parametrize(
    "refusal",
    [
        {"error": {"message": "Unrecognized request argument supplied: stream_options"}},
        {"detail": [{"type": "extra_forbidden", "msg": "Extra inputs are not permitted"}]},
        b"",
    ],
    ids=["named", "extra", "silent"],
)
async def test_an_endpoint_that_refuses_to_count_is_asked_without_for_good(
    endpoint: ModelDouble, model: Model, refusal: object
) -> None:
    def script(body: dict[str, Any], _headers: object) -> list[Action]:
        return [Answer(400, refusal)] if "stream_options" in body else say("hi")

    endpoint.script = script
    assert (await read(model))[1].text == "hi"
    assert (await read(model))[1].text == "hi"

    wished = ["stream_options" in request.body for request in endpoint.requests]
    assert wished == [True, False, False]


async def test_a_request_that_is_bad_in_itself_is_not_blamed_on_the_wish_to_count(
    endpoint: ModelDouble, model: Model
) -> None:
    def refuses(message: str) -> None:
        endpoint.script = lambda *_: [Answer(400, {"error": {"message": message}})]

    for message in ("too long", "unknown tool"):
        refuses(message)
        with pytest.raises(Unanswered):
            await read(model)
    endpoint.script = lambda *_: say("hi")
    await read(model)
    refuses("unknown tool")
    with pytest.raises(Unanswered):
        await read(model)

    wished = ["stream_options" in request.body for request in endpoint.requests]
    assert wished == [True, True, False, True, True]


async def test_what_an_answer_that_broke_off_cost_is_told(
    endpoint: ModelDouble, model: Model
) -> None:
    endpoint.script = lambda *_: [Text("It"), Finish("length")]
    with pytest.raises(Incomplete) as failed:
        await read(model)

    assert failed.value.usage == Usage(11, 7)
