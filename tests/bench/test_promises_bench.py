"""The bench of false promises counts what it says: alarms, promises of a person, and catches."""

from __future__ import annotations

from bench.promises import look, piece_us
from bench.recording import Call, Recording, Step, Turn


def recording(*steps: Step) -> Recording:
    turn = Turn("I want my money back", steps)
    return Recording("r", "retail", "tau1", "made up", None, (turn,), 0, 0)


def refund(*, succeeds: bool) -> Step:
    call = Call("1", "issue_refund", {"order_id": "W1"}, succeeds, True, "{}", 100, "to_customer")
    return Step("", (call,))


CLAIM = Step("I've refunded you.", ())


def test_a_true_claim_is_no_alarm_and_is_caught_had_it_not_happened() -> None:
    found = look([recording(refund(succeeds=True), CLAIM)])
    assert (found.cut, found.claims, found.caught) == (0, 1, 1)


def test_a_claim_of_what_failed_is_cut() -> None:
    found = look([recording(refund(succeeds=False), CLAIM)])
    assert (found.cut, found.claims, found.alarmed) == (1, 0, frozenset({"r"}))


def test_a_person_is_handed_over_to_unless_a_tool_brings_one() -> None:
    promise = Step("I'm transferring you to a human agent.", ())
    tool = Step("", (Call("1", "transfer_to_human_agents", {}, True, False, '"ok"', None, None),))
    assert look([recording(promise)]).handed_over == {"r"}
    assert look([recording(tool, promise)]).handed_over == frozenset()


def test_the_gate_is_timed_on_every_word() -> None:
    assert 0 < piece_us([recording(CLAIM)]) < 100_000
