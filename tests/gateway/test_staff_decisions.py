from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from conversation import events as ev
from conversation.ids import call_id, hold_id
from tests.conftest import Clock
from tests.conversation.acts import ADA, PRIVATE
from tests.gateway.house import House
from tests.gateway.people import Customer, Json
from tests.gateway.refunds import decision, hold_refund, settle
from tests.handoff.holding import EXPIRES_IN_S, refund

Held = tuple[Customer, str, Json]
FIELDS = {
    "hold", "conversation", "kind", "tool", "title", "money", "risk", "rule", "reasons", "evidence",
    "arguments", "text", "revision", "digest", "status", "approvers", "created_at", "expires_at",
    "by",
}  # fmt: skip


@pytest.fixture
async def held(house: House) -> Held:
    """A customer whose refund waits, the conversation, and what the lists say of the hold."""
    customer = await house.customer()
    conversation = (await customer.say())["conversation"]
    await hold_refund(house, conversation)
    console = await house.console("Kim")
    (summary,) = await console.until(lambda: console.state["holds"] or console.of("hold"))
    return customer, conversation, summary


async def status_of(house: House, held: Held) -> str:
    """Where the hold stands in its log."""
    _, conversation, summary = held
    return (await house.log.head(conversation)).holds[summary["hold"]].status


async def test_a_hold_shows_all_that_is_decided_on(held: Held) -> None:
    _, conversation, summary = held
    assert set(summary) >= FIELDS
    assert summary["conversation"] == conversation
    assert summary["money"] == {"minor": 4000, "currency": "USD"}
    assert summary["arguments"] == {"order": PRIVATE, "amount": 40.0}
    assert summary["approvers"] == {"needed": 1, "given": 0}
    assert summary["status"] == "held"


@pytest.mark.parametrize("name", ["Dana", "Max"])
async def test_a_supervisor_approves(house: House, held: Held, name: str) -> None:
    customer, _, summary = held
    console = await house.console(name)
    ack = await console.do("decide", **decision(summary, "approve"))
    changed = await customer.event("hold_changed", status="approved")
    assert ack["seq"] == changed["seq"]
    assert ack["status"] == "approved"
    assert (ack["revision"], ack["digest"]) == (summary["revision"], summary["digest"])
    jobs = await house.store.reads.xrange("{s0}:jobs")
    assert [fields[b"ref"].decode() for _, fields in jobs if fields[b"kind"] == b"execute"] == [
        summary["hold"]
    ]


async def test_a_supervisor_rejects_with_a_reason_the_customer_is_told(
    house: House, held: Held
) -> None:
    customer, conversation, summary = held
    dana = await house.console("Dana")
    await dana.do("takeover", conversation=conversation)
    rejected = decision(summary, "reject", reason="the order was delivered")
    ack = await dana.do("decide", **rejected)
    assert ack["status"] == "rejected"
    changed = await customer.event("hold_changed", status="rejected")
    assert changed["data"]["reason"] == "the order was delivered"
    assert changed["seq"] == ack["seq"]
    told = await customer.event("system_said", code="hold")
    assert "the order was delivered" in told["data"]["text"]


async def test_an_agent_decides_nothing(house: House, held: Held) -> None:
    _, conversation, summary = held
    sam = await house.console("Sam")
    await sam.do("takeover", conversation=conversation)
    assert await sam.refused("decide", **decision(summary, "approve")) == "forbidden"
    rejected = decision(summary, "reject", reason="no")
    assert await sam.refused("decide", **rejected) == "forbidden"
    assert await status_of(house, held) == "held"


@pytest.mark.parametrize(
    "other",
    [{"digest": "another"}, {"revision": 2}, {"revision": 0}, {"digest": PRIVATE.upper()}],
)
async def test_what_changed_since_it_was_seen_is_a_conflict(
    house: House, held: Held, other: Json
) -> None:
    dana = await house.console("Dana")
    seen = held[2] | other
    assert await dana.refused("decide", **decision(seen, "approve")) == "conflict"
    assert await dana.refused("decide", **decision(seen, "reject", reason="no")) == "conflict"
    assert await status_of(house, held) == "held"


