"""The recorded model and tools answer over HTTP what the recording says."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from openai import AsyncOpenAI

from bench.doubles import TOOLS_SECRET, Doubles
from bench.recording import Call, Json, Recording, Step, Turn
from bench.stage import Performance, Stage

CONVERSATION = {"X-Conversation-Id": "c_1"}


@pytest.fixture
def performance() -> Performance:
    refund = Call("call_1", "refund", {"order": "W1"}, True, True, '"paid"', 4_666, "to_customer")
    refused = Call("call_1", "refund", {"order": "W2"}, False, True, '"Error"', None, None)
    turn = Turn("Refund both", (Step(" Yes. ", (refund, refused)), Step("Done.", ())))
    return Performance(Recording("r1", "retail", "tau1", "s", None, (turn,), unspoken=0, empty=0))


@pytest.fixture
async def doubles(performance: Performance) -> AsyncIterator[Doubles]:
    doubles = Doubles(Stage())
    async with doubles.listening():
        yield doubles


async def _ask(doubles: Doubles) -> tuple[str, list[str]]:
    headers = CONVERSATION | {"X-Handrail-Step": "1", "X-Handrail-Purpose": "reply"}
    text, names = "", []
    async with AsyncOpenAI(base_url=f"{doubles.url}/v1", api_key="none") as client:
        async for chunk in await client.chat.completions.create(
            model="recorded",
            messages=[{"role": "user", "content": "Refund both"}],
            stream=True,
            extra_headers=headers,
        ):
            delta = chunk.choices[0].delta
            text += delta.content or ""
            for call in delta.tool_calls or []:
                names += [call.function.name] if call.function and call.function.name else []
    return text, names


async def _post(doubles: Doubles, tool: str, arguments: Json, **headers: str) -> tuple[int, str]:
    body = json.dumps({"arguments": arguments}).encode()
    signature = hmac.new(TOOLS_SECRET.encode(), b"1." + body, hashlib.sha256).hexdigest()
    sent = {"X-Handrail-Signature": f"t=1,v1={signature}", "X-Customer-Id": "r1"} | CONVERSATION
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{doubles.url}/tools/{tool}", data=body, headers=sent | headers) as answer,
    ):
        return answer.status, await answer.text()


async def test_the_model_waits_until_the_conversation_is_entered(
    doubles: Doubles, performance: Performance
) -> None:
    asked = asyncio.create_task(_ask(doubles))
    await asyncio.sleep(0)
    doubles.stage.enter("c_1", performance)
    assert await asked == (" Yes. ", ["refund", "refund"])


async def test_a_tool_answers_its_recorded_result_and_a_recorded_error_is_422(
    doubles: Doubles, performance: Performance
) -> None:
    doubles.stage.enter("c_1", performance)
    await _ask(doubles)
    call = {"X-Handrail-Purpose": "call"}
    paid = await _post(doubles, "refund", {"order": "W1"}, **call, **{"Idempotency-Key": "k1"})
    refused = await _post(doubles, "refund", {"order": "W2"}, **call, **{"Idempotency-Key": "k2"})
    assert (paid, refused) == ((200, '"paid"'), (422, '"Error"'))
    assert [execution.key for execution in performance.executions] == ["k1", "k2"]
    assert not performance.faults


async def test_a_quote_tells_amount_and_direction_or_null(
    doubles: Doubles, performance: Performance
) -> None:
    doubles.stage.enter("c_1", performance)
    await _ask(doubles)
    asked = [{"tool": "refund", "arguments": {"order": order}} for order in ("W1", "W2")]
    quotes = [
        await _post(doubles, "quote", question, **{"X-Handrail-Purpose": "evidence"})
        for question in asked
    ]
    assert json.loads(quotes[0][1]) == {"amount": 46.66, "direction": "to_customer"}
    assert json.loads(quotes[1][1]) == {"amount": None, "direction": None}
    assert not performance.executions


async def test_a_call_with_a_wrong_signature_is_refused_and_not_counted(
    doubles: Doubles, performance: Performance
) -> None:
    doubles.stage.enter("c_1", performance)
    await _ask(doubles)
    wrong = {"X-Handrail-Signature": "t=1,v1=00", "X-Handrail-Purpose": "call"}
    status, _ = await _post(doubles, "refund", {"order": "W1"}, **wrong)
    assert status == 401
    assert not performance.executions
