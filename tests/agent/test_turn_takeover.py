"""Somebody takes the conversation in mid-turn: not a word more, and nothing of what ran is lost."""

from __future__ import annotations

import asyncio
import time

import pytest

from conversation import events as ev
from conversation.state import LINE
from tests.agent.scene import Scene, calls
from tests.agent.talk import Talk
from tests.agent.test_turn_calls import (
    LETTER,
    ORDER_1,
    REFUND_60,
    TO_OSLO,
    TO_ROME,
    answers,
    outcomes,
)
from tests.doubles.model import Text, Wait, say
from tests.doubles.tools import Break, Ok
from tests.doubles.tools import Wait as Slow

CLOSED_WITHIN_S = 1.0


async def answered(scene: Scene, talk: Talk) -> None:
    """The assistant has it again and answers, so whatever went before is over."""
    scene.tries(say("I am back."))
    await talk.says("Hello?")
    await talk.given_back()
    await talk.until(lambda talk: talk.said[-1:] == ["I am back."])


@pytest.mark.parametrize("begun", [True, False], ids=["in mid-reply", "before a word"])
async def test_a_takeover_closes_the_model_within_a_second(scene: Scene, begun: bool) -> None:
    scene.answers([Text("Let me"), Wait()] if begun else [Wait()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    if begun:
        await talk.until(lambda talk: talk.frames)
    else:
        await scene.asked(1)
    taken = time.monotonic()
    await talk.taken_over()

    assert await asyncio.wait_for(scene.model.left.get(), CLOSED_WITHIN_S) == 0
    assert time.monotonic() - taken < CLOSED_WITHIN_S
    expected = ["assistant_said"] if begun else []
    await talk.until(lambda talk: talk.lines == ["joined"])
    assert talk.types[2:-1][-2 - len(expected) :] == [*expected, "turn_ended", "owner_changed"]


async def test_a_customer_who_leaves_closes_the_model_within_a_second(scene: Scene) -> None:
    scene.answers([Text("Let me"), Wait()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.until(lambda talk: talk.frames)
    left = time.monotonic()
    await talk.leaves()

    await asyncio.wait_for(scene.model.left.get(), CLOSED_WITHIN_S)
    assert time.monotonic() - left < CLOSED_WITHIN_S
    await talk.until(lambda talk: talk.lines)
    assert talk.said == ["Let me"]
    assert (await talk.state()).status == "closed"


async def test_what_was_shown_is_what_is_kept_and_no_word_follows(scene: Scene) -> None:
    gate = Wait()
    scene.answers([Text("Let me "), gate, Text("look that up"), Wait()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.until(lambda talk: talk.frames)
    await talk.taken_over()
    gate.until.set()
    await scene.left()
    other = await scene.talk()
    scene.tries(say("Hello."))
    await other.says("Hi")
    await other.turn_ended()
    await talk.until(lambda talk: talk.lines)

    (said,) = talk.all(ev.AssistantSaid)
    assert (said.text, said.partial) == ("Let me ", True)
    assert talk.shown(1) == "Let me "
    assert [event.by.role for event in talk.events if event.epoch > 1] == ["staff", "system"]


async def test_a_takeover_while_the_model_is_asked_again_ends_the_turn(scene: Scene) -> None:
    scene.tries([Text("Let")], [Wait()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await scene.asked(2)
    await talk.taken_over()

    await scene.left()
    await answered(scene, talk)
    assert talk.said == ["Let", "I am back."]


async def test_writes_that_had_not_begun_do_not_and_what_had_is_recorded(scene: Scene) -> None:
    slow = Slow(Ok(b'{"moved": "Rome"}'))
    scene.tools.answers("change_address", slow)
    scene.answers(calls(ORDER_1, TO_ROME, TO_OSLO, REFUND_60))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Rome, then Oslo")
    await scene.tools.arrived(1, "change_address")
    await talk.taken_over()
    slow.until.set()

    order, rome, oslo, refund = (call.call for call in talk.calls)
    await talk.until(lambda talk: rome in outcomes(talk))
    assert outcomes(talk) == {order: "succeeded", rome: "succeeded", oslo: "not_started"}
    assert talk.types.index("owner_changed") < len(talk.types) - 1
    assert talk.events[-1].type == "tool_finished"
    assert refund not in outcomes(talk)
    (held,) = talk.all(ev.Held)
    assert (await talk.state()).holds[held.hold].status == "held"
    await answered(scene, talk)
    assert len(scene.tools.calls("change_address")) == 1
    told = answers(scene.messages())
    assert told[rome] == '{"moved": "Rome"}'
    assert told[oslo] == '{"error":"not started"}'


async def test_reads_under_way_are_recorded_after_a_takeover(scene: Scene) -> None:
    slow = Slow(Ok(b'{"order": 1}'))
    scene.tools.answers("get_order", slow)
    scene.answers(calls(ORDER_1))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await scene.tools.arrived(1)
    await talk.taken_over()
    slow.until.set()
    await talk.until(outcomes)

    await answered(scene, talk)
    assert list(answers(scene.messages()).values()) == ['{"order": 1}']
    assert len(scene.model.requests) == 2


async def test_an_unknown_outcome_after_a_takeover_is_recorded_and_calls_nobody_else(
    scene: Scene,
) -> None:
    slow = Slow(Break(done=True))
    scene.tools.answers("send_letter", slow)
    scene.answers(calls(LETTER))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Write")
    await scene.tools.arrived(1)
    await talk.taken_over()
    slow.until.set()
    await talk.until(outcomes)

    assert set(outcomes(talk).values()) == {"unknown"}
    assert talk.all(ev.HandoverRequested) == []
    assert (await talk.state()).owner == "staff:p_sam"


async def test_a_conversation_cannot_be_closed_while_a_write_runs(scene: Scene) -> None:
    slow = Slow()
    scene.tools.answers("change_address", slow)
    scene.answers(calls(TO_ROME), say("Done."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Rome")
    await scene.tools.arrived(1)
    with pytest.raises(Exception, match="under way"):
        await talk.leaves()

    slow.until.set()
    assert (await talk.turn_ended()).outcome == "replied"
    await talk.leaves()
    assert (await talk.state()).status == "closed"


async def test_a_takeover_of_a_waiting_conversation_ends_no_turn(scene: Scene) -> None:
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()
    await talk.asks_for_a_person()
    assert (await talk.state()).owner == LINE
    await talk.taken_over()

    assert len(talk.all(ev.TurnEnded)) == 1
    assert (await talk.state()).owner == "staff:p_sam"


async def test_takeovers_in_a_flood_of_words_lose_none_that_was_shown(scene: Scene) -> None:
    texts = [f"customer {n}" for n in range(12)]
    scene.tries_for({text: [[*(Text(f"{n} ") for n in range(400)), Wait()]] for text in texts})
    await scene.work()
    talks = (await scene.talks(texts)).values()

    async def taken(talk: Talk) -> None:
        await talk.until(lambda talk: talk.frames)
        await talk.taken_over()
        await talk.until(lambda talk: talk.lines)

    await asyncio.gather(*map(taken, talks))
    for talk in talks:
        assert talk.said == [talk.shown(1)]
