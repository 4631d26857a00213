"""What the assistant says is true: a false claim is never shown, and who is promised does come."""

from __future__ import annotations

import pytest

from conversation import events as ev
from handoff.settings import MonitorSettings
from tests.agent.scene import Scene, calls
from tests.agent.talk import Talk
from tests.agent.test_turn_calls import ORDER_1, REFUND_20, REFUND_60
from tests.agent.test_turn_replies import handed_over, reasons
from tests.doubles.model import Action, Finish, Text, Wait, say
from tests.doubles.tools import Ok, Status

WATCHED = MonitorSettings()
REFUNDED = "I've refunded the $20 to your card."


def spoken(text: str) -> list[Action]:
    """An answer in words, as most models write them."""
    return [*(Text(word + " ") for word in text.split(" ")), Finish()]


async def asked(scene: Scene, *answers: list[Action]) -> Talk:
    """A customer whose first message is answered so, with the monitor on."""
    scene.answers(*answers)
    await scene.work(monitor=WATCHED)
    talk = await scene.talk()
    await talk.says("My order W1 came broken.")
    return talk


def everything_shown(talk: Talk) -> str:
    """Every word that came to the customer's screen."""
    return "".join(frame.text for frame in talk.frames) + "".join(talk.said)


async def test_a_false_claim_is_never_shown_and_goes_to_people(scene: Scene) -> None:
    talk = await asked(scene, spoken(f"Sorry about that! {REFUNDED} Bye."))

    assert (await talk.turn_ended()).outcome == "handed_over"
    await handed_over(talk, "false_promise")
    (reason,) = reasons(talk)
    assert reason.evidence == "refund"
    assert "refunded" not in everything_shown(talk)
    (said,) = talk.all(ev.AssistantSaid)
    assert (said.text, said.partial) == ("Sorry about that! ", True)
    assert len(scene.model.requests) == 1


async def test_a_false_claim_cuts_the_model_that_goes_on(scene: Scene) -> None:
    talk = await asked(scene, [Text(f"{REFUNDED} "), Wait()])

    await handed_over(talk, "false_promise")
    await scene.left()
    assert talk.said == []


async def test_a_false_claim_beside_a_call_is_cut_before_the_call_is_made(scene: Scene) -> None:
    talk = await asked(scene, calls(REFUND_20, text=REFUNDED))

    await handed_over(talk, "false_promise")
    assert talk.calls == []
    assert scene.tools.calls("issue_refund") == []


async def test_a_claim_of_what_happened_is_said(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Ok(b'{"refunded": 20.00}'))
    talk = await asked(scene, calls(REFUND_20), spoken(REFUNDED))

    assert (await talk.turn_ended()).outcome == "replied"
    assert talk.said == [REFUNDED + " "]


async def test_a_claim_of_what_failed_is_cut(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Status(422, b'{"message": "closed"}'))
    talk = await asked(scene, calls(REFUND_20), spoken(REFUNDED))

    await handed_over(talk, "false_promise")
    assert "refunded" not in everything_shown(talk)


async def test_a_held_call_may_be_told_as_waiting_and_not_as_done(scene: Scene) -> None:
    waits = "Your refund of $60 waits for approval; I've asked a colleague. It is not paid yet."
    talk = await asked(scene, calls(REFUND_60), spoken(waits), spoken("I've refunded the $60."))
    assert (await talk.turn_ended()).outcome == "replied"
    await talk.says("Is it done?")

    await handed_over(talk, "false_promise")
    assert "I've refunded" not in everything_shown(talk)


async def test_a_held_call_that_ran_may_be_told_as_done(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Ok(b'{"refunded": 60.00}'))
    talk = await asked(scene, calls(REFUND_60), say("It waits."), say("I've refunded the $60."))
    await talk.turn_ended()
    await talk.approves(await talk.held())

    assert (await talk.turn_ended(2)).outcome == "replied"
    assert talk.said[-1] == "I've refunded the $60."


async def test_what_a_tool_reads_may_be_told(scene: Scene) -> None:
    scene.tools.answers("get_order", Ok(b'{"order_id": "W1", "status": "cancelled"}'))
    text = "Your order was cancelled on May 2."
    talk = await asked(scene, calls(ORDER_1), say(text))

    assert (await talk.turn_ended()).outcome == "replied"
    assert talk.said == [text]


@pytest.mark.parametrize(
    "text",
    ["I'm transferring you to a colleague now.", "I've notified a member of our team."],
)
async def test_who_is_promised_does_come_and_the_words_stand(scene: Scene, text: str) -> None:
    talk = await asked(scene, say(text))

    assert (await talk.turn_ended()).outcome == "handed_over"
    await handed_over(talk, "promised_person")
    (said,) = talk.all(ev.AssistantSaid)
    assert (said.text, said.partial) == (text, False)


async def test_an_offer_of_a_person_calls_nobody(scene: Scene) -> None:
    talk = await asked(scene, say("I can connect you with a colleague. Would you like that?"))

    assert (await talk.turn_ended()).outcome == "replied"


async def test_a_monitor_that_is_off_weighs_no_words(scene: Scene) -> None:
    scene.answers(say(REFUNDED))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")

    assert (await talk.turn_ended()).outcome == "replied"
    assert talk.said == [REFUNDED]
