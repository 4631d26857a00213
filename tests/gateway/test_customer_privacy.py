"""What never leaves for a customer: staff but for their display names, and what staff share."""

from __future__ import annotations

from gateway import accounts
from tests.conversation import acts
from tests.gateway.house import House, token
from tests.gateway.people import new_id
from tests.gateway.refunds import decision, hold_refund

PRIVATE_TYPES = {
    "customer_identified", "tool_started", "tool_finished", "turn_ended", "note_added", "assessed",
}  # fmt: skip
PUBLIC_FIELDS = {
    "conversation_started": {"customer", "channel", "locale", "page"},
    "customer_said": {"id", "text", "attachments"},
    "assistant_called": {"turn", "attempt", "step", "text"},
    "assistant_said": {"text", "citations", "partial", "turn"},
    "staff_said": {"id", "text", "attachments"},
    "system_said": {"text", "code"},
    "held": {"hold", "title", "money", "status", "expires_at"},
    "hold_changed": {"hold", "status", "money", "reason", "question", "expires_at"},
    "handover_requested": {"reason"},
    "owner_changed": {"status", "staff", "epoch"},
    "conversation_closed": {"resolution"},
    "conversation_reopened": set(),
}


async def test_no_frame_to_a_customer_holds_what_is_private(house: House) -> None:
    attributes = {"vip": acts.PRIVATE}
    customer = await house.customer(token=token("u_robin", attributes=attributes))
    opened = await customer.say("refund me")
    here = {"conversation": opened["conversation"]}
    for act in (acts.Assesses(), acts.Calls(), acts.Works(), acts.Works(), acts.Fails()):
        await house.log.commit(here["conversation"], act)
    hold = await hold_refund(house, here["conversation"], step=7)
    sam, dana = await house.console("Sam"), await house.console("Dana")
    await sam.do("presence", status="online")
    await sam.watch(here["conversation"])
    await sam.do("accept", **here)
    await sam.do("typing", on=True, **here)
    await sam.do("seen", seq=2, **here)
    await sam.do("note", id=new_id(), text=acts.PRIVATE, **here)
    await sam.say(here["conversation"], "Sam here, one moment")
    await dana.do("takeover", **here)
    await dana.do("typing", on=True, **here)
    summary = next(one for one in dana.state["holds"] if one["hold"] == hold)
    await dana.do("decide", **decision(summary, "reject", reason="the parcel was delivered"))
    await dana.do("return_to_assistant", brief=acts.PRIVATE, **here)
    await customer.event("owner_changed", status="assistant", epoch=5)
    await customer.do("leave")
    await customer.event("conversation_closed")
    again = await house.customer(resume=opened["resume"])
    await again.do("sync")

    told = customer.everything + again.everything
    for account in await accounts.list_staff(house.store.reads):
        assert account.name in told
        assert account.id not in told
        assert account.email not in told
    assert str(acts.ANN.id) not in told
    assert acts.PRIVATE not in told
    assert "the parcel was delivered" in told
    for event in [*customer.events, *again.events]:
        assert event["type"] not in PRIVATE_TYPES
        assert set(event["data"]) <= PUBLIC_FIELDS[event["type"]] | {"previous"}
        assert set(event["by"]) <= {"role", "name"}


async def test_only_the_owners_typing_and_seen_reach_the_customer(house: House) -> None:
    customer = await house.customer()
    opened = await customer.say()
    here = {"conversation": opened["conversation"]}
    sam, kim = await house.console("Sam"), await house.console("Kim")
    await sam.watch(opened["conversation"])
    await kim.do("typing", on=True, **here)
    await kim.do("seen", seq=1, **here)
    await sam.do("takeover", **here)
    await kim.do("typing", on=True, **here)
    await kim.do("seen", seq=1, **here)
    await sam.do("typing", on=True, **here)
    await sam.do("seen", seq=2, **here)
    await customer.until(lambda: customer.of("seen"))
    staff = [typing for typing in customer.of("typing") if typing["by"]["role"] == "staff"]
    assert staff == [{"by": {"role": "staff", "name": "Sam"}, "on": True, "ttl_s": 6}]
    assert customer.of("seen") == [{"by": {"role": "staff", "name": "Sam"}, "seq": 2}]
    await sam.until(lambda: len(sam.of("seen")) == 3)
    assert [seen["by"]["name"] for seen in sam.of("seen")] == ["Kim", "Kim", "Sam"]


