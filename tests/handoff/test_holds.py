"""Every status a held call may be in, beside everything that can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest
from msgspec import UNSET

from conversation import events as ev
from conversation.errors import Refused
from conversation.plan import stamp
from handoff import deadlines, decisions, holds
from tests.handoff.holding import (
    CUSTOMER,
    DANA,
    EVE,
    LATER,
    SETTINGS,
    START_MS,
    Story,
    at,
    held,
    refund,
)

STATUSES: tuple[ev.HoldStatus, ...] = get_args(ev.HoldStatus)
WHY = ev.Question(to="customer", text="why?")
Command = Callable[[Story], list[ev.New]]


def _edit(story: Story) -> list[ev.New]:
    return decisions.edit(
        story.state,
        None,
        seen=story.seen,
        person=DANA,
        now_ms=START_MS,
        now=refund("70.00"),
        lowered=False,
    )


def _decision(decide: Callable[..., list[ev.New]], **how: object) -> Command:
    return lambda s: decide(s.state, None, seen=s.seen, person=DANA, now_ms=START_MS, **how)


COMMANDS: dict[str, Command] = {
    "approve": _decision(decisions.approve),
    "edit": _edit,
    "reject": _decision(decisions.reject, reason="no"),
    "ask": _decision(decisions.ask, question=WHY),
    "answer": lambda s: decisions.answer(
        s.state, None, hold=s.hold_id, by=CUSTOMER, to="customer", text="so", expires_at=LATER
    ),
    "withdraw": lambda s: decisions.withdraw(s.state, None, hold=s.hold_id, by=CUSTOMER),
    "settle": lambda s: decisions.settle(
        s.state, None, hold=s.hold_id, outcome="failed", reference="r", person=DANA
    ),
    "begin": lambda s: holds.begin(s.state, s.hold_id),
    "finish": lambda s: holds.finish(s.state, s.hold_id, "succeeded"),
    "put back": lambda s: holds.put_back(s.state, s.hold_id, now=refund("61.00"), why="drift"),
    "refuse": lambda s: holds.refuse(s.state, s.hold_id, why="denied"),
    "reconciled": lambda s: holds.reconciled(s.state, s.hold_id, "succeeded"),
}
LEADS_TO: dict[tuple[str, str], ev.HoldStatus] = {
    ("held", "approve"): "approved",
    ("held", "edit"): "held",
    ("held", "reject"): "rejected",
    ("held", "ask"): "needs_info",
    ("held", "withdraw"): "withdrawn",
    ("needs_info", "approve"): "approved",
    ("needs_info", "edit"): "held",
    ("needs_info", "reject"): "rejected",
    ("needs_info", "ask"): "needs_info",
    ("needs_info", "answer"): "held",
    ("needs_info", "withdraw"): "withdrawn",
    ("approved", "begin"): "executing",
    ("approved", "put back"): "held",
    ("approved", "refuse"): "rejected",
    ("executing", "finish"): "succeeded",
    ("unknown", "settle"): "failed",
    ("unknown", "reconciled"): "succeeded",
}
"""Status and command → the status after it; all others are refused."""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", STATUSES)
def test_a_command_leads_where_it_may_and_is_refused_elsewhere(
    status: ev.HoldStatus, command: str
) -> None:
    story = at(status)
    after = LEADS_TO.get((status, command))
    if after is None:
        with pytest.raises(Refused) as refused:
            COMMANDS[command](story)
        assert refused.value.code == "conflict"
        return
    story.commit(COMMANDS[command](story))
    assert story.hold.status == after


@pytest.mark.parametrize("status", STATUSES)
def test_a_timer_acts_only_on_what_it_was_set_for(status: ev.HoldStatus) -> None:
    story = at(status)
    story.passes(10_000)
    expiry = deadlines.expire(
        story.state, None, hold=story.hold_id, now_ms=story.now_ms, settings=SETTINGS
    )
    look = deadlines.ask_what_happened(story.state, None, hold=story.hold_id, now_ms=story.now_ms)
    assert bool(expiry) == (status in ("held", "needs_info"))
    assert bool(look) == (status == "unknown")
    stamp(story.state, [*expiry, *look], story.now_ms)


def test_nothing_is_decided_of_a_hold_that_is_not_there() -> None:
    story = held()
    story.hold_id = "h_0a_9_1"
    for command in ("withdraw", "settle", "answer", "begin", "finish", "reconciled"):
        with pytest.raises(Refused) as refused:
            COMMANDS[command](story)
        assert refused.value.code == "not_found"


def test_what_runs_begins_with_its_key() -> None:
    story = at("approved")
    story.commit(holds.begin(story.state, story.hold_id))
    assert story.types == ["tool_started", "hold_changed"]
    (started, _) = story.last
    assert started.data == ev.ToolStarted(call=story.hold.call, key=story.hold.call)
    assert story.state.turn is None


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("succeeded", "Done"), ("failed", "Nothing has changed"), ("unknown", "cannot tell")],
)
def test_an_outcome_is_told_by_whoever_has_the_conversation(
    outcome: holds.Outcome, said: str
) -> None:
    story = at("executing")
    story.commit(holds.finish(story.state, story.hold_id, outcome))
    assert story.types == ["tool_finished", "hold_changed"]
    assert story.state.turn is not None
    story = at("executing")
    story.taken_over()
    story.commit(holds.finish(story.state, story.hold_id, outcome))
    assert story.types == ["tool_finished", "hold_changed", "system_said"]
    assert said in story.last[-1].data.text  # type: ignore[attr-defined]
    assert story.state.turn is None


def test_what_is_put_back_waits_as_a_new_revision_that_nobody_has_approved() -> None:
    story = at("approved")
    now = refund("60.00", digest="drifted", rule="over $50", expires_at=LATER)
    story.commit(holds.put_back(story.state, story.hold_id, now=now, why="the facts changed"))
    hold = story.hold
    assert (hold.status, hold.revision, hold.digest) == ("held", 2, "drifted")
    assert (hold.held.rule, hold.held.expires_at) == ("over $50; the facts changed", LATER)
    assert (hold.approved_by, hold.held.approvers) == ((), ev.Approvers(1, 0))
    story.decides(decisions.approve, DANA)
    assert story.hold.status == "approved"


@pytest.mark.parametrize(("before", "now", "needed"), [(2, 1, 2), (1, 2, 2), (1, 1, 1)])
def test_looser_rules_do_not_decide_for_people(before: int, now: int, needed: int) -> None:
    story = Story()
    story.holds(refund(approvers=ev.Approvers(before)))
    for person in (DANA, EVE)[:before]:
        story.decides(decisions.approve, person)
    drifted = refund(digest="drifted", approvers=ev.Approvers(now))
    story.commit(holds.put_back(story.state, story.hold_id, now=drifted, why="drift"))
    assert story.hold.held.approvers == ev.Approvers(needed, 0)


def test_what_was_escalated_and_is_put_back_may_be_escalated_again() -> None:
    story = held()
    story.passes(1200)
    story.rings()
    assert story.hold.escalated_to == "admin"
    story.decides(decisions.approve)
    again = refund(digest="drifted", expires_at=LATER)
    story.commit(holds.put_back(story.state, story.hold_id, now=again, why="drift"))
    assert story.hold.escalated_to is None


def test_what_the_rules_deny_by_now_is_rejected_and_staff_are_told_why() -> None:
    story = at("approved")
    story.taken_over()
    story.commit(holds.refuse(story.state, story.hold_id, why="not this customer's order"))
    assert story.hold.status == "rejected"
    assert story.changed.rule == "not this customer's order"
    told = story.last[-1].data
    assert isinstance(told, ev.SystemSaid)
    assert "not this customer's" not in told.text


def test_an_unknown_outcome_is_asked_of_the_tool_when_it_is_time() -> None:
    story = at("unknown")
    story.passes(9.999)
    how = {"hold": story.hold_id}
    assert deadlines.ask_what_happened(story.state, None, **how, now_ms=story.now_ms) == []
    story.passes(0.001)
    story.does(deadlines.ask_what_happened, **how, now_ms=story.now_ms)
    assert story.changed.decision == "reconcile"
    assert (story.hold.status, story.hold.reconciles, story.hold.reconcile_at) == (
        "unknown", 1, None,
    )  # fmt: skip
    assert deadlines.ask_what_happened(story.state, None, **how, now_ms=story.now_ms) == []


def test_a_tool_that_cannot_tell_is_asked_again() -> None:
    story = at("unknown")
    story.commit(holds.reconciled(story.state, story.hold_id, "unknown", reconcile_at=LATER))
    assert (story.hold.status, story.hold.reconcile_at) == ("unknown", LATER)
    assert story.hold.reconciles == 0
    story.commit(holds.reconciled(story.state, story.hold_id, "unknown", reconcile_at=UNSET))
    assert story.hold.reconcile_at is None


def test_what_the_tool_can_tell_settles_it_for_good() -> None:
    story = at("unknown")
    story.taken_over()
    story.commit(holds.reconciled(story.state, story.hold_id, "succeeded", reference="re_9"))
    assert (story.hold.status, story.hold.reference) == ("succeeded", "re_9")
    assert story.changed.decision == "settle"
    assert story.types == ["hold_changed", "system_said"]
    assert story.state.open_holds == []
