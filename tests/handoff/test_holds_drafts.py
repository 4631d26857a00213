"""Words that a person sees first: sent, reworded, turned down, or overtaken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import UNSET

from conversation import events as ev
from conversation.errors import Refused
from handoff import decisions, ownership, sentences
from tests.handoff.holding import (
    ADA,
    CUSTOMER,
    DANA,
    EXPIRES_IN_S,
    SAM,
    Story,
    at,
    drafted,
    refund,
)

DONE = sentences.OUTCOME["succeeded"].format(title="Refund of $60.00")


def test_an_agent_sends_a_draft_as_it_is() -> None:
    story = drafted()
    story.decides(decisions.approve, SAM)
    assert story.types == ["hold_changed", "assistant_said"]
    said = story.last[-1]
    assert said.by == ADA
    assert said.data == ev.AssistantSaid(
        text="You may keep it.", turn=1, hold=story.hold_id, edited=False
    )
    assert story.changed.by == SAM.by
    assert story.hold.status == "succeeded"
    assert story.state.unanswered is False
    assert story.state.steps == 1


def test_an_agent_sends_a_draft_in_other_words() -> None:
    story = drafted()
    story.decides(decisions.reword, SAM, text="Please keep it.")
    said = story.last[-1].data
    assert said == ev.AssistantSaid(text="Please keep it.", turn=1, hold=story.hold_id, edited=True)
    changed = story.changed
    assert (changed.decision, changed.revision, changed.text) == ("edit", 2, "Please keep it.")
    assert changed.digest not in (UNSET, "draft 1")
    assert story.hold.status == "succeeded"


def test_a_draft_opens_no_job_and_no_turn_when_it_is_sent() -> None:
    story = drafted()
    story.decides(decisions.approve, SAM)
    assert story.state.turn is None
    assert story.state.untold == {}


def test_the_author_hears_why_a_draft_was_turned_down() -> None:
    story = drafted()
    story.decides(decisions.reject, SAM, reason="we do take it back")
    assert story.types == ["hold_changed"]
    assert story.state.turn is not None
    assert story.state.turn.n == 2
    assert story.hold.reason == "we do take it back"


def test_the_second_draft_in_a_row_that_is_turned_down_goes_to_people() -> None:
    story = drafted()
    story.decides(decisions.reject, SAM, reason="no")
    story.drafts("Keep it, then.")
    story.decides(decisions.reject, SAM, reason="no again")
    assert story.types == [
        "handover_requested", "owner_changed", "system_said", "hold_changed",
    ]  # fmt: skip
    assert story.state.status == "waiting"
    assert story.state.reason == "draft_rejected"
    assert story.hold.status == "rejected"
    assert (story.state.turn, story.state.untold) == (None, {})


def test_drafts_are_in_a_row_only_while_nobody_speaks() -> None:
    story = drafted()
    story.decides(decisions.reject, SAM, reason="no")
    story.says("hello?")
    story.drafts("Keep it, then.")
    story.decides(decisions.reject, SAM, reason="no again")
    assert story.state.status == "assistant"


def test_a_call_is_not_edited_by_a_text_nor_a_draft_by_arguments() -> None:
    story = drafted()
    with pytest.raises(Refused) as error:
        story.decides(decisions.edit, now=refund(), lowered=False)
    assert error.value.code == "bad_request"
    story = Story()
    story.holds(refund())
    with pytest.raises(Refused) as error:
        story.decides(decisions.reword, text="hello")
    assert error.value.code == "bad_request"


@pytest.mark.parametrize("decide", [decisions.approve, decisions.reject, decisions.reword])
@pytest.mark.parametrize("status", ["succeeded", "rejected", "withdrawn", "expired"])
def test_a_draft_is_decided_on_once(status: str, decide: Callable[..., list[ev.New]]) -> None:
    story = drafted()
    _bring(story, status)
    assert story.hold.status == status
    how: Any = {"reject": {"reason": "no"}, "reword": {"text": "hi"}}.get(decide.__name__, {})
    with pytest.raises(Refused) as error:
        story.decides(decide, **how)
    assert error.value.code == "conflict"


def _bring(story: Story, status: str) -> None:
    match status:
        case "succeeded":
            story.decides(decisions.approve, SAM)
        case "rejected":
            story.decides(decisions.reject, SAM, reason="no")
        case "withdrawn":
            story.says("never mind")
        case "expired":
            story.passes(EXPIRES_IN_S)
            story.rings()


def _asks_for_a_person(story: Story) -> None:
    story.commit(ownership.ask_human(story.state, None, by=CUSTOMER, assistant=ADA, said=None))


def _closes(story: Story) -> None:
    story.commit(ownership.close(story.state, None, by=CUSTOMER, assistant=ADA, resolution="left"))


@pytest.mark.parametrize(
    "overtakes",
    [lambda story: story.says("and?"), Story.taken_over, _asks_for_a_person, _closes],
    ids=["a message", "a takeover", "a handover", "the end"],
)
def test_a_draft_gives_way(overtakes: Callable[[Story], None]) -> None:
    story = drafted()
    overtakes(story)
    assert story.hold.status == "withdrawn"
    assert story.state.untold == {}
    with pytest.raises(Refused) as error:
        story.decides(decisions.approve, SAM)
    assert error.value.code == "conflict"


def test_customers_are_told_nothing_of_a_draft_that_was_turned_down() -> None:
    story = drafted()
    story.decides(decisions.reject, SAM, reason="we do take it back")
    story.taken_over(DANA)
    texts = [e.data.text for e in story.last if isinstance(e.data, ev.SystemSaid)]
    assert len(texts) == 1
    assert "joined" in texts[0]


def test_a_draft_nobody_looked_at_in_time_goes_to_people_at_once() -> None:
    story = drafted()
    story.passes(EXPIRES_IN_S)
    story.rings()
    assert story.types == [
        "handover_requested", "owner_changed", "system_said", "hold_changed",
    ]  # fmt: skip
    assert story.hold.status == "expired"
    assert story.state.status == "waiting"
    assert story.state.reason == "draft_expired"
    story.rings()
    assert story.last == []


@pytest.mark.parametrize("sent", [True, False])
def test_an_outcome_in_a_draft_is_told_once_when_it_is_sent_and_when_it_is_not(sent: bool) -> None:
    story = at("succeeded")
    story.drafts("Your refund is done.")
    if sent:
        story.decides(decisions.approve, SAM)
    story.taken_over()
    told = [e.data.text for e in story.last if isinstance(e.data, ev.SystemSaid)]
    assert told == ["Sam has joined the conversation.", *([] if sent else [DONE])]
