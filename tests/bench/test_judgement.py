"""The judge of a played recording sees each thing a bar is about."""

from typing import Any

import pytest

from bench.driver import Played
from bench.judgement import judge, reasons
from bench.recording import Call, Json, Recording, Step, Turn
from bench.stage import HELD_LINE, Execution, Performance

APPROVED_AT_MS = 1_767_323_045_678.0
SAID = {"id": "m1", "text": "Refund me"}


def _event(seq: int, kind: str, **data: Any) -> Json:
    return {"seq": seq, "type": kind, "at": "2026-01-02T03:04:05.678Z", "data": data}


@pytest.fixture
def played() -> Played:
    """One message, a held refund of $200, its approval and its execution, and the reply."""
    refund = Call("call_1", "refund", {"order": "W1"}, True, True, "1", 20_000, "to_customer")
    turn = Turn("Refund me", (Step("", (refund,)), Step("Done.", ())))
    recording = Recording("r1", "retail", "tau1", "s", None, (turn,), unspoken=0, empty=0)
    performance = Performance(recording)
    performance.answer(1, waits=False, spoken=["Refund me"])
    performance.answer(2, waits=True, spoken=["Refund me"])
    performance.answer(3, waits=False, spoken=["Refund me"])
    performance.executions.append(Execution("k1", refund, APPROVED_AT_MS + 5))
    log = [
        _event(1, "conversation_started"),
        _event(2, "customer_said", **SAID),
        _event(3, "assistant_called", text="", calls=[{"call": "k1", "hold": "h1"}]),
        _event(4, "held", hold="h1"),
        _event(5, "assistant_said", text=HELD_LINE),
        _event(6, "turn_ended", upto=2),
        _event(7, "hold_changed", hold="h1", status="approved"),
        _event(8, "hold_changed", hold="h1", status="succeeded"),
        _event(9, "assistant_said", text="Done."),
    ]
    shown = {event["seq"]: event for event in log if event["type"] != "turn_ended"}
    return Played(recording, performance, said={"m1": 2}, shown=shown, log=log)


def test_a_conversation_as_recorded_holds_every_bar(played: Played) -> None:
    total = judge(played)
    assert (total.complete, total.texts, total.equal, total.surplus) == (1, 2, 2, 0)
    assert (total.held, total.held_executed, total.held_lines) == (1, 1, 1)
    assert (total.executed_twice, total.before_approval, total.lost) == (0, 0, 0)


def test_a_reply_that_lost_its_white_space_is_not_equal(played: Played) -> None:
    played.shown[9]["data"]["text"] = "Done. "
    assert judge(played).equal == 1


def test_a_reply_said_twice_is_beyond_the_recording(played: Played) -> None:
    played.shown[10] = played.shown[9]
    assert judge(played).surplus == 1


@pytest.mark.parametrize("key", ["k1", "k2"])
def test_a_second_execution_counts_under_any_key(played: Played, key: str) -> None:
    again = Execution(key, played.performance.executions[0].call, APPROVED_AT_MS + 9)
    played.performance.executions.append(again)
    assert judge(played).executed_twice == 1


def test_an_execution_before_the_approval_counts(played: Played) -> None:
    early = Execution("k1", played.performance.executions[0].call, APPROVED_AT_MS - 1)
    played.performance.executions[0] = early
    assert judge(played).before_approval == 1


def test_a_call_that_should_have_been_held_and_was_not_counts_as_unapproved(
    played: Played,
) -> None:
    del played.log[2]["data"]["calls"][0]["hold"]
    assert judge(played).before_approval == 1


def test_an_event_the_customer_was_not_sent_is_lost(played: Played) -> None:
    del played.shown[8]
    assert judge(played).lost == 1


def test_an_acknowledged_message_the_log_lacks_is_lost(played: Played) -> None:
    played.said["m2"] = 7
    assert judge(played).lost == 1


def test_a_write_that_never_ran_leaves_the_conversation_incomplete(played: Played) -> None:
    played.performance.executions.clear()
    assert reasons(played) == ["0 of 1 recorded writes were executed"]
