"""Replies that a person sees first: nothing of them is shown before, and nothing is lost."""

from __future__ import annotations

from functools import partial
from typing import Any

from conversation import events as ev
from conversation.ids import call_id, draft_id
from handoff import decisions, ownership
from handoff.decisions import Seen
from handoff.settings import MonitorSettings
from tests.agent.scene import Scene, calls
from tests.agent.talk import CUSTOMER, SAM, Talk
from tests.agent.test_turn_calls import ORDER_1, REFUND_60
from tests.agent.test_turn_order import WANTS_A_PERSON, words
from tests.agent.test_turn_replies import handed_over
from tests.conftest import Clock
from tests.doubles.model import Action, Cut, Text, Wait, say

DRAFTS = MonitorSettings(before_certified="draft")


async def drafting(scene: Scene, *answers: list[Action]) -> Talk:
    """A customer who has written, where replies are drafts."""
    scene.answers(*answers)
    await scene.work(monitor=DRAFTS)
    talk = await scene.talk()
    await talk.says("Where is W1?")
    return talk


async def decides(scene: Scene, talk: Talk, held: ev.Held, decide: Any, **how: Any) -> None:
    """An agent decides on a draft."""
    seen = Seen(held.hold, held.revision, held.digest)
    done = partial(decide, seen=seen, person=SAM, now_ms=scene.log.clock(), **how)
    await scene.log.commit(talk.conversation, done, with_reply=True)


async def test_a_reply_becomes_a_draft_and_nothing_is_shown(scene: Scene, clock: Clock) -> None:
    talk = await drafting(scene, [*say("It is on the road.")])

    assert (await talk.turn_ended()).outcome == "drafted"
    (held,) = talk.all(ev.Held)
    assert (held.kind, held.text) == ("draft", "It is on the road.")
    assert held.call == call_id(talk.conversation, 1, 0)
    assert held.hold == draft_id(talk.conversation, 1)
    assert held.expires_at == ev.iso(clock() + 20 * 60_000)
    assert talk.types[-3:] == ["held", "assessed", "turn_ended"]
    assert [one.outcome for one in talk.all(ev.Assessed)] == ["draft"]
    assert (talk.frames, talk.said) == ([], [])
    state = await talk.state()
    assert (state.turn, state.steps, state.status) == (None, 1, "assistant")


async def test_a_draft_that_is_sent_is_what_the_model_said(scene: Scene) -> None:
    talk = await drafting(scene, say("On the road."), say("Bye."))
    await decides(scene, talk, await talk.held(), decisions.approve)
    await talk.until(lambda talk: talk.said)
    await talk.says("Thanks")
    await talk.turn_ended(2)

    assert talk.said == ["On the road."]
    assert words(scene.messages()) == [
        ("user", "Where is W1?"), ("assistant", "On the road."), ("user", "Thanks"),
    ]  # fmt: skip
    assert scene.header("Step") == ["1", "2"]


async def test_one_that_is_turned_down_is_written_anew(scene: Scene) -> None:
    talk = await drafting(scene, say("Lost."), say("On the road."))
    await decides(scene, talk, await talk.held(), decisions.reject, reason="it is not lost")

    second = await talk.held(2)
    assert second.text == "On the road."
    told = [content for role, content in words(scene.messages()) if role == "system"]
    assert len(told) == 1
    assert "Lost." in str(told[0])
    assert "it is not lost" in str(told[0])
    assert talk.said == []


async def test_words_beside_calls_are_kept_back_and_stand_in_the_draft(scene: Scene) -> None:
    talk = await drafting(scene, calls(ORDER_1, text="Let me look."), say("It is on the road."))

    held = await talk.held()
    assert held.text == "Let me look.\n\nIt is on the road."
    (called,) = talk.all(ev.AssistantCalled)
    assert (called.text, called.withheld) == ("", "Let me look.")
    assert talk.frames == []


async def test_calls_are_held_as_ever_beside_a_draft(scene: Scene) -> None:
    talk = await drafting(scene, calls(REFUND_60), say("It waits."))
    await talk.turn_ended()

    assert [held.kind for held in talk.all(ev.Held)] == ["call", "draft"]
    assert len((await talk.state()).open_holds) == 2


async def test_a_newer_draft_takes_the_place_of_one_nobody_decided_on(scene: Scene) -> None:
    gate = Wait()
    talk = await drafting(scene, [gate, *say("One.")], say("Both."))
    await scene.asked(1)
    await talk.says("And W2?")
    gate.until.set()
    await talk.turn_ended(2)

    assert [held.text for held in talk.all(ev.Held)] == ["One.", "Both."]
    (waiting,) = (await talk.state()).open_holds
    assert waiting.held.text == "Both."


async def test_a_message_withdraws_the_draft_and_is_answered_with_what_went_before(
    scene: Scene,
) -> None:
    talk = await drafting(scene, say("One."), say("Both."))
    await talk.held()
    said = ev.New(CUSTOMER, ev.CustomerSaid(id="more", text="And W2?"))
    await scene.log.commit(
        talk.conversation,
        lambda state, _: [*ownership.withdraw_drafts(state, by=CUSTOMER), said],
    )

    assert (await talk.held(2)).text == "Both."
    assert words(scene.messages()) == [("user", "Where is W1?"), ("user", "And W2?")]


async def test_a_person_is_called_in_without_the_words(scene: Scene) -> None:
    talk = await drafting(scene, say("I'm transferring you to a colleague."))

    await handed_over(talk, "promised_person")
    assert (talk.said, talk.all(ev.Held), talk.frames) == ([], [], [])


async def test_who_asks_for_a_person_gets_one_as_ever(scene: Scene) -> None:
    await scene.work(monitor=DRAFTS)
    talk = await scene.talk()
    await talk.says(WANTS_A_PERSON)

    await handed_over(talk, "asks_for_human")
    assert scene.model.requests == []


async def test_a_false_claim_is_noted_for_whoever_decides(scene: Scene) -> None:
    talk = await drafting(scene, say("Good news! I've refunded you."))

    held = await talk.held()
    assert [(reason.signal, reason.evidence) for reason in held.reasons] == [
        ("false_promise", "refund")
    ]


async def test_a_model_that_breaks_off_leaves_no_words(scene: Scene) -> None:
    scene.tries([Text("It is"), Cut()])
    await scene.work(monitor=DRAFTS)
    talk = await scene.talk()
    await talk.says("Where is W1?")

    await handed_over(talk, "model_failure")
    assert (talk.said, talk.frames) == ([], [])


async def test_a_takeover_in_mid_draft_leaves_no_words(scene: Scene) -> None:
    talk = await drafting(scene, [Text("It is"), Wait()])
    await scene.asked(1)
    await talk.taken_over()
    await scene.left()

    assert (talk.said, talk.frames, talk.all(ev.Held)) == ([], [], [])


async def test_by_default_replies_are_sent(scene: Scene) -> None:
    await scene.work(monitor=MonitorSettings())
    talk = await scene.talk()
    await talk.says("Hi")

    assert (await talk.turn_ended()).outcome == "replied"