async def test_typing_and_seen_pass_and_are_not_kept(house: House) -> None:
    customer, console = await house.customer(), await house.console("Sam")
    opened = await customer.say()
    await console.watch(opened["conversation"])
    await customer.do("typing", on=True)
    await customer.do("seen", seq=2)
    seen = await console.until(lambda: console.of("seen"))
    here = {"conversation": opened["conversation"], "by": {"role": "customer"}}
    assert seen == [here | {"seq": 2}]
    assert console.of("typing") == [here | {"on": True, "ttl_s": 6}]
    assert (await house.log.head(opened["conversation"])).seq == opened["seq"]
    assert customer.of("seen") == []
    assert [typing["by"]["role"] for typing in customer.of("typing")] == ["assistant"]
    for bad in ({"on": 1}, {"on": "yes"}):
        assert await customer.refused("typing", **bad) == "bad_request"
    for seq in (-1, "2", None, True):
        assert await customer.refused("seen", seq=seq) == "bad_request"


# Holds of others


async def test_a_customer_withdraws_their_own_pending_action(house: House) -> None:
    customer = await house.customer()
    opened = await customer.say()
    hold = await hold_refund(house, opened["conversation"])
    ack = await customer.do("withdraw", hold=hold)
    changed = await customer.event("hold_changed", status="withdrawn")
    assert changed["seq"] == ack["seq"]
    assert (await customer.do("withdraw", hold=hold))["seq"] == ack["seq"]


async def test_a_foreign_action_is_not_found(house: House) -> None:
    robin, alex = await house.customer(), await house.customer()
    theirs = await alex.say()
    await robin.say()
    hold = await hold_refund(house, theirs["conversation"])
    assert await robin.refused("withdraw", hold=hold) == "not_found"
    assert await robin.refused("withdraw", hold="h_nothing") == "not_found"
    state = await house.log.head(theirs["conversation"])
    assert state.holds[hold].status == "held"


async def test_an_approved_action_can_no_longer_be_withdrawn(house: House) -> None:
    customer, dana = await house.customer(), await house.console("Dana")
    opened = await customer.say()
    hold = await hold_refund(house, opened["conversation"])
    (summary,) = await dana.until(lambda: dana.of("hold"))
    await dana.do("decide", **decision(summary, "approve"))
    assert await customer.refused("withdraw", hold=hold) == "conflict"


async def test_leaving_withdraws_what_waits_for_a_decision(house: House) -> None:
    customer, dana = await house.customer(), await house.console("Dana")
    opened = await customer.say()
    hold = await hold_refund(house, opened["conversation"])
    (summary,) = await dana.until(lambda: dana.of("hold"))
    await customer.do("leave")
    await dana.until(lambda: dana.of("hold")[-1]["status"] == "withdrawn")
    assert summary["hold"] == hold
    assert await dana.refused("decide", **decision(summary, "approve")) == "conflict"


async def test_nobody_leaves_while_an_action_is_under_way(house: House) -> None:
    customer, dana = await house.customer(), await house.console("Dana")
    opened = await customer.say()
    await hold_refund(house, opened["conversation"])
    (summary,) = await dana.until(lambda: dana.of("hold"))
    await dana.do("decide", **decision(summary, "approve"))
    assert await customer.refused("leave") == "conflict"
    assert await dana.refused("close", conversation=opened["conversation"]) == "conflict"
