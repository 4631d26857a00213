"""Signals become an assessment: rules decide alone, soft signals together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.events import Reason
from handoff import sentences
from handoff.monitor import Assessment, CallResult, Message, Monitor, View
from handoff.monitor.assessment import THRESHOLD, assess, combined
from handoff.settings import MonitorSettings

MONITOR = Monitor(MonitorSettings())
LEFT_TO_THE_ASSISTANT = Monitor(MonitorSettings(always_handover=[]))
FAILED = CallResult("call_1", "refund", "failed", 2, turn=1)


def view(text: str, *calls: CallResult) -> View:
    return View((Message("customer", text, 1),), calls, turn=1)


def test_nothing_noticed_goes_on() -> None:
    assessment = MONITOR.before(view("Where is my parcel?"))
    assert assessment == Assessment("continue", 0.0, THRESHOLD, False, ())
    assert assessment.reason == ""


def test_asking_for_a_person_hands_over_before_the_model_is_asked() -> None:
    assessment = MONITOR.before(view("I want a human"))
    assert (assessment.outcome, assessment.reason) == ("handover", "asks_for_human")
    assert not assessment.certified


def test_an_operator_may_leave_the_request_to_the_assistant_where_it_still_counts() -> None:
    assert LEFT_TO_THE_ASSISTANT.before(view("I want a human")).outcome == "continue"
    after = LEFT_TO_THE_ASSISTANT.after(view("I want a human", FAILED), "Sorry.")
    assert after.outcome == "handover"


def test_a_condition_hands_over_once_something_went_wrong_as_well() -> None:
    asked = "If you can't do that, I'd like to speak to a human"
    assert MONITOR.before(view(asked)).outcome == "continue"
    assert MONITOR.after(view(asked), "Here you are.").outcome == "continue"
    assert MONITOR.after(view(asked, FAILED), "I could not do it.").outcome == "handover"


def test_a_tool_that_failed_three_times_hands_over_when_the_reply_is_written() -> None:
    troubled = view("Refund me", FAILED, FAILED, FAILED)
    assert MONITOR.before(troubled).outcome == "continue"
    assessment = MONITOR.after(troubled, "I could not do it.")
    assert (assessment.outcome, assessment.reason) == ("handover", "tool_failure")


def test_a_tool_that_recovered_lets_the_reply_go() -> None:
    done = CallResult("call_2", "refund", "succeeded", 3, turn=1)
    assert MONITOR.after(view("Refund me", FAILED, done), "Refunded.").outcome == "continue"


def test_the_strongest_reason_comes_first() -> None:
    assessment = MONITOR.after(view("I want a human", FAILED), "Sorry.")
    assert [reason.signal for reason in assessment.reasons] == ["asks_for_human", "tool_failure"]


@pytest.mark.parametrize("signal", ["asks_for_human", "repetition", "tool_failure"])
def test_every_reason_has_a_sentence_for_the_customer(signal: str) -> None:
    assert sentences.HANDOVER[signal]


SCORES = st.lists(st.floats(0, 1), max_size=6)


@given(SCORES, st.floats(0, 1))
def test_another_signal_never_lowers_the_score(scores: list[float], another: float) -> None:
    assert 0 <= combined(scores) <= combined([*scores, another]) + 1e-12 <= 1 + 1e-12


@given(SCORES)
def test_at_or_above_the_threshold_and_only_then_a_person_comes(scores: list[float]) -> None:
    reasons = [Reason("repetition", score, "…") for score in scores]
    assessment = assess(reasons, by_rule=False)
    assert (assessment.outcome == "handover") == (assessment.score >= assessment.threshold)
