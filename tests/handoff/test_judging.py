"""What becomes of the calls of a step before anything runs: verdicts, holds, and what waits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import UNSET, Raw
from msgspec.structs import replace

from agent.calls import Caller
from agent.http_tool import HttpTools
from conversation import events as ev
from conversation.hold import Hold
from conversation.ids import call_id, hold_id, staff_call_id
from conversation.log import Log
from conversation.state import Customer, State, fold
from conversation.store import Store
from handoff.judgement import Judgement
from handoff.judging import ANOTHER_WAITS, BEING_DONE, NOT_KNOWN, Asked, Judge
from handoff.policy import Policy
from handoff.settings import HoldsSettings, RuleSettings
from tests.agent.scene import ORDER
from tests.agent.shop import refunds, shop
from tests.conftest import Clock
from tests.doubles.tools import Ok, Status, ToolsDouble, tools_double

ADA = ev.By("assistant", name="Ada")
ROBIN = Customer("u_robin", level="token")
STATE = State(conversation="c_1", seq=1, customer=ROBIN)


@pytest.fixture
async def tools() -> AsyncIterator[ToolsDouble]:
    async with tools_double() as double:
        double.answers("get_order", Ok(ORDER))
        yield double


TWENTY = ev.Money(2000, "USD")


class Asking:
    """A judge who is asked by the assistant, and what the refunds of a step come to."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    async def step(
        self, state: State, step: int, calls: list[Asked]
    ) -> tuple[list[ev.Call], list[ev.Held]]:
        """The calls as recorded, and what is held of them."""
        recorded, events = await self.judge.step(state, step, calls, by=ADA)
        return recorded, [new.data for new in events if isinstance(new.data, ev.Held)]

    async def again(self, state: State, hold: Hold) -> ev.Held | Judgement:
        """Judge what was approved."""
        return await self.judge.again(state, hold)


@pytest.fixture
async def judge(tools: ToolsDouble, store: Store, clock: Clock) -> AsyncIterator[Asking]:
    http = HttpTools(None)
    yield Asking(judging(tools, http, Log(store, clock=clock)))
    await http.close()


def judging(tools: ToolsDouble, http: HttpTools, log: Log, *rules: RuleSettings) -> Judge:
    configured = shop(tools) | {"issue_refund": refunds(tools, *rules)}
    holds = HoldsSettings(expires_in_s=600)
    return Judge(Policy(configured), Caller(configured, http), log=log, holds=holds)


def refund(amount: str, *, order: str = "W1") -> Asked:
    arguments = f'{{"order_id": "{order}", "amount": {amount}}}'
    return Asked(tool="issue_refund", arguments=arguments, model_call_id="call_x")


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
        by=ADA,
    )
    return replace(STATE, holds={held.hold: hold})


async def held_before(judge: Asking, amount: str = "60") -> ev.Held:
    _, (held,) = await judge.step(STATE, 1, [refund(amount)])
    return held


async def test_ids_come_from_the_place_in_the_conversation(judge: Asking) -> None:
    recorded, held = await judge.step(STATE, 3, [refund("20"), refund("60")])

    assert [call.call for call in recorded] == [call_id("c_1", 3, 1), call_id("c_1", 3, 2)]
    assert [hold.hold for hold in held] == [hold_id(recorded[1].call)]
    assert recorded[1].hold == held[0].hold
    assert [call.model_call_id for call in recorded] == ["call_x", "call_x"]


async def test_a_hold_shows_all_that_is_decided_on(judge: Asking) -> None:
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
    assert held.approvers == ev.Approvers(needed=1)
    assert held.expires_at == "2026-01-02T03:14:05.678Z"


async def test_the_same_amount_however_it_is_written_is_the_same_request(judge: Asking) -> None:
    held = await held_before(judge, "60")
    calls = [refund("60.00"), refund("6e1"), Asked(tool="issue_refund", arguments=MIRRORED)]
    recorded, new = await judge.step(waiting(held), 2, calls)

    assert new == []
    assert {(call.verdict, call.hold) for call in recorded} == {("hold", held.hold)}


MIRRORED = '\n{"amount": 60, "order_id": "W1"}\t'


@pytest.mark.parametrize("amount", ["61", "20"], ids=["held by itself", "allowed by itself"])
async def test_another_amount_takes_the_place_of_what_waits(judge: Asking, amount: str) -> None:
    old = await held_before(judge)
    (call,), events = await judge.judge.step(waiting(old), 2, [refund(amount)], by=ADA)
    withdrawn, new = (one.data for one in events)

    assert isinstance(withdrawn, ev.HoldChanged)
    assert isinstance(new, ev.Held)
    assert (withdrawn.hold, withdrawn.status, withdrawn.decision) == (
        old.hold, "withdrawn", "supersede",
    )  # fmt: skip
    assert (withdrawn.superseded_by, new.supersedes) == (new.hold, old.hold)
    assert (call.verdict, call.hold) == ("hold", new.hold)
    assert {one.by for one in events} == {ADA}


