"""What becomes of the calls of a step before anything runs: verdicts, holds, and what waits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from msgspec import Raw
from msgspec.structs import replace

from agent.assembly import ModelCall
from agent.calls import Caller
from agent.http_tool import HttpTools
from agent.judging import ANOTHER_WAITS, NOT_KNOWN, Judge
from conversation import events as ev
from conversation.ids import call_id, hold_id
from conversation.state import Customer, Hold, State, fold
from handoff.policy import Policy
from handoff.settings import RuleSettings
from tests.agent.scene import ORDER
from tests.agent.shop import refunds, shop
from tests.doubles.tools import Ok, Status, ToolsDouble, tools_double

ROBIN = Customer("u_robin", level="token")
STATE = State(conversation="c_1", customer=ROBIN)


@pytest.fixture
async def tools() -> AsyncIterator[ToolsDouble]:
    async with tools_double() as double:
        double.answers("get_order", Ok(ORDER))
        yield double


@pytest.fixture
async def judge(tools: ToolsDouble) -> AsyncIterator[Judge]:
    http = HttpTools(None)
    yield judging(tools, http)
    await http.close()


def judging(tools: ToolsDouble, http: HttpTools, *rules: RuleSettings) -> Judge:
    configured = shop(tools) | {"issue_refund": refunds(tools, *rules)}
    return Judge(Policy(configured), Caller(configured, http))


def refund(amount: str, *, order: str = "W1") -> ModelCall:
    return ModelCall("call_x", "issue_refund", f'{{"order_id": "{order}", "amount": {amount}}}')


def waiting(held: ev.Held, status: ev.HoldStatus = "held") -> State:
    """The conversation while a request of an earlier step waits."""
    hold = Hold(
        hold=held.hold,
        call=held.call,
        status=status,
        held=held,
        revision=1,
        digest=held.digest,
        created_at="",
        by=ev.By("assistant"),
    )
    return replace(STATE, holds={held.hold: hold})


async def held_before(judge: Judge, amount: str = "60") -> ev.Held:
    _, (held,) = await judge.step(STATE, 1, [refund(amount)])
    return held


async def test_ids_come_from_the_place_in_the_conversation(judge: Judge) -> None:
    recorded, held = await judge.step(STATE, 3, [refund("20"), refund("60")])

    assert [call.call for call in recorded] == [call_id("c_1", 3, 1), call_id("c_1", 3, 2)]
    assert [hold.hold for hold in held] == [hold_id(recorded[1].call)]
    assert recorded[1].hold == held[0].hold
    assert [call.model_call_id for call in recorded] == ["call_x", "call_x"]


async def test_a_hold_shows_all_that_is_decided_on(judge: Judge) -> None:
    (call,), (held,) = await judge.step(STATE, 1, [refund("60.00")])

    assert (call.verdict, call.because) == ("hold", "over $50")
    assert (held.kind, held.revision, held.tool, held.call) == (
        "call", 1, "issue_refund", call.call,
    )  # fmt: skip
    assert (held.title, held.target, held.rule) == ("Refund of $60.00", "W1", "over $50")
    assert held.money == ev.Money(6000, "USD")
    assert bytes(held.action.arguments) == b'{"order_id": "W1", "amount": 60.00}'
    assert json.loads(bytes(held.evidence)) == {"order": json.loads(ORDER)}
    assert [reason.text for reason in held.reasons] == ["over $50"]
    assert len(held.digest) == 64


async def test_the_same_amount_however_it_is_written_is_the_same_request(judge: Judge) -> None:
    held = await held_before(judge, "60")
    calls = [refund("60.00"), refund("6e1"), ModelCall(None, "issue_refund", MIRRORED)]
    recorded, new = await judge.step(waiting(held), 2, calls)

    assert new == []
    assert {(call.verdict, call.hold) for call in recorded} == {("hold", held.hold)}


MIRRORED = '\n{"amount": 60, "order_id": "W1"}\t'


@pytest.mark.parametrize("amount", ["61", "20"], ids=["held by itself", "allowed by itself"])
async def test_another_amount_does_not_slip_past_what_waits(judge: Judge, amount: str) -> None:
    held = await held_before(judge)
    (call,), new = await judge.step(waiting(held), 2, [refund(amount)])

    assert new == []
    assert (call.verdict, call.because) == ("deny", ANOTHER_WAITS)


async def test_another_target_is_another_request(judge: Judge) -> None:
    held = await held_before(judge)
    calls = [refund("60", order="W2"), refund("20", order="W3")]
    recorded, new = await judge.step(waiting(held), 2, calls)

    assert [call.verdict for call in recorded] == ["hold", "allow"]
    assert [one.target for one in new] == ["W2"]


async def test_within_one_step_the_same_request_is_held_once(judge: Judge) -> None:
    calls = [refund("20"), refund("60"), refund("60.0"), refund("70"), refund("30")]
    recorded, held = await judge.step(STATE, 1, calls)

    assert [call.verdict for call in recorded] == ["allow", "hold", "hold", "deny", "deny"]
    assert len(held) == 1
    assert recorded[1].hold == recorded[2].hold == held[0].hold


@pytest.mark.parametrize("status", ["succeeded", "failed", "rejected", "withdrawn"])
async def test_what_is_settled_does_not_stand_in_the_way(
    judge: Judge, status: ev.HoldStatus
) -> None:
    held = await held_before(judge)
    recorded, new = await judge.step(waiting(held, status), 2, [refund("60")])

    assert [call.verdict for call in recorded] == ["hold"]
    assert [one.hold for one in new] == [hold_id(call_id("c_1", 2, 1))]


@pytest.mark.parametrize("amount", ["60", "70", "20"])
async def test_what_nobody_knows_the_outcome_of_is_not_tried_again(
    judge: Judge, amount: str
) -> None:
    held = await held_before(judge)
    (call,), new = await judge.step(waiting(held, "unknown"), 2, [refund(amount)])

    assert new == []
    assert (call.verdict, call.because) == ("deny", NOT_KNOWN)


async def test_evidence_that_cannot_be_read_holds(judge: Judge, tools: ToolsDouble) -> None:
    tools.answers("get_order", Status(404, b"{}"))
    (call,), (held,) = await judge.step(STATE, 1, [refund("20")])

    assert call.verdict == "hold"
    assert "evidence order could not be read" in (call.because or "")
    assert json.loads(bytes(held.evidence)) == {}


async def test_each_judgement_asks_for_its_evidence_once(judge: Judge, tools: ToolsDouble) -> None:
    await judge.step(STATE, 1, [refund("20"), refund("30", order="W2")])

    assert len(tools.asked) == 2
    assert {one.purpose for one in tools.asked} == {"evidence"}


async def test_broken_arguments_are_kept_as_the_model_wrote_them(judge: Judge) -> None:
    broken = '{"order_id": "W1", '
    (call,), held = await judge.step(STATE, 1, [ModelCall(None, "issue_refund", broken)])

    assert held == []
    assert call.verdict == "invalid"
    assert json.loads(bytes(call.arguments)) == broken


async def test_an_approved_call_is_judged_again_to_the_same_digest(judge: Judge) -> None:
    held = await held_before(judge)
    now = await judge.again(waiting(held, "approved"), waiting(held).holds[held.hold])

    assert isinstance(now, ev.Held)
    assert (now.digest, now.hold, now.call) == (held.digest, held.hold, held.call)


async def test_facts_that_changed_give_another_digest(judge: Judge, tools: ToolsDouble) -> None:
    held = await held_before(judge)
    tools.answers("get_order", Ok(ORDER.replace(b"80.00", b"70.00")))
    now = await judge.again(waiting(held), waiting(held).holds[held.hold])

    assert isinstance(now, ev.Held)
    assert now.digest != held.digest
    assert json.loads(bytes(now.evidence))["order"]["paid"] == 70


async def test_an_approved_call_the_rules_deny_by_now_is_denied(
    judge: Judge, tools: ToolsDouble
) -> None:
    held = await held_before(judge)
    tools.answers("get_order", Ok(ORDER.replace(b"false", b"true")))
    now = await judge.again(waiting(held), waiting(held).holds[held.hold])

    assert not isinstance(now, ev.Held)
    assert (now.verdict, now.because) == ("deny", "the order is closed")


async def test_a_hold_of_the_log_can_be_judged_again(judge: Judge) -> None:
    held = await held_before(judge)
    event = ev.Event(
        conversation="c_1", seq=1, v=1, type="held", at="2026-01-02T03:04:05.678Z",
        by=ev.By("assistant"), epoch=1, data=held,
    )  # fmt: skip
    kept = fold(STATE, ev.decode(ev.encode(event)))
    now = await judge.again(kept, kept.holds[held.hold])

    assert isinstance(now, ev.Held)
    assert isinstance(now.arguments, Raw)
    assert now.digest == held.digest
