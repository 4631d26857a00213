"""What time does to a held call: somebody else is asked, then it is given up and told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from conversation import events as ev
from handoff import deadlines, decisions
from tests.handoff.holding import (
    EVE,
    EXPIRES_IN_S,
    LATER,
    OPEN_ENDED,
    SETTINGS,
    UNTIL,
    Story,
    held,
)


def late(story: Story) -> Story:
    """The same when the time to decide is over."""
    story.passes(EXPIRES_IN_S)
    return story


def test_nothing_happens_before_its_time() -> None:
    story = held()
    story.passes(EXPIRES_IN_S - 0.001)
    story.rings()
    assert story.last == []


def test_somebody_else_is_asked_for_as_long_again() -> None:
    story = late(held())
    story.rings()
    changed = story.changed
    assert (changed.status, changed.decision, changed.escalated_to) == ("held", "escalate", "admin")
    assert changed.expires_at == LATER
    assert story.hold.held.expires_at == LATER
    assert story.types == ["hold_changed"]
    assert story.state.turn is None


def test_a_timer_that_fires_twice_does_no_harm() -> None:
    story = late(held())
    story.rings()
    story.rings()
    assert story.last == []
    story.passes(EXPIRES_IN_S)
    story.rings()
    assert story.hold.status == "expired"
    story.rings()
    assert story.last == []


def test_what_was_asked_stays_asked() -> None:
    story = held()
    story.asked()
    late(story).rings()
    assert story.changed.status == "needs_info"
    assert story.changed.question == ev.Question(to="customer", text="Which parcel?")
    story.answered()
    assert story.hold.status == "held"


def test_what_was_escalated_can_be_decided() -> None:
    story = late(held())
    story.rings()
    story.decides(decisions.approve, EVE)
    assert story.hold.status == "approved"


def test_approvals_outlive_the_escalation() -> None:
    story = held()
    story.state = replace(
        story.state,
        holds={
            story.hold_id: replace(
                story.hold, held=replace(story.hold.held, approvers=ev.Approvers(2))
            )
        },
    )
    story.decides(decisions.approve)
    late(story).rings()
    story.decides(decisions.approve, EVE)
    assert story.hold.status == "approved"


@pytest.mark.parametrize("escalated", [True, False])
def test_then_it_is_given_up_and_told(escalated: bool) -> None:
    story = late(held())
    if escalated:
        story.rings()
        story.passes(EXPIRES_IN_S)
    story.rings(SETTINGS if escalated else OPEN_ENDED)
    assert (story.hold.status, story.changed.decision) == ("expired", "expire")
    assert story.types == ["hold_changed"]
    assert story.state.turn is not None
    assert story.state.untold == {story.hold_id: story.state.seq}


def test_the_server_tells_it_when_a_person_has_the_conversation() -> None:
    story = late(held())
    story.taken_over()
    story.rings(OPEN_ENDED)
    assert story.types == ["hold_changed", "system_said"]
    told = story.last[-1].data
    assert isinstance(told, ev.SystemSaid)
    assert told.text == "Nobody could decide in time: Refund of $60.00. Nothing has changed."


def test_a_person_comes_back_to_it_where_that_is_promised() -> None:
    story = late(held())
    story.rings(replace(OPEN_ENDED, then="follow_up"))
    assert story.types == ["hold_changed", "follow_up_opened", "system_said"]
    told = story.last[-1].data
    assert isinstance(told, ev.SystemSaid)
    assert told.code == "follow_up"
    assert "Refund of $60.00" in told.text


def test_what_has_no_time_limit_does_not_expire() -> None:
    story = held()
    unlimited = replace(story.hold, held=replace(story.hold.held, expires_at=None))
    story.state = replace(story.state, holds={story.hold_id: unlimited})
    story.passes(10 * EXPIRES_IN_S)
    story.rings()
    assert story.last == []
    story.decides(decisions.approve)


def test_a_hold_that_is_not_there_is_left_alone() -> None:
    story = Story()
    how = {"hold": "h_0a_9_1", "now_ms": story.now_ms}
    assert deadlines.expire(story.state, None, **how, settings=SETTINGS) == []  # type: ignore[arg-type]
    assert deadlines.ask_what_happened(story.state, None, **how) == []  # type: ignore[arg-type]
    assert UNTIL < LATER
