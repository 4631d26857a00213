"""When a turn opens, what it reads, and when people are called in before the model is asked."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from conversation import events as ev
from handoff.settings import MonitorSettings
from tests.agent.scene import Scene, calls
from tests.agent.talk import DANA
from tests.agent.test_turn_replies import handed_over
from tests.doubles.model import Action, Finish, Text, Wait, say
from tests.doubles.tools import Ok
from tests.doubles.tools import Wait as Slow

ORDER_1 = ("get_order", '{"order_id": "W1"}')
WANTS_A_PERSON = "I want to talk to a human, please."


def words(messages: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """Who said what."""
    return [(message["role"], message["content"]) for message in messages]


async def test_a_message_during_a_turn_opens_the_next_one(scene: Scene) -> None:
    gate = Wait()
    scene.answers([Text("One."), gate, Finish()], say("Two."))
    await scene.work()
    talk = await scene.talk()
    first = await talk.says("first")
    await talk.until(lambda talk: talk.frames)
    await talk.says("second")
    third = await talk.says("third")
    gate.until.set()
    await talk.turn_ended(2)

    assert talk.said == ["One.", "Two."]
    assert words(scene.messages(0)) == [("user", "first")]
    assert words(scene.messages(1)) == [
        ("user", "first"), ("assistant", "One."), ("user", "second"), ("user", "third"),
    ]  # fmt: skip
    assert talk.all(ev.TurnEnded)[0].upto == first
    assert talk.all(ev.TurnEnded)[1].upto > third
    assert (await talk.state()).turn is None


async def test_a_turn_with_calls_reads_the_prefix_it_opened_with(scene: Scene) -> None:
    slow = Slow(Ok(b"1"))
    scene.tools.answers("get_order", slow)
    scene.answers(calls(ORDER_1), say("One."), say("Two."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("first")
    await scene.tools.arrived(1)
    await talk.says("second")
    slow.until.set()
    await talk.turn_ended(2)

    roles = [[message["role"] for message in scene.messages(n)] for n in range(3)]
    assert roles == [
        ["user"],
        ["user", "assistant", "tool"],
        ["user", "assistant", "tool", "assistant", "user"],
    ]
    assert scene.header("Turn") == ["1", "1", "2"]
    assert [message["content"] for message in scene.messages(2)][-2:] == ["One.", "second"]


async def test_every_prompt_begins_with_the_one_before(scene: Scene) -> None:
    scene.answers(calls(ORDER_1), say("One."), calls(ORDER_1, ORDER_1), say("Two."), say("Three."))
    await scene.work()
    talk = await scene.talk(greeting="Welcome!")
    for n in (1, 2, 3):
        await talk.says(f"message {n}")
        await talk.turn_ended(n)

    prompts = [request.body["messages"] for request in scene.model.requests]
    for before, after in pairwise(prompts):
        assert after[: len(before)] == before
        assert len(after) > len(before)


async def test_the_greeting_the_customer_was_shown_is_part_of_the_prompt(scene: Scene) -> None:
    await scene.work()
    talk = await scene.talk(greeting="Welcome!")
    await talk.says("Hi")
    await talk.turn_ended()

    assert words(scene.messages()) == [("assistant", "Welcome!"), ("user", "Hi")]
    (greeting, said) = talk.all(ev.AssistantSaid)
    assert greeting.turn != said.turn


async def test_what_people_said_and_settled_is_told_when_the_assistant_is_back(
    scene: Scene,
) -> None:
    scene.answers([Text("Let me"), Wait()], say("I am back."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.until(lambda talk: talk.frames)
    await talk.taken_over()
    await talk.staff_says("Sam here. All is well.")
    await talk.says("Thanks, and my order?")
    await talk.given_back(brief="the parcel is on its way")
    await talk.turn_ended(2)

    assert words(scene.messages()) == [
        ("user", "Hi"),
        ("assistant", "Let me"),
        ("system", "Sam, a colleague, has the conversation now."),
        ("assistant", "Sam here. All is well."),
        ("user", "Thanks, and my order?"),
        (
            "system",
            "You have the conversation again. What was settled: the parcel is on its way",
        ),
    ]
    assert scene.header("Turn") == ["1", "2"]


async def test_a_return_opens_no_turn_when_a_person_spoke_last(scene: Scene) -> None:
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()
    await talk.taken_over()
    await talk.staff_says("Sam here.")
    await talk.given_back()
    await talk.until(lambda talk: talk.lines[-1:] == ["returned"])
    assert (await talk.state()).turn is None
    await talk.says("Hello")
    await talk.turn_ended(2)

    assert len(scene.model.requests) == 2


async def test_while_a_person_owns_the_conversation_the_model_is_not_asked(scene: Scene) -> None:
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()
    await talk.taken_over()
    await talk.says("Are you a person?")
    other = await scene.talk()
    await other.says("Hi")
    await other.turn_ended()

    assert len(scene.requests_of(talk)) == 1
    assert (await talk.state()).turn is None


async def test_who_asks_for_a_person_gets_one_without_the_model(scene: Scene) -> None:
    await scene.work(monitor=MonitorSettings())
    talk = await scene.talk()
    seq = await talk.says(WANTS_A_PERSON)

    assert (await talk.turn_ended()).outcome == "handed_over"
    await handed_over(talk, "asks_for_human")
    assert scene.model.requests == []
    (assessed,) = talk.all(ev.Assessed)
    assert assessed.outcome == "handover"
    assert assessed.reasons[0].signal == "asks_for_human"
    assert assessed.reasons[0].evidence == {"seq": seq}
    (wanted,) = talk.all(ev.HandoverRequested)
    assert wanted.reasons == assessed.reasons
    assert talk.types.index("assessed") < talk.types.index("turn_ended")


async def test_what_was_settled_does_not_bring_people_in_again(scene: Scene) -> None:
    await scene.work(monitor=MonitorSettings())
    talk = await scene.talk()
    await talk.says(WANTS_A_PERSON)
    await talk.turn_ended()
    await talk.taken_over()
    await talk.staff_says("Here I am.")
    await talk.given_back()
    await talk.says("Where is my parcel?")

    assert (await talk.turn_ended(2)).outcome == "replied"
    assert talk.all(ev.Assessed)[-1].outcome == "continue"


async def test_an_answer_is_assessed_in_the_commit_that_says_it(scene: Scene) -> None:
    await scene.work(monitor=MonitorSettings())
    talk = await scene.talk()
    await talk.says("Where is my parcel?")
    await talk.turn_ended()

    assert talk.types[-3:] == ["assistant_said", "assessed", "turn_ended"]
    (assessed,) = talk.all(ev.Assessed)
    assert (assessed.turn, assessed.outcome) == (1, "continue")


async def test_a_model_that_repeats_itself_is_handed_over_after_its_reply(scene: Scene) -> None:
    reply = "I am sorry, I cannot find your parcel or its carrier in our warehouse system today."
    scene.tries(say(reply))
    await scene.work(monitor=MonitorSettings())
    talk = await scene.talk()
    questions = ["Where is order 4711?", "My name is Robin Hale", "I paid by card last Tuesday"]
    for n, question in enumerate(questions, start=1):
        await talk.says(question)
        await talk.turn_ended(n)

    await handed_over(talk, "repetition")
    assert talk.said == [reply] * 3
    assert [ended.outcome for ended in talk.all(ev.TurnEnded)][-1] == "handed_over"


async def test_with_the_monitor_off_only_the_model_decides(scene: Scene) -> None:
    scene.tries(say("I am all you have."))
    await scene.work(monitor=None)
    talk = await scene.talk()
    await talk.says(WANTS_A_PERSON)

    assert (await talk.turn_ended()).outcome == "replied"
    assert talk.all(ev.Assessed) == []
    assert (await talk.state()).status == "assistant"


async def test_a_message_that_came_before_a_handover_is_not_answered_again(scene: Scene) -> None:
    gate = Wait()
    scene.answers([Text("   "), gate, Finish()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("first")
    await talk.until(lambda talk: talk.frames)
    second = await talk.says("second")
    gate.until.set()

    assert (await talk.turn_ended()).upto == second
    await handed_over(talk, "silent")
    assert (await talk.state()).turn is None


@pytest.mark.parametrize("moment", ["in mid-reply", "in mid-read", "before a word"])
async def test_the_button_ends_the_turn_at_once(scene: Scene, moment: str) -> None:
    slow = Slow()
    scene.tools.answers("get_order", slow)
    moments: dict[str, list[Action]] = {
        "in mid-reply": [Text("Let me"), Wait()],
        "in mid-read": calls(ORDER_1),
        "before a word": [Wait()],
    }
    scene.answers(moments[moment])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    match moment:
        case "in mid-reply":
            await talk.until(lambda talk: talk.frames)
        case "in mid-read":
            await scene.tools.arrived(1)
        case _:
            await talk.until(lambda _: True)
    await talk.asks_for_a_person()

    assert (await talk.turn_ended()).outcome == "handed_over"
    await talk.until(lambda talk: talk.lines == ["handover"])
    assert talk.said == (["Let me"] if moment == "in mid-reply" else [])
    slow.until.set()


async def test_the_outcome_of_a_hold_stands_at_its_place_in_every_later_prompt(
    scene: Scene,
) -> None:
    refund = ("issue_refund", '{"order_id": "W1", "amount": 60}')
    scene.answers(calls(refund), say("It waits."), say("It is done."), say("Bye."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")
    await talk.turn_ended()
    await talk.approves(await talk.held(), DANA)
    await talk.turn_ended(2)
    await talk.says("Thanks")
    await talk.turn_ended(3)

    roles = [message["role"] for message in scene.messages()]
    assert roles == ["user", "assistant", "tool", "assistant", "system", "assistant", "user"]
    outcome = json.loads(scene.messages()[4]["content"])
    assert list(outcome) == ["hold", "status", "result"]
    assert outcome["status"] == "succeeded"
