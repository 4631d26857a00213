"""What becomes of tool calls: recorded before they run, each run once, each answered."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import pytest
from aiohttp.test_utils import unused_port
from msgspec.structs import replace

from agent.settings import LimitsSettings
from conversation import events as ev
from conversation.ids import call_id
from handoff.judging import BEING_DONE
from handoff.settings import HttpSettings
from tests.agent.scene import ORDER, Scene, calls
from tests.agent.shop import shop
from tests.agent.talk import Talk
from tests.agent.test_turn_replies import handed_over
from tests.doubles.model import say
from tests.doubles.tools import Asked, Break, Ok, Status, Wait

ORDER_1 = ("get_order", '{"order_id": "W1"}')
SHIPMENT_1 = ("get_shipment", '{"order_id": "W1"}')
REFUND_20 = ("issue_refund", '{"order_id": "W1", "amount": 20}')
REFUND_60 = ("issue_refund", '{"order_id": "W1", "amount": 60}')
TO_ROME = ("change_address", '{"order_id": "W1", "to": "Rome"}')
TO_OSLO = ("change_address", '{"order_id": "W1", "to": "Oslo"}')
LETTER = ("send_letter", '{"text": "hello"}')


def outcomes(talk: Talk) -> dict[str, str]:
    """What came of each call, by id."""
    return {end.call: end.outcome for end in talk.all(ev.ToolFinished)}


def answers(messages: list[dict[str, Any]]) -> dict[str, str]:
    """The tool messages by call; each call is answered once."""
    told = [message for message in messages if message["role"] == "tool"]
    assert len({message["tool_call_id"] for message in told}) == len(told)
    return {message["tool_call_id"]: message["content"] for message in told}


async def test_a_call_stands_in_the_log_before_it_runs(scene: Scene) -> None:
    seen: list[tuple[str, list[str], list[str | None]]] = []

    async def looks(asked: Asked) -> None:
        events = await scene.log.read(asked.conversation)
        called = [e.data.calls for e in events if isinstance(e.data, ev.AssistantCalled)]
        started = [e.data.key for e in events if isinstance(e.data, ev.ToolStarted)]
        seen.append((asked.tool, [call.tool for calls in called for call in calls], started))

    scene.tools.looks = looks
    scene.answers(calls(SHIPMENT_1, TO_ROME), say("Done."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Send it to Rome")
    await talk.turn_ended()

    both = ["get_shipment", "change_address"]
    key = talk.calls[1].call
    assert seen == [("get_shipment", both, [None]), ("change_address", both, [None, key])]


async def test_reads_run_side_by_side_and_writes_in_order_after_them(scene: Scene) -> None:
    order, shipment, rome = Wait(Ok(b"1")), Wait(Ok(b"2")), Wait()
    scene.tools.answers("get_order", order)
    scene.tools.answers("get_shipment", shipment)
    scene.tools.answers("change_address", rome, Ok())
    scene.answers(calls(TO_ROME, ORDER_1, TO_OSLO, SHIPMENT_1), say("Done."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Rome, no, Oslo")

    asked = await scene.tools.arrived(2)
    assert {one.tool for one in asked} == {"get_order", "get_shipment"}
    shipment.until.set()
    order.until.set()
    asked = await scene.tools.arrived(1, "change_address")
    assert [one.arguments["to"] for one in asked] == ["Rome"]
    rome.until.set()
    await talk.turn_ended()
    assert [one.tool for one in scene.tools.asked][2:] == ["change_address"] * 2
    assert [one.arguments["to"] for one in scene.tools.calls("change_address")] == ["Rome", "Oslo"]
    assert [message["content"] for message in scene.messages() if message["role"] == "tool"] == [
        '{"ok": true}', "1", '{"ok": true}', "2",
    ]  # fmt: skip


async def test_calls_are_answered_by_our_ids_though_the_models_repeat(scene: Scene) -> None:
    scene.answers(calls(ORDER_1, SHIPMENT_1), calls(ORDER_1, text="Once more."), say("Done."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()

    assert [call.model_call_id for call in talk.calls] == ["call_0", "call_1", "call_0"]
    ours = [call_id(talk.conversation, *place) for place in ((1, 1), (1, 2), (2, 1))]
    assert [call.call for call in talk.calls] == ours
    assert [call["id"] for m in scene.messages() for call in m.get("tool_calls", [])] == ours
    assert list(answers(scene.messages())) == ours
    assert [m["content"] for m in scene.messages() if "tool_calls" in m] == [None, "Once more."]


async def test_words_before_a_call_are_shown_and_kept_as_written(scene: Scene) -> None:
    scene.answers(calls(ORDER_1, text=" Let me look. \n"), say("There."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()

    (called,) = talk.all(ev.AssistantCalled)
    assert called.text == " Let me look. \n"
    assert talk.shown(1) == " Let me look. \n"
    assert talk.shown(2) == "There."
    assert talk.said == ["There."]


BROKEN = {
    "no JSON": '{"order_id": "W1"',
    "NaN": '{"order_id": "W1", "amount": NaN}',
    "a key twice": '{"order_id": "W1", "order_id": "W2", "amount": 20}',
    "no object": '["W1", 20]',
    "a text for a number": '{"order_id": "W1", "amount": "20"}',
    "a missing argument": '{"order_id": "W1"}',
    "an unknown argument": '{"order_id": "W1", "amount": 20, "to": "me"}',
    "nothing": "",
    "too deep": '{"order_id": ' + "[" * 1_000 + "]" * 1_000 + ', "amount": 20}',
    "a huge number": '{"order_id": "W1", "amount": 1e999}',
}


async def test_arguments_that_cannot_be_used_are_told_to_the_model_and_nothing_runs(
    scene: Scene,
) -> None:
    broken = [("issue_refund", arguments) for arguments in BROKEN.values()]
    scene.answers(calls(*broken), say("Sorry."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")
    assert (await talk.turn_ended()).outcome == "replied"

    assert {call.verdict for call in talk.calls} == {"invalid"}
    told = [json.loads(text) for text in answers(scene.messages()).values()]
    assert [list(answer) for answer in told] == [["error"]] * len(BROKEN)
    assert [answer["error"] for answer in told] == [call.because for call in talk.calls]
    assert all(len(answer["error"]) < 700 for answer in told)
    assert scene.tools.asked == []
    asked = [call for m in scene.messages() for call in m.get("tool_calls", [])]
    assert all(isinstance(json.loads(call["function"]["arguments"]), dict) for call in asked)


@pytest.mark.parametrize("tool", ["transfer_money", "handrail_close", "", "get_order "])
async def test_a_tool_nobody_configured_is_told_to_the_model(scene: Scene, tool: str) -> None:
    scene.answers(calls((tool, "{}")), say("Sorry."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    assert (await talk.turn_ended()).outcome == "replied"

    (call,) = talk.calls
    assert (call.verdict, call.because) == ("invalid", "there is no tool of this name")
    assert answers(scene.messages()) == {call.call: f'{{"error":"{call.because}"}}'}


async def test_a_call_the_rules_deny_does_not_run_and_the_model_is_told_why(scene: Scene) -> None:
    scene.answers(calls(("issue_refund", '{"order_id": "W1", "amount": 501}')), say("Sorry."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("All of it!")
    await talk.turn_ended()

    (call,) = talk.calls
    assert (call.verdict, call.because) == ("deny", "over $500")
    assert answers(scene.messages()) == {call.call: '{"error":"over $500"}'}
    assert scene.tools.calls() == []
    assert talk.all(ev.ToolStarted) == []


async def test_the_same_write_twice_in_one_step_is_two_calls_with_two_keys(scene: Scene) -> None:
    scene.tools.keyed = {"issue_refund"}
    scene.answers(calls(REFUND_20, REFUND_20), say("Done."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Twice, please")
    await talk.turn_ended()

    keys = [call.call for call in talk.calls]
    assert len(set(keys)) == 2
    assert [effect.key for effect in scene.tools.ledger] == keys
    assert outcomes(talk) == dict.fromkeys(keys, "succeeded")


async def test_a_call_carries_its_key_its_customer_and_a_signature(scene: Scene) -> None:
    scene.answers(calls(ORDER_1, REFUND_20), say("Done."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")
    await talk.turn_ended()

    read, refund = scene.tools.calls()
    assert (read.key, refund.key) == (None, talk.calls[1].call)
    assert {one.customer for one in (read, refund)} == {"u_robin"}
    assert {one.conversation for one in (read, refund)} == {talk.conversation}
    assert refund.signature is not None
    moment, signed = (part.partition("=")[2] for part in refund.signature.split(","))
    expected = hmac.new(b"for tools only", f"{moment}.".encode() + refund.body, hashlib.sha256)
    assert signed == expected.hexdigest()


async def test_a_visitor_nobody_has_identified_has_no_customer_id(scene: Scene) -> None:
    scene.answers(calls(ORDER_1), say("Done."))
    await scene.work()
    talk = await scene.talk(customer="visitor-1")
    await talk.says("Hi")
    await talk.turn_ended()

    (read,) = scene.tools.calls()
    assert read.customer is None


async def test_evidence_is_asked_once_for_each_judgement_and_is_no_call(scene: Scene) -> None:
    scene.answers(calls(REFUND_20), say("Done."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")
    await talk.turn_ended()

    assert [one.arguments for one in scene.tools.calls(purpose="evidence")] == [{"order_id": "W1"}]
    assert [one.tool for one in scene.tools.calls()] == ["issue_refund"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"amount": 40.00, "id": 12345678901234567890, "n": 1e2,\n "x": {"b": 1, "a": 2}}',
        b"[]",
        b'"paid"',
        b"null",
        b"0",
        '{"name": "Zo\u00eb \u6771\u4eac", "e": "\\u00eb"}'.encode(),
    ],
)
async def test_the_raw_body_of_a_result_is_the_tool_message(scene: Scene, body: bytes) -> None:
    scene.tools.answers("get_order", Ok(body))
    scene.answers(calls(ORDER_1), say("There."), say("And there."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()
    await talk.says("And?")
    await talk.turn_ended(2)

    for request in (1, 2):
        (told,) = answers(scene.messages(request)).values()
        assert told.encode() == body


async def test_white_space_around_a_result_is_left_out_in_every_turn(scene: Scene) -> None:
    scene.tools.answers("get_order", Ok(b' {"a": 1 }\r\n'))
    scene.answers(calls(ORDER_1), say("There."), say("And there."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()
    await talk.says("And?")
    await talk.turn_ended(2)

    for request in (1, 2):
        assert list(answers(scene.messages(request)).values()) == ['{"a": 1 }']


async def test_a_refusal_of_a_tool_is_told_as_an_error_and_nothing_was_done(scene: Scene) -> None:
    scene.tools.answers("get_order", Status(404, b'{"code": "unknown", "n": 1.50}'))
    scene.tools.answers("change_address", Status(422, b"too late"))
    scene.answers(calls(ORDER_1, TO_ROME), say("Sorry."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Rome")
    assert (await talk.turn_ended()).outcome == "replied"

    assert list(answers(scene.messages()).values()) == [
        '{"error":{"code": "unknown", "n": 1.50}}',
        '{"error":"too late"}',
    ]
    assert set(outcomes(talk).values()) == {"failed"}
    assert len(scene.tools.calls()) == 2


async def test_a_read_that_keeps_failing_is_an_error_for_the_model(scene: Scene) -> None:
    scene.tools.answers("get_order", Status(500))
    scene.answers(calls(ORDER_1), say("Sorry."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    assert (await talk.turn_ended()).outcome == "replied"

    assert len(scene.tools.calls("get_order")) == 3
    assert list(answers(scene.messages()).values()) == ['{"error":"The tool answered 500."}']


async def test_a_write_that_fails_for_a_while_is_repeated_with_its_key(scene: Scene) -> None:
    scene.tools.keyed = {"issue_refund"}
    scene.tools.answers("issue_refund", Break(done=True), Status(503), Ok(b'{"refund": "R1"}'))
    scene.answers(calls(REFUND_20), say("Done."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")
    assert (await talk.turn_ended()).outcome == "replied"

    (call,) = talk.calls
    assert [one.key for one in scene.tools.calls("issue_refund")] == [call.call] * 3
    assert len(scene.tools.ledger) == 1
    assert answers(scene.messages()) == {call.call: '{"refund": "R1"}'}


async def test_a_write_that_hangs_is_repeated_with_its_key_and_then_unknown(scene: Scene) -> None:
    tools = shop(scene.tools)
    hangs = HttpSettings(url=scene.tools.url("change_address"), timeout_s=0.05)
    tools["change_address"] = replace(tools["change_address"], http=hangs)
    scene.tools.answers("change_address", Wait())
    scene.answers(calls(TO_ROME))
    await scene.work(tools=tools)
    talk = await scene.talk()
    await talk.says("Rome")

    await talk.turn_ended()
    await handed_over(talk, "unknown_outcome")
    (call,) = talk.calls
    assert [one.key for one in scene.tools.calls()] == [call.call] * 3
    assert outcomes(talk) == {call.call: "unknown"}


async def test_a_write_nobody_knows_the_outcome_of_goes_to_people_and_no_other_write_begins(
    scene: Scene,
) -> None:
    scene.tools.answers("issue_refund", Status(500, done=True))
    scene.answers(calls(ORDER_1, REFUND_20, TO_ROME))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")

    assert (await talk.turn_ended()).outcome == "handed_over"
    await handed_over(talk, "unknown_outcome")
    read, refund, rome = (call.call for call in talk.calls)
    assert outcomes(talk) == {read: "succeeded", refund: "unknown", rome: "not_started"}
    assert [one.key for one in scene.tools.calls("issue_refund")] == [refund] * 3
    assert scene.tools.calls("change_address") == []
    assert len(scene.model.requests) == 1


@pytest.mark.parametrize("ending", [Status(500, done=True), Break(done=True)], ids=["500", "break"])
async def test_a_write_without_a_key_is_made_once_and_is_unknown(
    scene: Scene, ending: Status | Break
) -> None:
    scene.tools.answers("send_letter", ending)
    scene.answers(calls(LETTER))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Write to me")

    await talk.turn_ended()
    await handed_over(talk, "unknown_outcome")
    assert len(scene.tools.calls("send_letter")) == 1
    assert len(scene.tools.ledger) == 1


async def test_an_unknown_outcome_is_told_when_the_assistant_is_back(scene: Scene) -> None:
    scene.tools.answers("send_letter", Break(done=True))
    scene.answers(calls(LETTER), say("Welcome back."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Write to me")
    await talk.turn_ended()
    await talk.taken_over()
    await talk.says("Hello?")
    await talk.given_back()
    await talk.turn_ended(2)

    (told,) = answers(scene.messages()).values()
    assert json.loads(told) == {"status": "unknown", "note": "outcome not known; do not re-issue"}


async def test_a_write_that_could_not_be_reached_was_not_done(scene: Scene) -> None:
    tools = shop(scene.tools)
    nowhere = HttpSettings(url=f"http://127.0.0.1:{unused_port()}/")
    tools["send_letter"] = replace(tools["send_letter"], http=nowhere)
    scene.answers(calls(LETTER), say("Sorry."))
    await scene.work(tools=tools)
    talk = await scene.talk()
    await talk.says("Write to me")

    assert (await talk.turn_ended()).outcome == "replied"
    assert set(outcomes(talk).values()) == {"failed"}


async def test_a_model_that_never_comes_to_an_end_is_handed_over_at_the_limit(
    scene: Scene,
) -> None:
    scene.tries(calls(ORDER_1))
    await scene.work(limits=LimitsSettings(steps_per_turn=3))
    talk = await scene.talk()
    await talk.says("Hi")

    assert (await talk.turn_ended()).outcome == "handed_over"
    await handed_over(talk, "step_limit")
    assert len(scene.model.requests) == 3


async def test_a_turn_takes_a_hundred_steps_of_up_to_seven_calls(scene: Scene) -> None:
    seven = [ORDER_1, SHIPMENT_1, ORDER_1, REFUND_20, TO_ROME, TO_OSLO, LETTER]
    scene.answers(calls(*seven), *[calls(ORDER_1)] * 97, calls(*seven), say("At last."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Take your time")

    assert (await talk.turn_ended()).outcome == "replied"
    assert talk.said == ["At last."]
    assert scene.header("Step") == [str(step) for step in range(1, 101)]
    ids = [call.call for call in talk.calls]
    assert len(set(ids)) == len(ids) == 97 + 14
    assert list(answers(scene.messages())) == ids
    assert len(scene.tools.ledger) == 8
    assert set(outcomes(talk).values()) == {"succeeded"}


async def test_a_tool_named_for_a_transfer_is_an_ordinary_tool(scene: Scene) -> None:
    tools = shop(scene.tools)
    tools["transfer_to_human_agents"] = tools["get_order"]
    scene.answers(calls(("transfer_to_human_agents", '{"order_id": "W1"}')), say("Done."))
    await scene.work(tools=tools)
    talk = await scene.talk()
    await talk.says("Hi")

    assert (await talk.turn_ended()).outcome == "replied"
    assert (await talk.state()).status == "assistant"


async def test_a_held_call_is_answered_at_once_and_its_siblings_run(scene: Scene) -> None:
    scene.answers(calls(REFUND_60, ORDER_1), say("It waits."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")
    await talk.turn_ended()

    first, second = answers(scene.messages()).values()
    note = "not done; do not re-issue"
    (held,) = talk.all(ev.Held)
    assert json.loads(first) == {"status": "held", "hold": held.hold, "note": note}
    assert json.loads(second)["order_id"] == "W1"
    assert [one.tool for one in scene.tools.calls()] == ["get_order"]


async def test_turns_of_many_customers_run_side_by_side(scene: Scene) -> None:
    gates = {name: Wait(Ok(name.encode().join((b'"', b'"')))) for name in ("a", "b", "c")}
    scene.tools.answers("get_order", *gates.values())
    scene.answers(calls(ORDER_1), say("There."))
    await scene.work()
    talks = await scene.talks(gates)

    await scene.tools.arrived(3)
    for gate in gates.values():
        gate.until.set()
    await asyncio.gather(*(talk.turn_ended() for talk in talks.values()))
    assert [talk.said for talk in talks.values()] == [["There."]] * 3


async def test_a_call_is_judged_again_when_what_it_stands_beside_was_approved_meanwhile(
    scene: Scene,
) -> None:
    facts, refunding = Wait(Ok(ORDER)), Wait(Ok())
    refund_55 = ("issue_refund", '{"order_id": "W1", "amount": 55}')
    scene.answers(calls(REFUND_60), say("It waits."), calls(refund_55), say("It is being done."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("My money")
    held = await talk.held()
    await talk.turn_ended()
    scene.tools.answers("get_order", facts)
    scene.tools.answers("issue_refund", refunding)
    await talk.says("55 will do")
    await scene.tools.arrived(2, "get_order", purpose="evidence")
    await talk.approves(held)
    facts.until.set()
    await talk.turn_ended(2)
    refunding.until.set()

    assert [(call.verdict, call.because) for call in talk.calls][1:] == [("deny", BEING_DONE)]
    assert [step.attempt for step in talk.all(ev.AssistantCalled)] == [1, 1]
    assert len(talk.all(ev.Held)) == 1
