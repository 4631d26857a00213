"""A visitor who proves in the chat who they are: from then on things can be done for them."""

from __future__ import annotations

from msgspec.structs import replace

from conversation import events as ev
from handoff.identification import PROOFS_FAILED
from handoff.settings import IdentifiesSettings
from tests.agent.scene import Scene, calls
from tests.agent.shop import shop
from tests.agent.test_turn_calls import ORDER_1, REFUND_20, REFUND_60
from tests.doubles.model import say
from tests.doubles.tools import Ok

ROBINS = b'{"order_id": "W1", "paid": 80.00, "closed": false, "customer": "u_robin"}'
KIMS = ROBINS.replace(b"u_robin", b"u_kim")


async def work(scene: Scene) -> None:
    """Let the assistant work with a tool that proves whose order it is."""
    tools = shop(scene.tools)
    proves = IdentifiesSettings(customer="result.customer")
    await scene.work(tools=tools | {"get_order": replace(tools["get_order"], identifies=proves)})


async def test_who_the_customer_is_stands_in_the_commit_of_the_result(scene: Scene) -> None:
    scene.tools.answers("get_order", Ok(ROBINS))
    scene.answers(calls(ORDER_1), calls(REFUND_20), say("Done."))
    await work(scene)
    talk = await scene.talk(customer="visitor-1")
    await talk.says("It is W1, 10117")
    await talk.turn_ended()

    (identified,) = talk.all(ev.CustomerIdentified)
    assert (identified.customer, identified.level, identified.how) == (
        "u_robin", "verified", "tool",
    )  # fmt: skip
    types = [event.type for event in talk.events]
    finished = types.index("tool_finished")
    assert types[finished + 1] == "customer_identified"
    assert talk.events[finished].at == talk.events[finished + 1].at
    refund = talk.calls[-1]
    assert (refund.tool, refund.verdict) == ("issue_refund", "allow")
    (paid,) = scene.tools.calls("issue_refund")
    assert paid.customer == "u_robin"


async def test_before_that_a_write_waits_for_a_person(scene: Scene) -> None:
    scene.tools.answers("get_order", Ok(ROBINS))
    scene.answers(calls(ORDER_1, REFUND_20), say("It waits."))
    await work(scene)
    talk = await scene.talk(customer="visitor-1")
    await talk.says("It is W1, 10117")
    await talk.turn_ended()

    held = await talk.held()
    assert held.rule == "nobody has identified this customer"
    assert [reason.signal for reason in held.reasons] == ["identity"]
    assert scene.tools.calls("issue_refund") == []


async def test_proofs_are_not_guessed(scene: Scene) -> None:
    """Neither side by side nor one after the other, until a person has helped."""
    scene.tools.answers("get_order", Ok(b"{}"))
    scene.answers(
        calls(*[ORDER_1] * 3), calls(*[ORDER_1] * 3), calls(ORDER_1), say("Hm."),
        calls(ORDER_1), say("Hello Robin."),
    )  # fmt: skip
    await work(scene)
    talk = await scene.talk(customer="visitor-1")
    await talk.says("It is W1, and 10117, or 10118, or ...")
    await talk.turn_ended()

    assert [call.verdict for call in talk.calls] == ["allow"] * 5 + ["deny"] * 2
    assert talk.calls[-1].because == PROOFS_FAILED
    assert len(scene.tools.calls("get_order")) == 5

    await talk.taken_over()
    await talk.given_back()
    scene.tools.answers("get_order", Ok(ROBINS))
    await talk.says("10119")
    await talk.turn_ended(2)

    assert talk.calls[-1].verdict == "allow"
    assert [one.customer for one in talk.all(ev.CustomerIdentified)] == ["u_robin"]


async def test_who_is_known_looks_up_what_they_like(scene: Scene) -> None:
    scene.answers(calls(*[ORDER_1] * 7), say("There."))
    await work(scene)
    talk = await scene.talk(customer="u_robin")
    await talk.says("Where is W1?")
    await talk.turn_ended()

    assert {call.verdict for call in talk.calls} == {"allow"}


async def test_another_result_makes_nobody_somebody_else(scene: Scene) -> None:
    scene.tools.answers("get_order", Ok(ROBINS), Ok(KIMS))
    scene.answers(calls(ORDER_1), calls(ORDER_1), say("Hello Robin."))
    await work(scene)
    talk = await scene.talk(customer="visitor-1")
    await talk.says("It is W1, 10117")
    await talk.turn_ended()

    assert [one.customer for one in talk.all(ev.CustomerIdentified)] == ["u_robin"]


async def test_a_signed_token_is_never_overruled_by_a_result(scene: Scene) -> None:
    scene.tools.answers("get_order", Ok(KIMS))
    scene.answers(calls(ORDER_1), say("Hello."))
    await work(scene)
    talk = await scene.talk(customer="u_robin")
    await talk.says("I am Kim")
    await talk.turn_ended()

    assert [one.how for one in talk.all(ev.CustomerIdentified)] == ["token"]


async def test_evidence_identifies_nobody(scene: Scene) -> None:
    """What a rule looks up by the model's arguments is nothing the customer has proved."""
    scene.tools.answers("get_order", Ok(ROBINS))
    scene.answers(calls(REFUND_60), say("It waits."))
    await work(scene)
    talk = await scene.talk(customer="visitor-1")
    await talk.says("Refund W1")
    await talk.turn_ended()

    assert talk.all(ev.CustomerIdentified) == []
