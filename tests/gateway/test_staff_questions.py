"""A question before a decision: who is asked is told, who answers is heard, nobody else is."""

from __future__ import annotations

import pytest

from conversation.events import iso
from tests.conftest import Clock
from tests.conversation.acts import PRIVATE
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House
from tests.gateway.people import Console, Customer, Json, new_id
from tests.gateway.refunds import decision, hold_refund

TO_CUSTOMER = {"to": "customer", "text": "Which parcel was it?"}
TO_AGENT = {"to": "agent", "text": "Did they call before?"}


class Case:
    """A refund that waits, its customer and a supervisor."""

    def __init__(self, house: House, customer: Customer, dana: Console, summary: Json) -> None:
        self.house = house
        self.customer = customer
        self.dana = dana
        self.summary = summary
        self.hold = str(summary["hold"])

    async def ask(self, question: Json) -> Json:
        return await self.dana.do("decide", **decision(self.summary, "ask", question=question))

    def answer(self, text: str = "the red one", **more: str) -> Json:
        return {"id": new_id(), "hold": self.hold, "text": text} | more


@pytest.fixture
async def case(open_house: OpenHouse) -> Case:
    house = await open_house()
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    await hold_refund(house, conversation)
    dana = await house.console("Dana")
    (summary,) = await dana.until(lambda: dana.state["holds"] or dana.of("hold"))
    return Case(house, customer, dana, summary)


async def test_a_customer_is_asked_and_the_answer_comes_back_to_the_card(case: Case) -> None:
    ack = await case.ask(TO_CUSTOMER)
    assert ack["status"] == "needs_info"
    asked = await case.customer.event("hold_changed", status="needs_info")
    assert asked["data"]["question"] == TO_CUSTOMER
    answered = await case.customer.do("answer", **case.answer())
    card = await case.dana.until(
        lambda: next((one for one in case.dana.of("hold") if one["answer"]), None)
    )
    assert card is not None
    assert (card["status"], card["answer"], card["question"]) == (
        "held",
        "the red one",
        TO_CUSTOMER,
    )
    changed = await case.customer.event("hold_changed", status="held")
    assert changed["seq"] == answered["seq"]
    ack = await case.dana.do("decide", **decision(card, "approve"))
    assert ack["status"] == "approved"


async def test_nobody_approves_without_having_seen_the_answer(case: Case) -> None:
    await case.ask(TO_CUSTOMER)
    await case.customer.do("answer", **case.answer("do not pay it to that card!"))
    assert await case.dana.refused("decide", **decision(case.summary, "approve")) == "conflict"
    card = await case.dana.until(
        lambda: next((one for one in case.dana.of("hold") if one["answer"]), None)
    )
    assert card is not None
    assert (card["revision"], card["digest"]) == (2, case.summary["digest"])
    assert (await case.dana.do("decide", **decision(card, "approve")))["status"] == "approved"


async def test_an_answer_is_taken_once_however_often_it_is_sent(case: Case) -> None:
    await case.ask(TO_CUSTOMER)
    answer = case.answer()
    first = await case.customer.do("answer", **answer)
    assert (await case.customer.do("answer", **answer))["seq"] == first["seq"]
    assert await case.customer.refused("answer", **answer | {"text": "the blue one"}) == "conflict"
    assert await case.customer.refused("answer", **case.answer()) == "conflict"


async def test_a_customer_who_comes_back_finds_what_is_asked(case: Case) -> None:
    await case.ask(TO_CUSTOMER)
    await case.customer.event("hold_changed", status="needs_info")
    sync = await case.customer.do("sync", after=0)
    (hold,) = sync["state"]["holds"]
    assert (hold["status"], hold["question"]) == ("needs_info", TO_CUSTOMER)


async def test_what_a_colleague_is_asked_is_not_the_customers(case: Case) -> None:
    await case.ask(TO_AGENT)
    asked = await case.customer.event("hold_changed", status="needs_info")
    assert asked["data"]["question"] is None
    assert await case.customer.refused("answer", **case.answer()) == "conflict"
    sam = await case.house.console("Sam")
    answer = case.answer(f"no, {PRIVATE}")
    ack = await sam.do("answer", **answer)
    assert (await sam.do("answer", **answer))["seq"] == ack["seq"]
    held = await case.customer.event("hold_changed", status="held")
    assert held["seq"] == ack["seq"]
    assert PRIVATE not in case.customer.everything
    assert TO_AGENT["text"] not in case.customer.everything


async def test_what_a_customer_is_asked_no_colleague_answers(case: Case) -> None:
    await case.ask(TO_CUSTOMER)
    assert await case.dana.refused("answer", **case.answer()) == "conflict"


async def test_another_customer_answers_nothing(case: Case) -> None:
    await case.ask(TO_CUSTOMER)
    other = await case.house.customer()
    assert await other.refused("answer", **case.answer()) == "not_found"
    await other.say()
    assert await other.refused("answer", **case.answer()) == "not_found"


async def test_nothing_that_is_not_asked_is_answered(case: Case) -> None:
    assert await case.customer.refused("answer", **case.answer()) == "conflict"
    assert await case.dana.refused("answer", **case.answer()) == "conflict"
    assert await case.customer.refused("answer", **case.answer(hold="h_1")) == "not_found"
    assert await case.dana.refused("answer", **case.answer(hold="h_1")) == "not_found"


@pytest.mark.parametrize(
    "broken", [{"id": "1"}, {"text": " "}, {"text": 7}, {"hold": None}, {"text": "x" * 8001}]
)
async def test_an_answer_that_is_not_whole_is_refused(case: Case, broken: Json) -> None:
    await case.ask(TO_CUSTOMER)
    for screen in (case.customer, case.dana):
        code = await screen.refused("answer", **case.answer() | broken)
        assert code == ("too_large" if len(str(broken.get("text"))) > 8000 else "bad_request")


async def test_an_agent_asks_nothing_about_a_call(case: Case) -> None:
    sam = await case.house.console("Sam")
    asked = decision(case.summary, "ask", question=TO_CUSTOMER)
    assert await sam.refused("decide", **asked) == "forbidden"


async def test_a_customer_withdraws_what_they_are_asked_about(case: Case) -> None:
    await case.ask(TO_CUSTOMER)
    await case.customer.do("withdraw", hold=case.hold)
    assert await case.customer.refused("answer", **case.answer()) == "conflict"


async def test_an_answer_makes_the_call_wait_anew(case: Case, clock: Clock) -> None:
    await case.ask(TO_CUSTOMER)
    clock.advance(300)
    await case.customer.do("answer", **case.answer())
    changed = await case.customer.event("hold_changed", status="held")
    assert changed["data"]["expires_at"] == iso(clock() + 1200 * 1000)
