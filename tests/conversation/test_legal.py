"""What does not fit is never written: the machines of conversations, turns and holds."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from conversation import events as ev
from conversation.hold import Hold
from conversation.legal import DRAFT_NEXT, NEXT, IllegalEvent, check
from conversation.log import Log
from conversation.plan import stamp
from conversation.state import NOBODY, State
from tests.conversation.acts import ADA, ANN, CUSTOMER, SYSTEM, Says, held

STATUSES: tuple[ev.HoldStatus, ...] = get_args(ev.HoldStatus)
STARTED = ev.New(CUSTOMER, ev.ConversationStarted(customer="u_robin"))
SAID = ev.New(CUSTOMER, ev.CustomerSaid(id="m", text="hello"))
OPEN, _ = stamp(State(conversation="c_1"), [STARTED, SAID], 0)
"""A conversation whose first turn is open."""


def holding(status: ev.HoldStatus, kind: ev.HoldKind = "call") -> State:
    """The same with a hold in a status."""
    data = replace(held("h_1", "call_1"), kind=kind)
    hold = Hold(
        hold="h_1", call="call_1", status=status, held=data, revision=2, digest="d",
        created_at="", by=ADA,
    )  # fmt: skip
    return replace(OPEN, holds={"h_1": hold})


def owner(to: str, *, from_: str = "assistant", epoch: int = 2) -> ev.New:
    return ev.New(SYSTEM, ev.OwnerChanged(from_=from_, to=to, epoch=epoch, cause="test"))


@pytest.mark.parametrize("after", STATUSES)
@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize(("kind", "allowed"), [("call", NEXT), ("draft", DRAFT_NEXT)])
def test_a_hold_becomes_only_what_may_follow(
    kind: ev.HoldKind,
    allowed: dict[ev.HoldStatus, frozenset[ev.HoldStatus]],
    before: ev.HoldStatus,
    after: ev.HoldStatus,
) -> None:
    new = ev.New(SYSTEM, ev.HoldChanged(hold="h_1", status=after, revision=2))
    if after in allowed.get(before, frozenset()):
        check(holding(before, kind), new)
    else:
        with pytest.raises(IllegalEvent, match=f"{before} does not become {after}"):
            check(holding(before, kind), new)


def test_nothing_runs_that_was_not_approved_and_nothing_that_is_over_lives_again() -> None:
    assert {before for before, after in NEXT.items() if "executing" in after} == {"approved"}
    assert {before for before, after in NEXT.items() if "succeeded" in after} == {
        "executing", "unknown",
    }  # fmt: skip
    over = {"succeeded", "failed", "rejected", "withdrawn", "expired"}
    assert {before for before, after in NEXT.items() if not after} == over


ILLEGAL = {
    "begun twice": (OPEN, STARTED),
    "another has it": (OPEN, owner("line", from_="line")),
    "an epoch left out": (replace(OPEN, turn=None), owner("line", epoch=3)),
    "the same epoch again": (replace(OPEN, turn=None), owner("line", epoch=1)),
    "an owner there is not": (replace(OPEN, turn=None), owner("everybody")),
    "a takeover that leaves the turn open": (OPEN, owner("staff:u_ann")),
    "words to a closed conversation": (replace(OPEN, owner=NOBODY, turn=None), SAID),
    "words of who has not the floor": (OPEN, ev.New(ANN, ev.StaffSaid(id="m", text="hi"))),
    "a call of who has not the floor": (
        OPEN,
        ev.New(
            ANN,
            ev.StaffCalled(call="c", tool="t", arguments=msgspec.Raw(b"{}"), verdict="allow"),
        ),
    ),
    "reopened while open": (OPEN, ev.New(CUSTOMER, ev.ConversationReopened())),
    "closed with an owner": (OPEN, ev.New(SYSTEM, ev.ConversationClosed())),
    "a reply of another turn": (OPEN, ev.New(ADA, ev.AssistantSaid(text="a", turn=2))),
    "a reply without a turn open": (
        replace(OPEN, turn=None),
        ev.New(ADA, ev.AssistantSaid(text="a", turn=1)),
    ),
    "a draft sent while a person has the floor": (
        replace(OPEN, turn=None, owner="staff:u_ann"),
        ev.New(ADA, ev.AssistantSaid(text="a", turn=1, hold="h_1_0")),
    ),
    "a turn that ends twice": (
        replace(OPEN, turn=None),
        ev.New(SYSTEM, ev.TurnEnded(turn=1, outcome="replied", upto=2)),
    ),
    "a turn that has read the future": (
        OPEN,
        ev.New(SYSTEM, ev.TurnEnded(turn=1, outcome="replied", upto=3)),
    ),
    "a call nobody allowed": (OPEN, ev.New(SYSTEM, ev.ToolStarted(call="c", key="c"))),
    "a held call nobody approved": (
        holding("held"),
        ev.New(SYSTEM, ev.ToolStarted(call="call_1", key="call_1")),
    ),
    "a call begun twice": (
        holding("executing"),
        ev.New(SYSTEM, ev.ToolStarted(call="call_1", key="call_1")),
    ),
    "held twice": (holding("held"), ev.New(ADA, held("h_1", "call_1"))),
    "a change of nothing": (
        OPEN,
        ev.New(SYSTEM, ev.HoldChanged(hold="h_1", status="held", revision=1)),
    ),
    "a revision that runs backwards": (
        holding("held"),
        ev.New(SYSTEM, ev.HoldChanged(hold="h_1", status="held", revision=1)),
    ),
    "another digest in the same revision": (
        holding("held"),
        ev.New(SYSTEM, ev.HoldChanged(hold="h_1", status="approved", revision=2, digest="e")),
    ),
}


@pytest.mark.parametrize("name", ILLEGAL)
def test_what_does_not_fit_raises(name: str) -> None:
    state, new = ILLEGAL[name]
    with pytest.raises(IllegalEvent):
        check(state, new)


async def test_what_does_not_fit_is_not_committed(log: Log) -> None:
    await log.commit("c_1", Says())
    with pytest.raises(IllegalEvent):
        await log.commit("c_1", lambda _s, _r: [owner("staff:u_ann")])
    assert [event.type for event in await log.read("c_1")] == [
        "conversation_started", "customer_said",
    ]  # fmt: skip
