"""A message cuts the turn that is open, where the operator wants it so."""

from __future__ import annotations

import asyncio
import time

from conversation import events as ev
from handoff.settings import MonitorSettings
from tests.agent.scene import Scene, calls
from tests.agent.talk import Talk
from tests.agent.test_turn_calls import REFUND_60, TO_OSLO, TO_ROME, answers, outcomes
from tests.agent.test_turn_order import WANTS_A_PERSON, words
from tests.agent.test_turn_replies import handed_over
from tests.doubles.model import Action, Finish, Text, Wait, say
from tests.doubles.tools import Ok
from tests.doubles.tools import Wait as Slow

CLOSED_WITHIN_S = 1.0
CUT = ["assistant_said", "turn_ended", "customer_said"]


async def ended(talk: Talk, n: int) -> list[str]:
    """The outcomes of the first `n` turns."""
    await talk.turn_ended(n)
    return [data.outcome for data in talk.all(ev.TurnEnded)]


async def shown_of(talk: Talk, n: int) -> None:
    """Wait until something of turn `n` was shown."""
    await talk.until(lambda talk: any(frame.turn == n for frame in talk.frames))


async def test_what_was_shown_is_kept_and_the_message_opens_the_next_turn(scene: Scene) -> None:
    scene.tries([Text("Let me "), Wait()], say("Blue it is."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("red")
    await talk.until(lambda talk: talk.frames)
    at = time.monotonic()
    seq = await talk.interrupts("no, blue")

    await asyncio.wait_for(scene.model.left.get(), CLOSED_WITHIN_S)
    assert time.monotonic() - at < CLOSED_WITHIN_S
    assert await ended(talk, 2) == ["cut", "replied"]
    assert [event.type for event in talk.events if event.seq > seq - 3][:3] == CUT
    assert [(said.text, said.partial) for said in talk.all(ev.AssistantSaid)] == [
        ("Let me ", True), ("Blue it is.", False),
    ]  # fmt: skip
    assert words(scene.messages()) == [
        ("user", "red"), ("assistant", "Let me "), ("user", "no, blue"),
    ]  # fmt: skip
    assert {frame.turn for frame in talk.frames} == {1, 2}
    assert talk.shown(1) == "Let me "
    assert (await talk.state()).turn is None


async def test_a_turn_that_has_shown_nothing_leaves_no_words(scene: Scene) -> None:
    scene.tries([Wait()], say("Both."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("one")
    await scene.asked(1)
    await talk.interrupts("two")

    await asyncio.wait_for(scene.model.left.get(), CLOSED_WITHIN_S)
    assert await ended(talk, 2) == ["cut", "replied"]
    assert talk.said == ["Both."]
    assert words(scene.messages()) == [("user", "one"), ("user", "two")]


async def test_nothing_is_cut_once_the_turn_is_over(scene: Scene) -> None:
    await scene.work()
    talk = await scene.talk()
    await talk.says("one")
    await talk.turn_ended()
    await talk.interrupts("two")

    assert await ended(talk, 2) == ["replied", "replied"]


async def test_a_write_that_has_begun_is_not_cut_and_the_message_waits(scene: Scene) -> None:
    slow = Slow(Ok(b'{"moved": "Rome"}'))
    scene.tools.answers("change_address", slow)
    scene.answers(calls(TO_ROME), say("Moved."), say("You are welcome."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Rome")
    await scene.tools.arrived(1, "change_address")
    await talk.interrupts("thanks")
    assert talk.all(ev.TurnEnded) == []
    slow.until.set()

    assert await ended(talk, 2) == ["replied", "replied"]
    assert talk.said == ["Moved.", "You are welcome."]
    assert set(outcomes(talk).values()) == {"succeeded"}


async def test_calls_that_had_not_begun_do_not_and_held_ones_are_left_alone(scene: Scene) -> None:
    slow = Slow(Ok(b'{"order": 1}'))
    scene.tools.answers("get_shipment", slow)
    shipment = ("get_shipment", '{"order_id": "W1"}')
    scene.tries(calls(shipment, TO_ROME, TO_OSLO, REFUND_60), say("Not moved."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Rome, then Oslo")
    await scene.tools.arrived(1, "get_shipment")
    await talk.interrupts("no, leave it")
    assert await ended(talk, 2) == ["cut", "replied"]
    slow.until.set()

    read, rome, oslo, refund = (call.call for call in talk.calls)
    await talk.until(lambda talk: read in outcomes(talk))
    assert outcomes(talk) == {rome: "not_started", oslo: "not_started", read: "succeeded"}
    assert refund not in outcomes(talk)
    (held,) = talk.all(ev.Held)
    assert (await talk.state()).holds[held.hold].status == "held"
    assert scene.tools.calls("change_address") == []
    assert answers(scene.messages())[rome] == '{"error":"not started"}'


async def test_an_outcome_the_cut_turn_had_yet_to_tell_is_told_by_the_next(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Ok(b'{"refunded": 60}'))
    scene.answers(
        calls(REFUND_60), say("It waits."), [Text("Your re"), Wait()], say("Refunded, and hello.")
    )
    await scene.work()
    talk = await scene.talk()
    await talk.says("refund")
    await talk.turn_ended()
    await talk.approves(await talk.held())
    await shown_of(talk, 2)
    assert (await talk.state()).untold
    await talk.interrupts("hello?")

    assert await ended(talk, 3) == ["replied", "cut", "replied"]
    told = [m["content"] for m in scene.messages() if m["role"] == "system"]
    assert len(told) == 1
    assert '"status":"succeeded"' in told[0]
    assert (await talk.state()).untold == {}


async def test_who_asked_for_a_person_in_a_cut_turn_still_gets_one(scene: Scene) -> None:
    talk = await scene.talk()
    await talk.says(WANTS_A_PERSON)
    await talk.interrupts("are you there?")
    await scene.work(monitor=MonitorSettings())

    await handed_over(talk, "asks_for_human")


async def test_many_messages_in_a_flood_of_words_each_cut_and_lose_no_word(scene: Scene) -> None:
    endless: list[Action] = [*(Text(f"{n} ") for n in range(400)), Wait()]
    scene.tries(endless, endless, endless, endless, [Text("Done."), Finish()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("0")
    for n in range(1, 5):
        await shown_of(talk, n)
        await talk.interrupts(str(n))

    assert await ended(talk, 5) == ["cut", "cut", "cut", "cut", "replied"]
    assert talk.said == [talk.shown(step) for step in range(1, 5)] + ["Done."]