async def test_what_waits_keeps_its_place_before_a_call_that_is_denied(judge: Asking) -> None:
    old = await held_before(judge)
    recorded, events = await judge.judge.step(waiting(old), 2, [refund("501")], by=ADA)

    assert [call.verdict for call in recorded] == ["deny"]
    assert events == []


@pytest.mark.parametrize("status", ["approved", "executing"])
async def test_nothing_takes_the_place_of_what_was_approved(
    judge: Asking, status: ev.HoldStatus
) -> None:
    old = await held_before(judge)
    calls = [refund("60.0"), refund("61"), refund("20")]
    (same, *others), new = await judge.step(waiting(old, status), 2, calls)

    assert new == []
    assert (same.verdict, same.hold) == ("hold", old.hold)
    assert {(call.verdict, call.because) for call in others} == {("deny", BEING_DONE)}


async def test_another_target_is_another_request(judge: Asking) -> None:
    held = await held_before(judge)
    calls = [refund("60", order="W2"), refund("20", order="W3")]
    recorded, new = await judge.step(waiting(held), 2, calls)

    assert [call.verdict for call in recorded] == ["hold", "allow"]
    assert [one.target for one in new] == ["W2"]


async def test_within_one_step_the_last_request_waits(judge: Asking) -> None:
    calls = [refund("20"), refund("60"), refund("60.0"), refund("70"), refund("30")]
    recorded, held = await judge.step(STATE, 1, calls)

    assert [call.verdict for call in recorded] == ["allow", "hold", "hold", "hold", "hold"]
    assert recorded[1].hold == recorded[2].hold == held[0].hold
    assert [one.supersedes for one in held] == [UNSET, held[0].hold, held[1].hold]
    assert recorded[4].hold == held[2].hold


@pytest.mark.parametrize("status", ["succeeded", "failed", "rejected", "withdrawn"])
async def test_what_is_settled_does_not_stand_in_the_way(
    judge: Asking, status: ev.HoldStatus
) -> None:
    held = await held_before(judge)
    recorded, new = await judge.step(waiting(held, status), 2, [refund("60")])

    assert [call.verdict for call in recorded] == ["hold"]
    assert [one.hold for one in new] == [hold_id(call_id("c_1", 2, 1))]


@pytest.mark.parametrize("amount", ["60", "70", "20"])
async def test_what_nobody_knows_the_outcome_of_is_not_tried_again(
    judge: Asking, amount: str
) -> None:
    held = await held_before(judge)
    (call,), new = await judge.step(waiting(held, "unknown"), 2, [refund(amount)])

    assert new == []
    assert (call.verdict, call.because) == ("deny", NOT_KNOWN)


async def test_an_allowed_write_keeps_what_it_was_judged_to_be(judge: Asking) -> None:
    read = Asked(tool="get_order", arguments='{"order_id": "W1"}')
    calls = [refund("20"), refund("60", order="W2"), refund("501", order="W3"), read]
    recorded, _ = await judge.step(STATE, 1, calls)

    assert [call.verdict for call in recorded] == ["allow", "hold", "deny", "allow"]
    assert [call.judged for call in recorded] == [
        ev.Judged(title="Refund of $20.00", target="W1", money=TWENTY), UNSET, UNSET, UNSET,
    ]  # fmt: skip


async def test_evidence_that_cannot_be_read_holds(judge: Asking, tools: ToolsDouble) -> None:
    tools.answers("get_order", Status(404, b"{}"))
    (call,), (held,) = await judge.step(STATE, 1, [refund("20")])

    assert call.verdict == "hold"
    assert "evidence order could not be read" in (call.because or "")
    assert json.loads(bytes(held.evidence)) == {}


async def test_each_judgement_asks_for_its_evidence_once(judge: Asking, tools: ToolsDouble) -> None:
    await judge.step(STATE, 1, [refund("20"), refund("30", order="W2")])

    assert len(tools.asked) == 2
    assert {one.purpose for one in tools.asked} == {"evidence"}


async def test_broken_arguments_are_kept_as_the_model_wrote_them(judge: Asking) -> None:
    broken = '{"order_id": "W1", '
    (call,), held = await judge.step(STATE, 1, [Asked(tool="issue_refund", arguments=broken)])

    assert held == []
    assert call.verdict == "invalid"
    assert json.loads(bytes(call.arguments)) == broken


