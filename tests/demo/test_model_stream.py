"""The stand-in's wire: what the openai client reads from it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from openai import AsyncOpenAI, BadRequestError
from openai.types.chat import ChatCompletionChunk

from demo import model
from demo.model.stream import Pace

QUESTION = [{"role": "user", "content": "How long does delivery take?"}]
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in ("get_order", "get_shipment", "find_orders")
]


@pytest.fixture
async def client(model_url: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{model_url}/v1", api_key="any", max_retries=0) as client:
        yield client


async def stream(client: AsyncOpenAI, text: str, **options: Any) -> list[ChatCompletionChunk]:
    messages = [{"role": "user", "content": text}]
    create = cast("Any", client.chat.completions.create)
    return [
        chunk async for chunk in await create(model="m", messages=messages, stream=True, **options)
    ]


async def test_the_client_reads_a_streamed_text_word_by_word(client: AsyncOpenAI) -> None:
    chunks = await stream(client, "How long does delivery take?")

    deltas = [chunk.choices[0].delta for chunk in chunks]
    words = [delta.content for delta in deltas if delta.content]
    assert deltas[0].role == "assistant"
    assert "".join(words).startswith("We pack within one working day. ")
    assert all(len(word.split()) == 1 for word in words)
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:]] == [None, "stop"]
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1


async def test_line_breaks_survive_the_stream(model_url: str, client: AsyncOpenAI) -> None:
    orders = [
        {
            "order_id": f"TF-2000{n}",
            "title": "Beck flask",
            "items": ["Beck flask"],
            "paid": 34,
            "refunded": 0,
            "status": "delivered",
        }
        for n in (1, 2)
    ]
    call = {"id": "c1", "type": "function", "function": {"name": "find_orders", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "show my orders"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": json.dumps({"orders": orders})},
    ]
    create = cast("Any", client.chat.completions.create)
    chunks = [c async for c in await create(model="m", messages=messages, stream=True)]
    whole = await create(model="m", messages=messages)

    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert streamed == whole.choices[0].message.content
    assert streamed.count("\n") == 2


async def test_the_client_assembles_streamed_calls(client: AsyncOpenAI) -> None:
    chunks = await stream(client, "where is TF-20904?", tools=TOOLS)

    fragments = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
    assert fragments[0].function is not None
    assert fragments[0].function.name == "get_shipment"
    assert all(call.id for call in fragments[:1])
    arguments = "".join(call.function.arguments or "" for call in fragments if call.function)
    assert len(fragments) > 2
    assert json.loads(arguments) == {"order_id": "TF-20904"}
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


async def test_usage_comes_last_when_it_is_asked_for(client: AsyncOpenAI) -> None:
    chunks = await stream(client, "Hi", stream_options={"include_usage": True})

    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.prompt_tokens == 1
    assert chunks[-1].usage.completion_tokens > 3


async def test_without_streaming_the_answer_is_whole(client: AsyncOpenAI) -> None:
    create = cast("Any", client.chat.completions.create)
    completion = await create(model="m", messages=QUESTION)
    call = await create(
        model="m", messages=[{"role": "user", "content": "where is TF-20904?"}], tools=TOOLS
    )

    assert completion.choices[0].finish_reason == "stop"
    assert "working days" in completion.choices[0].message.content
    assert completion.usage.total_tokens > 0
    assert call.choices[0].finish_reason == "tool_calls"
    assert call.choices[0].message.tool_calls[0].function.name == "get_shipment"


async def test_calls_of_one_conversation_have_ids_of_their_own(client: AsyncOpenAI) -> None:
    ids = set()
    for _ in range(3):
        chunks = await stream(client, "where is TF-20904?", tools=TOOLS)
        calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
        ids.add(calls[0].id)

    assert len(ids) == 3


async def test_it_lists_itself(client: AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == ["handrail-demo"]


@pytest.mark.parametrize("body", ["", "{", "{}", '{"messages": []}', '{"messages": [1]}'])
async def test_a_broken_request_is_refused(
    model_url: str, session: aiohttp.ClientSession, body: str
) -> None:
    async with session.post(f"{model_url}/v1/chat/completions", data=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["type"] == "invalid_request_error"


async def test_the_client_sees_a_refusal_as_a_bad_request(client: AsyncOpenAI) -> None:
    with pytest.raises(BadRequestError, match="messages is empty"):
        await client.chat.completions.create(model="m", messages=[])


async def test_a_paced_stream_arrives_in_pieces(
    servers: Callable[[web.Application], Awaitable[str]], session: aiohttp.ClientSession
) -> None:
    url = await servers(model.app(pace=Pace(tokens_per_s=200, first_token_s=0.01)))
    body = {"messages": QUESTION, "stream": True}
    async with session.post(f"{url}/v1/chat/completions", json=body) as answer:
        assert answer.content_type == "text/event-stream"
        reads = [read async for read in answer.content.iter_any()]

    assert len(reads) > 5
    assert b"".join(reads).endswith(b"data: [DONE]\n\n")
