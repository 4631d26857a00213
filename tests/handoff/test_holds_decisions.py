"""Who may decide what, on what, until when; each right with those who do not have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from conversation import events as ev
from conversation.errors import Refused
from handoff import decisions, ownership
from handoff.decisions import Seen
from handoff.limits import UNCOUNTED
from handoff.ownership import Person
from tests.handoff.holding import (
    ADA,
    CUSTOMER,
    DANA,
    EVE,
    EXPIRES_IN_S,
    KIM,
    LATER,
    MAX,
    SAM,
    START_MS,
    Story,
    at,
    drafted,
    held,
    refund,
)

WHY = ev.Question(to="customer", text="why?")
DECISIONS: dict[str, tuple[Callable[..., list[ev.New]], dict[str, Any]]] = {
    "approve": (decisions.approve, {}),
    "reject": (decisions.reject, {"reason": "no"}),
    "ask": (decisions.ask, {"question": WHY}),
    "edit": (decisions.edit, {"now": refund("70.00"), "lowered": False}),
}


def refused(story: Story, decide: Callable[..., list[ev.New]], *who: Person, **how: Any) -> str:
    """The code a decision is refused with; nothing has happened."""
    before = story.state
    with pytest.raises(Refused) as error:
        story.decides(decide, *who, **how)
    assert story.state is before
    return error.value.code


def two_needed(*, by: ev.By = ADA) -> Story:
    """A refund that two people must approve."""
    story = Story()
    story.holds(refund(approvers=ev.Approvers(2)), by=by)
    return story


# Who


@pytest.mark.parametrize("word", DECISIONS)
@pytest.mark.parametrize("person", [SAM, KIM])
def test_an_agent_decides_on_no_call(person: Person, word: str) -> None:
    decide, how = DECISIONS[word]
    assert refused(held(), decide, person, **how) == "forbidden"


@pytest.mark.parametrize("word", DECISIONS)
@pytest.mark.parametrize("person", [DANA, MAX])
def test_a_supervisor_or_admin_decides_on_calls(person: Person, word: str) -> None:
    decide, how = DECISIONS[word]
    story = held()
    story.decides(decide, person, **how)
    assert story.changed.by == person.by
    assert story.changed.decision == word


def test_nobody_approves_what_no_limit_could_count() -> None:
    """Approved, it would be in no budget; with other arguments it may be."""
    story = Story()
    story.holds(refund(money=None, reasons=[UNCOUNTED]))

    assert refused(story, decisions.approve, DANA) == "conflict"
    story.decides(decisions.edit, DANA, now=refund("70.00"), lowered=False)
    story.decides(decisions.approve, MAX)
    assert story.hold.status == "approved"


def test_nobody_approves_what_they_asked_for() -> None:
    story = Story()
    story.taken_over(DANA)
    story.holds(refund(), by=DANA.by)
    assert refused(story, decisions.approve, DANA) == "forbidden"
    story.decides(decisions.approve, EVE)
    assert story.hold.status == "approved"


def test_one_may_turn_down_what_one_asked_for() -> None:
    story = Story()
    story.taken_over(DANA)
    story.holds(refund(), by=DANA.by)
    story.decides(decisions.reject, DANA, reason="a slip")
    assert story.hold.status == "rejected"


@pytest.mark.parametrize("seen", [{"revision": 2}, {"revision": 0}, {"digest": "another"}])
@pytest.mark.parametrize("word", DECISIONS)
def test_what_changed_since_it_was_seen_is_a_conflict(word: str, seen: dict[str, Any]) -> None:
    decide, how = DECISIONS[word]
    story = held()
    assert refused(story, decide, seen=replace(story.seen, **seen), **how) == "conflict"


@pytest.mark.parametrize("word", DECISIONS)
def test_what_comes_after_its_time_is_expired(word: str) -> None:
    decide, how = DECISIONS[word]
    story = held()
    story.passes(EXPIRES_IN_S)
    assert refused(story, decide, **how) == "expired"
    story.passes(-0.001)
    story.decides(decide, **how)


# Two people


def test_of_two_approvers_the_second_lets_it_run() -> None:
    story = two_needed()
    story.decides(decisions.approve, DANA)
    assert story.changed.approvers == ev.Approvers(needed=2, given=1)
    assert (story.hold.status, story.hold.approved_by) == ("held", (DANA.id,))
    assert story.hold.held.expires_at == refund().expires_at
    story.decides(decisions.approve, EVE)
    assert story.changed.approvers == ev.Approvers(needed=2, given=2)
    assert (story.hold.status, story.hold.approved_by) == ("approved", (DANA.id, EVE.id))


def test_one_person_is_not_two() -> None:
    story = two_needed()
    story.decides(decisions.approve, DANA)
    assert refused(story, decisions.approve, DANA) == "conflict"
    assert refused(story, decisions.approve, replace(DANA, role="admin")) == "conflict"
    assert story.hold.status == "held"


def test_who_asked_is_none_of_the_two() -> None:
    story = Story()
    story.taken_over(DANA)
    story.holds(refund(approvers=ev.Approvers(2)), by=DANA.by)
    story.decides(decisions.approve, EVE)
    assert refused(story, decisions.approve, DANA) == "forbidden"


def test_who_approved_before_an_answer_approves_again() -> None:
    story = two_needed()
    story.decides(decisions.approve, DANA)
    story.asked(person=EVE)
    story.answered()
    assert story.hold.approved_by == ()
    assert story.hold.held.approvers == ev.Approvers(needed=2, given=0)
    story.decides(decisions.approve, EVE)
    assert story.changed.status == "held"
    story.decides(decisions.approve, DANA)
    assert story.hold.status == "approved"


# Edits


def edited(story: Story, person: Person, amount: str, **how: object) -> None:
    """A person gives the refund another amount, which a judge has looked at."""
    now = refund(amount, expires_at=LATER, **how)
    lowered = now.money is not None and now.money.minor < 6000
    story.decides(decisions.edit, person, now=now, lowered=lowered)


def test_an_edit_is_a_new_revision_that_says_all_anew() -> None:
    story = held()
    edited(story, DANA, "70.00", target="W2", rule=None, risk=None)
    hold = story.hold
    assert (hold.status, hold.revision, hold.digest) == ("held", 2, "refund of 70.00")
    assert hold.held.money == ev.Money(7000, "USD")
    assert hold.held.arguments == Raw(b'{"order_id": "W1", "amount": 70.00}')
    assert (hold.held.target, hold.held.rule, hold.held.risk) == ("W2", None, None)
    assert hold.held.title == "Refund of $70.00"
    assert hold.held.expires_at == LATER


def test_who_edits_asks_for_it_and_another_approves() -> None:
    story = held()
    edited(story, DANA, "70.00")
    assert story.hold.asked_by == (DANA.id,)
    assert refused(story, decisions.approve, DANA) == "forbidden"
    story.decides(decisions.approve, EVE)
    assert story.hold.status == "approved"


def test_an_edit_voids_earlier_approvals() -> None:
    story = two_needed()
    story.decides(decisions.approve, DANA)
    edited(story, EVE, "70.00", approvers=ev.Approvers(2))
    assert story.hold.approved_by == ()
    assert story.hold.held.approvers == ev.Approvers(2, 0)
    story.decides(decisions.approve, DANA)
    story.decides(decisions.approve, MAX)
    assert story.hold.status == "approved"


def test_who_only_lowers_the_amount_approves_it() -> None:
    story = held()
    edited(story, DANA, "50.00")
    assert (story.changed.status, story.changed.decision) == ("approved", "edit")
    assert story.hold.status == "approved"
    assert (story.hold.approved_by, story.hold.asked_by) == ((DANA.id,), ())
    assert story.hold.held.money == ev.Money(5000, "USD")


def test_who_lowers_what_two_must_approve_is_one_of_them() -> None:
    story = two_needed()
    story.decides(decisions.approve, DANA)
    edited(story, EVE, "50.00", approvers=ev.Approvers(2))
    assert (story.hold.status, story.hold.approved_by) == ("held", (EVE.id,))
    assert refused(story, decisions.approve, EVE) == "conflict"
    story.decides(decisions.approve, DANA)
    assert story.hold.status == "approved"


def test_who_asked_for_it_does_not_approve_by_lowering() -> None:
    story = Story()
    story.taken_over(DANA)
    story.holds(refund(), by=DANA.by)
    edited(story, DANA, "50.00")
    assert (story.hold.status, story.hold.approved_by) == ("held", ())
    assert refused(story, decisions.approve, DANA) == "forbidden"


def test_who_raised_it_first_does_not_approve_by_lowering_it_again() -> None:
    story = held()
    edited(story, DANA, "70.00")
    edited(story, DANA, "50.00")
    assert story.hold.status == "held"
    assert story.hold.asked_by == (DANA.id,)


def test_an_edit_that_changes_nothing_is_a_bad_request() -> None:
    same = refund("60.00")
    assert refused(held(), decisions.edit, now=same, lowered=False) == "bad_request"


def test_an_edit_onto_what_another_request_is_about_is_a_conflict() -> None:
    story = held()
    other = refund("10.00", hold="h_0a_2_1", call="call_0a_2_1", target="W2")
    story.commit([ev.New(ADA, other)])
    onto = refund("60.00", target="W2", digest="moved")
    assert refused(story, decisions.edit, now=onto, lowered=False) == "conflict"


# Questions


@pytest.mark.parametrize(("to", "by"), [("customer", CUSTOMER), ("agent", SAM.by)])
def test_a_question_waits_for_its_answer_and_the_answer_for_a_decision(to: str, by: ev.By) -> None:
    story = held()
    story.asked(to)
    assert story.changed.status == "needs_info"
    assert story.hold.question == ev.Question(to=to, text="Which parcel?")  # type: ignore[arg-type]
    assert story.hold.held.expires_at == refund().expires_at
    turn = story.state.turn
    story.answered(to, by)
    assert (story.hold.status, story.hold.answer) == ("held", "the red")
    assert story.hold.held.expires_at == LATER
    assert story.state.turn is turn
    story.decides(decisions.approve)
    assert story.hold.status == "approved"


@pytest.mark.parametrize(("asked", "answers"), [("customer", "agent"), ("agent", "customer")])
def test_only_who_is_asked_answers(asked: str, answers: str) -> None:
    story = held()
    story.asked(asked)
    with pytest.raises(Refused) as error:
        story.answered(answers)
    assert error.value.code == "conflict"


def test_an_answer_is_given_once() -> None:
    story = held()
    story.asked()
    story.answered()
    with pytest.raises(Refused) as error:
        story.answered()
    assert error.value.code == "conflict"


def test_another_question_forgets_the_answer_to_the_first() -> None:
    story = held()
    story.asked()
    story.answered()
    story.asked()
    assert story.hold.answer is None


@pytest.mark.parametrize("word", ["approve", "reject", "edit"])
def test_a_decision_does_not_wait_for_an_answer(word: str) -> None:
    decide, how = DECISIONS[word]
    story = held()
    story.asked()
    story.decides(decide, **how)
    with pytest.raises(Refused) as error:
        story.answered()
    assert error.value.code == "conflict"


def test_a_draft_is_asked_nothing() -> None:
    assert refused(drafted(), decisions.ask, question=WHY) == "bad_request"


# Withdrawing and settling


@pytest.mark.parametrize("status", ["held", "needs_info"])
def test_a_customer_withdraws_what_was_not_approved_yet(status: ev.HoldStatus) -> None:
    story = at(status)
    story.does(decisions.withdraw, hold=story.hold_id, by=CUSTOMER)
    assert story.hold.status == "withdrawn"
    assert story.state.turn is None


def test_a_draft_is_none_of_the_customers() -> None:
    story = drafted()
    with pytest.raises(Refused) as error:
        story.does(decisions.withdraw, hold=story.hold_id, by=CUSTOMER)
    assert error.value.code == "not_found"
    with pytest.raises(Refused) as error:
        story.answered()
    assert error.value.code == "not_found"


def settle(story: Story, person: Person) -> None:
    """Say that it was done, by a reference."""
    story.does(
        decisions.settle,
        hold=story.hold_id,
        outcome="succeeded",
        reference="re_9",
        person=person,
    )


def test_a_supervisor_settles_what_is_unknown() -> None:
    story = at("unknown")
    settle(story, DANA)
    assert (story.hold.status, story.hold.reference) == ("succeeded", "re_9")
    assert story.state.untold == {story.hold_id: story.state.seq}


def test_an_agent_settles_nothing() -> None:
    story = at("unknown")
    with pytest.raises(Refused) as error:
        settle(story, SAM)
    assert error.value.code == "forbidden"


def test_an_allowed_write_of_which_nobody_can_tell_is_settled_likewise() -> None:
    story = Story()
    story.holds(refund(kind="settle"))
    assert story.state.open_holds[0].status == "unknown"
    story.taken_over()
    settle(story, DANA)
    assert story.types == ["hold_changed", "system_said"]
    assert story.hold.status == "succeeded"


@pytest.mark.parametrize("word", DECISIONS)
def test_what_is_to_be_settled_is_not_decided(word: str) -> None:
    decide, how = DECISIONS[word]
    story = Story()
    story.holds(refund(kind="settle"))
    assert refused(story, decide, **how) == "conflict"


def test_a_conversation_is_closed_when_what_was_unknown_is_settled() -> None:
    story = at("unknown")

    def close() -> list[ev.New]:
        return ownership.close(story.state, None, by=DANA.by, assistant=ADA, resolution=None)

    with pytest.raises(Refused) as error:
        close()
    assert error.value.code == "conflict"
    settle(story, DANA)
    story.commit(close())
    assert story.state.status == "closed"


def test_what_was_seen_is_what_is_named() -> None:
    story = held()
    other = Seen("h_0a_9_1", 1, story.hold.digest)
    assert refused(story, decisions.approve, seen=other, now_ms=START_MS) == "not_found"