@pytest.mark.parametrize("second", ["Dana", "Max"])
@pytest.mark.parametrize("word", ["approve", "reject"])
async def test_what_is_decided_is_not_decided_twice(
    house: House, held: Held, second: str, word: str
) -> None:
    summary = held[2]
    dana, other = await house.console("Dana"), await house.console(second)
    await dana.do("decide", **decision(summary, "approve"))
    assert await other.refused("decide", **decision(summary, word, reason="no")) == "conflict"
    assert await status_of(house, held) == "approved"


async def test_of_many_decisions_at_once_one_counts(house: House, held: Held) -> None:
    summary = held[2]
    consoles = [await house.console(name) for name in ("Dana", "Dana", "Max", "Max")]
    words = ["approve", "reject"] * 2
    acks = await asyncio.gather(
        *(
            console.ask("decide", **decision(summary, word, reason="no"))
            for console, word in zip(consoles, words, strict=True)
        )
    )
    assert [ack["ok"] for ack in acks].count(True) == 1
    assert {ack["error"]["code"] for ack in acks if not ack["ok"]} == {"conflict"}


async def test_what_was_settled_otherwise_is_a_conflict(house: House, held: Held) -> None:
    _, conversation, summary = held
    await settle(house, conversation, summary["hold"], "expired")
    dana = await house.console("Dana")
    assert await dana.refused("decide", **decision(summary, "approve")) == "conflict"


@pytest.mark.parametrize("hold", ["h_nothing", "h_", "nothing", "h_1_1", "c_1"])
async def test_a_hold_that_is_not_there_is_not_found(house: House, held: Held, hold: str) -> None:
    dana = await house.console("Dana")
    unknown = held[2] | {"hold": hold}
    assert await dana.refused("decide", **decision(unknown, "approve")) == "not_found"


BAD: dict[str, Json] = {
    "a rejection without a reason": {"decision": "reject"},
    "a rejection with an empty reason": {"decision": "reject", "reason": " "},
    "an edit of a tool that is not there": {"decision": "edit", "arguments": {"amount": 20}},
    "an edit without arguments": {"decision": "edit"},
    "an edit whose arguments are a list": {"decision": "edit", "arguments": [20]},
    "an edit of a call by a text": {"decision": "edit", "text": "hello"},
    "a question to nobody": {"decision": "ask", "question": {"to": "me", "text": "why?"}},
    "a question without words": {"decision": "ask", "question": {"to": "customer"}},
    "a question that is a text": {"decision": "ask", "question": "why?"},
    "no question": {"decision": "ask"},
    "another word": {"decision": "Approve"},
    "no decision": {"decision": None},
    "many decisions": {"decision": ["approve"]},
    "no revision": {"revision": None},
    "a revision that is a text": {"revision": "1"},
    "a revision that is true": {"revision": True},
    "no digest": {"digest": None},
    "no hold": {"hold": None},
}


@pytest.mark.parametrize("other", BAD.values(), ids=BAD)
async def test_a_decision_that_is_not_whole_is_a_bad_request(
    house: House, held: Held, other: Json
) -> None:
    dana = await house.console("Dana")
    whole = decision(held[2], "approve") | other
    assert await dana.refused("decide", **whole) == "bad_request"
    assert await status_of(house, held) == "held"


async def test_every_console_hears_of_a_decision(house: House, held: Held) -> None:
    summary = held[2]
    sam, dana = await house.console("Sam"), await house.console("Dana")
    assert [one["hold"] for one in sam.state["holds"]] == [summary["hold"]]
    await dana.do("decide", **decision(summary, "reject", reason="no"))
    await sam.until(lambda: sam.of("hold"))
    assert sam.of("hold")[-1]["status"] == "rejected"
    later = await house.console("Kim")
    assert later.state["holds"] == []


async def hold_for(house: House, held: Held, **other: Any) -> Json:
    """Another refund that waits, as the lists show it."""
    _, conversation, _ = held
    call = call_id(conversation, 2, 1)
    waiting = replace(refund(), hold=hold_id(call), call=call, target="W2", **other)
    await house.log.commit(conversation, lambda _s, _r: [ev.New(ADA, waiting)])
    console = await house.console("Kim")
    found = next(one for one in console.state["holds"] if one["hold"] == waiting.hold)
    return dict(found)


