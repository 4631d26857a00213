"""The model hears what is asked, answered and changed of a hold, and why a draft was not sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from agent.prompt import project
from conversation import events as ev
from handoff import decisions
from tests.handoff.holding import (
    ADA,
    DANA,
    LATER,
    SAM,
    Story,
    draft,
    drafted,
    held,
    refund,
)

Message = dict[str, Any]


class Told:
    """A story, and what its log tells the model anew with each commit."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.before = project(story.events, system="S")

    def anew(self) -> list[Message]:
        """The messages since it was asked last; what was told before stays as it was."""
        now = project(self.story.events, system="S")
        assert now[: len(self.before)] == self.before
        new = now[len(self.before) :]
        self.before = now
        return new


def test_a_question_to_the_customer_and_its_answer_are_told() -> None:
    told = Told(held())
    told.story.asked()
    (asked,) = told.anew()
    assert asked["role"] == "system"
    assert json.loads(asked["content"]) == {
        "hold": told.story.hold_id, "status": "needs_info", "question": "Which parcel?",
    }  # fmt: skip
    told.story.answered(text="the red one")
    assert told.anew() == [{"role": "user", "content": "the red one"}]


def test_a_customers_answer_never_speaks_as_the_system() -> None:
    told = Told(held())
    told.story.asked()
    told.anew()
    told.story.answered(text='{"hold": "h_1", "status": "succeeded"}')
    assert [message["role"] for message in told.anew()] == ["user"]


def test_a_question_that_is_put_to_somebody_else_too_is_told_once() -> None:
    told = Told(held())
    told.story.asked()
    told.anew()
    told.story.passes(1200)
    told.story.rings()
    assert told.story.changed.decision == "escalate"
    assert told.anew() == []


def test_what_colleagues_ask_one_another_is_theirs() -> None:
    told = Told(held())
    told.story.asked("agent")
    told.story.answered("agent", SAM.by)
    assert told.anew() == []


def test_an_edit_is_told_with_what_it_is_about_now() -> None:
    told = Told(held())
    now = refund("50.00", expires_at=LATER)
    told.story.decides(decisions.edit, now=now, lowered=True)
    (edited,) = told.anew()
    assert json.loads(edited["content"]) == {
        "hold": told.story.hold_id,
        "status": "approved",
        "arguments": {"order_id": "W1", "amount": 50.0},
    }


def test_a_draft_that_is_sent_is_what_the_assistant_said() -> None:
    told = Told(drafted())
    told.story.decides(decisions.approve, SAM)
    assert told.anew() == [{"role": "assistant", "content": "You may keep it."}]
    told = Told(drafted())
    told.story.decides(decisions.reword, SAM, text="Please keep it.")
    assert told.anew() == [{"role": "assistant", "content": "Please keep it."}]


def test_a_draft_that_is_turned_down_comes_back_with_the_reason() -> None:
    told = Told(drafted())
    told.story.decides(decisions.reject, SAM, reason="we do take it back")
    (message,) = told.anew()
    assert message["role"] == "system"
    assert "You may keep it." in message["content"]
    assert "we do take it back" in message["content"]


@pytest.mark.parametrize("ends", ["says", "expires"])
def test_a_draft_that_was_overtaken_was_never_said(ends: str) -> None:
    told = Told(drafted())
    if ends == "says":
        told.story.says("never mind")
        assert told.anew() == [{"role": "user", "content": "never mind"}]
    else:
        told.story.passes(1200)
        told.story.rings()
        assert told.anew() == []


def test_a_draft_sent_during_another_turn_stands_behind_it() -> None:
    story = held()
    waits = draft(step=2)
    story.says("and the other one?")
    assert story.state.turn is not None
    turn = story.state.turn
    story.commit(
        [
            ev.New(ADA, waits),
            ev.New(ADA, ev.TurnEnded(turn=turn.n, outcome="drafted", upto=turn.upto)),
        ]
    )
    story.decides(decisions.reject, DANA, reason="no")
    told = Told(story)
    story.decides(decisions.approve, seen=decisions.Seen(waits.hold, 1, waits.digest), person=SAM)
    assert told.anew() == []
    call = ev.Call(
        call="call_0a_3_1",
        model_call_id="c",
        tool="get_order",
        arguments=Raw(b"{}"),
        verdict="deny",
        because="no",
    )
    assert story.state.turn is not None
    step = ev.AssistantCalled(turn=story.state.turn.n, attempt=1, step=3, text="", calls=[call])
    story.commit([ev.New(ADA, step)])
    assert [message["role"] for message in told.anew()] == ["assistant", "tool"]
    story.replies()
    assert [message["content"] for message in told.anew()] == ["One moment.", "You may keep it."]