async def test_more_calls_in_a_step_than_anybody_needs_are_not_made(
    judge: Asking, tools: ToolsDouble
) -> None:
    calls, held = await judge.step(STATE, 1, [refund("60", order=f"W{n}") for n in range(34)])

    assert [call.verdict for call in calls] == ["hold"] * 32 + ["invalid"] * 2
    assert calls[-1].because == "this is more than 32 calls at once; make fewer"
    assert len(held) == len(tools.asked) == 32


async def test_an_approved_call_is_judged_again_to_the_same_digest(judge: Asking) -> None:
    held = await held_before(judge)
    now = await judge.again(waiting(held, "approved"), waiting(held).holds[held.hold])

    assert isinstance(now, ev.Held)
    assert (now.digest, now.hold, now.call) == (held.digest, held.hold, held.call)


async def test_facts_that_changed_give_another_digest(judge: Asking, tools: ToolsDouble) -> None:
    held = await held_before(judge)
    tools.answers("get_order", Ok(ORDER.replace(b"80.00", b"70.00")))
    now = await judge.again(waiting(held), waiting(held).holds[held.hold])

    assert isinstance(now, ev.Held)
    assert now.digest != held.digest
    assert json.loads(bytes(now.evidence))["order"]["paid"] == 70


async def test_an_approved_call_the_rules_deny_by_now_is_denied(
    judge: Asking, tools: ToolsDouble
) -> None:
    held = await held_before(judge)
    tools.answers("get_order", Ok(ORDER.replace(b"false", b"true")))
    now = await judge.again(waiting(held), waiting(held).holds[held.hold])

    assert not isinstance(now, ev.Held)
    assert (now.verdict, now.because) == ("deny", "the order is closed")


async def test_a_hold_of_the_log_can_be_judged_again(judge: Asking) -> None:
    held = await held_before(judge)
    event = ev.Event(
        conversation="c_1", seq=2, v=1, type="held", at="2026-01-02T03:04:05.678Z",
        by=ev.By("assistant"), epoch=1, data=held,
    )  # fmt: skip
    kept = fold(STATE, ev.decode(ev.encode(event)))
    now = await judge.again(kept, kept.holds[held.hold])

    assert isinstance(now, ev.Held)
    assert isinstance(now.arguments, Raw)
    assert now.digest == held.digest


async def test_a_person_is_judged_like_the_assistant(judge: Asking) -> None:
    sam = ev.By("staff", name="Sam", id="s_1")
    id_ = staff_call_id("c_1", "s_1", "a click")
    said: dict[str, Any] = {"tool": "issue_refund", "by": sam, "call": id_}
    small = await judge.judge.one(STATE, arguments='{"order_id": "W1", "amount": 20}', **said)
    large = await judge.judge.one(STATE, arguments='{"order_id": "W1", "amount": 60}', **said)
    broken = await judge.judge.one(STATE, arguments="{", **said)
    unknown = await judge.judge.one(STATE, **said | {"tool": "fly", "arguments": "{}"})

    assert (small.verdict, small.hold, small.events) == ("allow", None, [])
    assert small.judged == ev.Judged(title="Refund of $20.00", target="W1", money=TWENTY)
    assert (large.verdict, large.hold) == ("hold", hold_id(id_))
    assert [(one.by, type(one.data)) for one in large.events] == [(sam, ev.Held)]
    assert [one.verdict for one in (broken, unknown)] == ["invalid", "invalid"]


async def test_an_edit_is_judged_as_the_revision_that_follows(judge: Asking) -> None:
    held = await held_before(judge)
    state = waiting(held)
    now = await judge.judge.edited(
        state, state.holds[held.hold], '{"order_id": "W1", "amount": 55}'
    )

    assert isinstance(now, ev.Held)
    assert (now.hold, now.call, now.revision) == (held.hold, held.call, 2)
    assert (now.money, now.rule) == (ev.Money(5500, "USD"), "over $50")
    assert now.digest != held.digest


@pytest.mark.parametrize(
    ("arguments", "verdict", "because"),
    [
        ('{"order_id": "W1", "amount": 501}', "deny", "over $500"),
        ('{"order_id": "W1"}', "invalid", "amount"),
        ("{", "invalid", "cannot be read"),
        ('{"order_id": "W2", "amount": 60}', "invalid", ANOTHER_WAITS),
    ],
)
async def test_an_edit_may_not_do_what_a_call_may_not(
    judge: Asking, arguments: str, verdict: str, because: str
) -> None:
    _, (held, other) = await judge.step(STATE, 1, [refund("60"), refund("60", order="W2")])
    state = replace(STATE, holds=waiting(held).holds | waiting(other).holds)
    now = await judge.judge.edited(state, state.holds[held.hold], arguments)

    assert isinstance(now, Judgement)
    assert now.verdict == verdict
    assert because in (now.because or "")
