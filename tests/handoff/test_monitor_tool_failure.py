"""A tool that keeps failing is noticed; one that recovered, was refused or waits is not."""

import pytest

from handoff.monitor import CallResult, View
from handoff.monitor.tool_failure import tool_failure
from handoff.monitor.view import Outcome


def view(*calls: tuple[str, Outcome], turn: int = 1) -> View:
    results = [
        CallResult(f"call_{seq}", tool, outcome, seq, turn=1)
        for seq, (tool, outcome) in enumerate(calls, 1)
    ]
    return View(messages=(), calls=tuple(results), turn=turn)


def test_a_failure_is_a_sign_and_three_in_a_row_are_enough() -> None:
    failed: tuple[str, Outcome] = ("find_orders", "failed")
    [[one], [two], [three]] = [tool_failure(view(*[failed] * times)) for times in (1, 2, 3)]
    assert 0 < one.score < two.score < 0.7 <= three.score
    assert one.text == "The tool find_orders failed"
    assert three.text == "The tool find_orders failed 3 times"
    assert three.evidence == {"calls": ["call_1", "call_2", "call_3"]}


def test_a_tool_that_then_succeeded_has_not_failed() -> None:
    assert tool_failure(view(("refund", "failed"), ("refund", "succeeded"))) == []


def test_the_success_of_another_tool_makes_nothing_good() -> None:
    [reason] = tool_failure(view(("refund", "failed"), ("find_orders", "succeeded")))
    assert reason.text == "The tool refund failed"


def test_arguments_that_do_not_fit_are_the_assistants_failure() -> None:
    [reason] = tool_failure(view(("refund", "invalid"), ("refund", "invalid")))
    assert reason.text == "The tool refund was called with arguments that do not fit 2 times"


@pytest.mark.parametrize("outcome", ["denied", "held", "unknown", "not_started", "succeeded"])
def test_what_was_refused_or_waits_is_no_failure(outcome: Outcome) -> None:
    assert tool_failure(view(*[("refund", outcome)] * 5)) == []


def test_a_tool_that_is_not_tried_in_this_turn_is_forgotten() -> None:
    failed: tuple[str, Outcome] = ("refund", "failed")
    assert tool_failure(view(*[failed] * 5, turn=2)) == []


def test_a_tool_that_fails_again_in_a_later_turn_is_remembered() -> None:
    again = CallResult("call_9", "refund", "failed", 9, turn=2)
    earlier = view(("refund", "failed"), ("refund", "failed")).calls
    [reason] = tool_failure(View(messages=(), calls=(*earlier, again), turn=2))
    assert reason.text == "The tool refund failed 3 times"