async def test_two_people_approve_where_two_must(house: House, held: Held) -> None:
    summary = await hold_for(house, held, approvers=ev.Approvers(2))
    dana, max_ = await house.console("Dana"), await house.console("Max")
    first = await dana.do("decide", **decision(summary, "approve"))
    assert first["status"] == "held"
    told = await held[0].event("hold_changed", hold=summary["hold"], status="held")
    assert told["seq"] == first["seq"]
    await dana.until(lambda: dana.of("hold"))
    assert dana.of("hold")[-1]["approvers"] == {"needed": 2, "given": 1}
    assert await dana.refused("decide", **decision(summary, "approve")) == "conflict"
    last = await max_.do("decide", **decision(summary, "approve"))
    assert last["status"] == "approved"


async def test_one_person_at_two_consoles_is_one(house: House, held: Held) -> None:
    summary = await hold_for(house, held, approvers=ev.Approvers(2))
    consoles = [await house.console("Dana") for _ in range(4)]
    acks = await asyncio.gather(
        *(console.ask("decide", **decision(summary, "approve")) for console in consoles)
    )
    assert [ack["ok"] for ack in acks].count(True) == 1
    state = await house.log.head(held[1])
    assert state.holds[summary["hold"]].status == "held"


async def test_nobody_approves_what_they_asked_for(house: House, held: Held) -> None:
    dana, max_ = await house.console("Dana"), await house.console("Max")
    by = ev.By("staff", name="Dana", id=dana.state["me"]["id"])
    call = call_id(held[1], 2, 1)
    waiting = replace(refund(), hold=hold_id(call), call=call)
    await house.log.commit(held[1], lambda _s, _r: [ev.New(by, waiting)])
    seen = {"hold": waiting.hold, "revision": 1, "digest": waiting.digest}
    assert await dana.refused("decide", **decision(seen, "approve")) == "forbidden"
    assert (await max_.do("decide", **decision(seen, "approve")))["status"] == "approved"


@pytest.mark.parametrize("word", ["approve", "reject"])
async def test_a_decision_after_its_time_is_expired(
    house: House, held: Held, clock: Clock, word: str
) -> None:
    summary = await hold_for(house, held)
    dana = await house.console("Dana")
    clock.advance(EXPIRES_IN_S)
    assert await dana.refused("decide", **decision(summary, word, reason="no")) == "expired"
    state = await house.log.head(held[1])
    assert state.holds[summary["hold"]].status == "held"


async def unknown(house: House, held: Held) -> Json:
    """A call of which nobody can tell whether it happened."""
    return await hold_for(house, held, kind="settle")


async def test_a_supervisor_settles_what_is_unknown(house: House, held: Held) -> None:
    summary = await unknown(house, held)
    assert summary["status"] == "unknown"
    dana = await house.console("Dana")
    settled = {"hold": summary["hold"], "outcome": "succeeded", "reference": "re_9"}
    ack = await dana.do("settle", **settled)
    assert ack["status"] == "succeeded"
    told = await held[0].event("hold_changed", status="succeeded")
    assert told["seq"] == ack["seq"]
    assert "re_9" not in held[0].everything
    assert await dana.refused("settle", **settled) == "conflict"


async def test_an_agent_settles_nothing(house: House, held: Held) -> None:
    summary = await unknown(house, held)
    sam = await house.console("Sam")
    settled = {"hold": summary["hold"], "outcome": "failed", "reference": "re_9"}
    assert await sam.refused("settle", **settled) == "forbidden"
    state = await house.log.head(held[1])
    assert state.holds[summary["hold"]].status == "unknown"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"outcome": "unknown"}, "bad_request"),
        ({"outcome": None}, "bad_request"),
        ({"reference": " "}, "bad_request"),
        ({"reference": "x" * 201}, "too_large"),
        ({"hold": "h_1"}, "not_found"),
        ({"hold": None}, "bad_request"),
    ],
)
async def test_a_settlement_that_is_not_whole_is_refused(
    house: House, held: Held, other: Json, code: str
) -> None:
    summary = await unknown(house, held)
    dana = await house.console("Dana")
    settled = {"hold": summary["hold"], "outcome": "failed", "reference": "re_9"}
    assert await dana.refused("settle", **settled | other) == code


async def test_what_waits_or_is_done_is_not_settled(house: House, held: Held) -> None:
    dana = await house.console("Dana")
    settled = {"hold": held[2]["hold"], "outcome": "failed", "reference": "re_9"}
    assert await dana.refused("settle", **settled) == "conflict"
    await dana.do("decide", **decision(held[2], "approve"))
    assert await dana.refused("settle", **settled) == "conflict"
