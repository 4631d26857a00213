"""One open hold for what a customer wants, whichever of their conversations they ask in."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import UNSET, Raw

from conversation import events as ev
from conversation.ids import hold_id
from conversation.log import Log
from conversation.store import Store
from handoff.judgement import Judgement
from handoff.judging import ELSEWHERE
from tests.conftest import Clock
from tests.handoff.till import ADA, SYSTEM, Chat, Till, identified, money, refund, refunds

OVER_50 = [{"when": "money.minor > 5000", "then": "hold"}, {"then": "allow"}]


@pytest.fixture
def till(store: Store, clock: Clock) -> Till:
    return Till(Log(store, clock=clock), refunds(rules=OVER_50))


@pytest.mark.parametrize("amount", ["60", "61", "20"])
async def test_what_waits_in_one_conversation_is_not_asked_for_in_another(
    till: Till, amount: str
) -> None:
    """Not even when the rules alone would allow it: it must not slip past what waits."""
    first, second = await till.chat("1"), await till.chat("2")
    await first.asks(refund("60"))
    (call,) = await second.asks(refund(amount))

    assert (call.verdict, call.because) == ("deny", ELSEWHERE)


async def test_another_thing_and_another_customer_are_another_intent(till: Till) -> None:
    first, second = await till.chat("1"), await till.chat("2")
    kim = await till.chat("3", customer="u_kim")
    await first.asks(refund("60"))

    assert await second.verdict(refund("60", order="W2")) == "hold"
    assert await kim.verdict(refund("60")) == "hold"


@pytest.mark.parametrize(
    "path",
    [("rejected",), ("withdrawn",), ("expired",), ("approved", "executing", "succeeded")],
    ids=lambda path: path[-1],
)
async def test_what_is_settled_can_be_asked_for_anywhere(
    till: Till, path: tuple[ev.HoldStatus, ...]
) -> None:
    first, second = await till.chat("1"), await till.chat("2")
    (call,) = await first.asks(refund("60"))
    await first.becomes(call, *path)

    assert await second.verdict(refund("60")) == "hold"


@pytest.mark.parametrize("path", [("needs_info",), ("approved",), ("approved", "executing")])
async def test_what_is_not_settled_is_not(till: Till, path: tuple[ev.HoldStatus, ...]) -> None:
    first, second = await till.chat("1"), await till.chat("2")
    (call,) = await first.asks(refund("60"))
    await first.becomes(call, *path)

    assert await second.verdict(refund("60")) == "deny"


async def test_what_two_visitors_asked_for_who_are_one_customer_runs_once(till: Till) -> None:
    first, second = await till.visitor("1"), await till.visitor("2")
    ((one,), (two,)) = await first.asks(refund("60")), await second.asks(refund("60"))
    for chat, call in ((first, one), (second, two)):
        await chat.commit(identified("u_robin"))
        await chat.becomes(call, "approved")

    assert isinstance(await first.dispatched(one), ev.Held)
    refused = await second.dispatched(two)
    assert isinstance(refused, Judgement)
    assert (refused.verdict, refused.because) == ("invalid", ELSEWHERE)


async def test_what_nobody_knows_the_outcome_of_is_not_tried_elsewhere(till: Till) -> None:
    first, second = await till.chat("1"), await till.chat("2")
    (call,) = await first.asks(refund("20"))
    await doubt(first, call)

    assert await second.verdict(refund("20")) == "deny"


async def test_one_that_came_after_does_not_hide_what_nobody_knows(till: Till) -> None:
    """All are allowed at once; each is remembered until its outcome is known."""
    chats = [await till.chat(str(number)) for number in range(3)]
    calls = [(await chat.asks(refund("20")))[0] for chat in chats]
    assert {call.verdict for call in calls} == {"allow"}
    await doubt(chats[0], calls[0])
    await doubt(chats[1], calls[1])
    await chats[2].finished(calls[2], "failed")
    other = await till.chat("9")

    assert await other.verdict(refund("20")) == "deny"
    await chats[1].becomes(calls[1], "failed")
    assert await other.verdict(refund("20")) == "deny"
    await chats[0].becomes(calls[0], "failed")
    assert await other.verdict(refund("20")) == "allow"


async def test_a_write_that_takes_long_is_remembered_until_it_has_ended(
    till: Till, clock: Clock
) -> None:
    slow, quick, third = [await till.chat(name) for name in ("1", "2", "3")]
    (call,) = await slow.asks(refund("20"))
    clock.advance(3_600)
    (ended,) = await quick.asks(refund("20"))
    await quick.finished(ended, "failed")
    await doubt(slow, call)

    assert await third.verdict(refund("20")) == "deny"


async def test_what_is_over_is_kept_no_longer(till: Till, clock: Clock) -> None:
    for name in "123":
        chat = await till.chat(name)
        (call,) = await chat.asks(refund("20"))
        await chat.finished(call, "succeeded")
        clock.advance(60)
    (key,) = await till.log.store.reads.keys("*:intents:*")

    assert await till.log.store.reads.hlen(key) == 1


async def doubt(chat: Chat, call: ev.Call) -> None:
    """Nobody can tell what became of an allowed call."""
    assert call.judged is not UNSET
    finished = ev.ToolFinished(call=call.call, key=call.call, outcome="unknown")
    settle = ev.Held(
        hold=hold_id(call.call),
        kind="settle",
        call=call.call,
        revision=1,
        digest="d",
        tool=call.tool,
        title=call.judged.title,
        arguments=call.arguments,
        target=call.judged.target,
        money=call.judged.money,
        rule=None,
        risk=None,
        reasons=[],
        evidence=Raw(b"{}"),
    )
    await chat.commit(ev.New(SYSTEM, finished), ev.New(ADA, settle))


async def test_an_allowed_call_stands_in_nobodys_way(till: Till) -> None:
    first, second = await till.chat("1"), await till.chat("2")

    assert await first.verdict(refund("20")) == "allow"
    assert await second.verdict(refund("20")) == "allow"
    assert await first.verdict(refund("60")) == "hold"


async def test_of_two_who_ask_at_once_one_waits(till: Till) -> None:
    chats = [await till.chat(str(number)) for number in range(8)]
    verdicts = await asyncio.gather(*(chat.verdict(refund("60")) for chat in chats))

    assert sorted(verdicts) == ["deny"] * 7 + ["hold"]


async def test_a_request_that_was_never_committed_stands_in_the_way_for_a_minute(
    till: Till, clock: Clock
) -> None:
    died, other = await till.chat("1"), await till.chat("2")
    await died.judged(refund("60"))
    clock.advance(59.999)
    assert await other.verdict(refund("60")) == "deny"
    clock.advance(0.001)
    assert await other.verdict(refund("60")) == "hold"


async def test_another_amount_takes_the_place_in_its_own_conversation_only(till: Till) -> None:
    first, second = await till.chat("1"), await till.chat("2")
    await first.asks(refund("60"))

    assert await first.verdict(refund("70")) == "hold"
    assert await second.verdict(refund("70")) == "deny"


async def test_an_edit_for_another_thing_is_another_intent(till: Till) -> None:
    first, second = await till.chat("1"), await till.chat("2")
    (call,) = await first.asks(refund("60"))
    await second.asks(refund("60", order="W2"))
    taken = await first.edits(call, money("60", order="W2"))
    free = await first.edits(call, money("60", order="W3"))

    assert isinstance(taken, Judgement)
    assert (taken.verdict, taken.because) == ("invalid", ELSEWHERE)
    assert isinstance(free, ev.Held)
