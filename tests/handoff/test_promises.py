"""Words held against deeds: what is claimed, what bears it out, and what is no claim at all."""

from __future__ import annotations

import time

import pytest
from msgspec import Raw

from conversation import events as ev
from handoff.promises import Deeds, announced_person, begins_claim, claims, deeds_of, sentence_end

SYSTEM = ev.By("system")


def kinds(text: str) -> list[str]:
    return [claim.kind for claim in claims(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I've refunded the $60 to your card.", "refund"),
        ("I have refunded you in full.", "refund"),
        ("We have now credited your account.", "refund"),
        ("I\u2019ve gone ahead and **refunded** your order.", "refund"),
        ("I've processed your refund.", "refund"),
        ("I have issued a full refund of $60.00 to your card.", "refund"),
        ("Your refund has been issued.", "refund"),
        (
            "Your refund of $1,200.50 for W1 has now been successfully processed.",
            "refund",
        ),
        ("Your refund is on its way.", "refund"),
        ("The refund was issued to your Visa.", "refund"),
        ("You've been refunded, it has already been credited.", "refund"),
        ("I can confirm that your refund has been issued.", "refund"),
        ("I'm happy to say that I've refunded you.", "refund"),
        ("No problem, I've cancelled your order.", "cancellation"),
        ("I cancelled it.", "cancellation"),
        ("Your order W1 has been canceled.", "cancellation"),
        ("Your order is now cancelled.", "cancellation"),
        ("Your order is cancelled.", "cancellation"),
        ("Order W1 has been successfully cancelled", "cancellation"),
        ("After looking into it, I've cancelled your order.", "cancellation"),
        ("I was able to cancel your order.", "cancellation"),
        ("The cancellation has been submitted.", "cancellation"),
        ("Your address has been updated.", "change"),
        ("I've booked you on the 9:40 flight.", "change"),
        ("I've opened a ticket for you.", "change"),
        ("I've sent you an email with the label.", "change"),
        ("Your flight on May 17 has been changed.", "change"),
    ],
)
def test_a_completed_action_is_claimed(text: str, kind: str) -> None:
    assert kinds(text)[:1] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "I can refund you.",
        "I'll refund you once a colleague has approved it.",
        "Your refund waits for a person's approval; nothing has been paid yet.",
        "I've asked a colleague to approve your refund.",
        "It has not been refunded.",
        "Your refund hasn't been processed yet.",
        "Once it has been approved, the refund will be issued.",
        "Orders can be cancelled within 14 days.",
        "Refunds are issued within 5 days.",
        "If your order has been cancelled, you get your money back.",
        "Has your order been cancelled?",
        "Would you like it cancelled?",
        "You mentioned that your order was cancelled.",
        "I'm sorry to hear that your flight has been cancelled.",
        "The flight was cancelled by the airline.",
        "* the flight has been cancelled, or",
        "Items that have been returned cannot be exchanged.",
        "Any order which has been cancelled is refunded.",
        "The mail says “your order has been cancelled” when it is done.",
        "I would have refunded it.",
        "I've found your order.",
        "I have checked the refund policy.",
        "The refund may have been issued.",
        "I've updated the summary.",
        "Please make sure your address has been updated.",
        "I couldn't get it refunded.",
        "It will be refunded to your card.",
        "It is eligible for cancellation since it was created yesterday.",
    ],
)
def test_what_is_asked_denied_possible_or_somebody_elses_word_is_no_claim(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("I'm transferring you to a colleague now.", False),
        ("I am connecting you with a human agent.", False),
        ("I'll transfer you to a person who can help.", False),
        ("Let me connect you with one of our specialists.", False),
        ("YOU ARE BEING TRANSFERRED TO A HUMAN AGENT. PLEASE HOLD ON.", False),
        ("A colleague will be with you shortly.", False),
        ("A member of our team will get back to you by mail.", False),
        ("I've transferred you to a colleague.", True),
        ("I've connected you.", True),
        ("I have notified a supervisor.", True),
        ("I've escalated this to our billing team.", True),
        ("A colleague has been notified.", True),
        ("Your case has been escalated.", True),
    ],
)
def test_a_person_is_announced(text: str, done: bool) -> None:
    found = announced_person(f"I see. {text}")
    assert found is not None
    assert found.done is done


@pytest.mark.parametrize(
    "text",
    [
        "I can transfer you to a human agent.",
        "Would you like me to connect you with a colleague?",
        "If you like, I'll transfer you to a person.",
        "I'll transfer you to a human agent. Would you like that?",
        "I'll transfer you to an agent after we have finished the booking.",
        "I cannot transfer you to a person.",
        "You asked to be transferred.",
        "Your flight is connecting through Phoenix.",
        "You will need to contact a human agent.",
        "I recommend speaking with a colleague of ours.",
        "Airplane mode disables all connections. I'll check that for you.",
        "I'm transferring the money.",
    ],
)
def test_an_offer_or_something_else_announces_nobody(text: str) -> None:
    assert announced_person(text) is None


# Deeds


def log(*happened: ev.Data) -> list[ev.Event]:
    return [
        ev.Event("c_1", seq, ev.VERSION, ev.NAMES[type(data)], ev.iso(seq), SYSTEM, 1, data)
        for seq, data in enumerate(happened, 1)
    ]


def called(tool: str, verdict: ev.Verdict = "allow") -> ev.AssistantCalled:
    call = ev.Call(
        call="k_1", model_call_id=None, tool=tool, arguments=Raw(b'{"order_id": "W1"}'),
        verdict=verdict,
    )  # fmt: skip
    return ev.AssistantCalled(turn=1, attempt=1, step=1, text="", calls=[call])


def finished(
    outcome: ev.CallOutcome, *, result: bytes = b"{}", read: bool = False
) -> ev.ToolFinished:
    return ev.ToolFinished(
        call="k_1", key=None if read else "k_1", outcome=outcome, result=Raw(result)
    )


def borne_out(text: str, *happened: ev.Data) -> bool:
    (claim,) = claims(text)
    return deeds_of(log(*happened)).bear_out(claim)


def test_a_claim_is_borne_out_by_a_write_of_its_kind_that_succeeded() -> None:
    refunded, cancelled = "I've refunded it.", "I've cancelled it."
    refund = (called("issue_refund"), finished("succeeded"))
    moved = (called("change_address"), finished("succeeded"))
    assert borne_out(refunded, *refund)
    assert borne_out("I've updated your address.", *moved)
    assert not borne_out(cancelled, *refund)
    assert not borne_out(refunded, *moved)
    assert not borne_out(refunded)


@pytest.mark.parametrize("outcome", ["failed", "unknown", "not_started"])
def test_a_write_that_did_not_happen_bears_nothing_out(outcome: ev.CallOutcome) -> None:
    assert not borne_out("I've refunded it.", called("issue_refund"), finished(outcome))


def test_a_held_call_bears_a_claim_out_only_once_it_has_run() -> None:
    text, held = "Your refund has been issued.", called("issue_refund", "hold")
    assert not borne_out(text, held)
    assert borne_out(text, held, finished("succeeded"))


def test_what_was_read_or_said_by_a_person_may_be_told_again() -> None:
    text = "Your order was cancelled."
    read = called("get_order")
    assert borne_out(text, read, finished("succeeded", result=b'{"status":"cancelled"}', read=True))
    assert borne_out(text, ev.StaffSaid(id="1", text="I have cancelled it for you."))
    assert not borne_out(text, read, finished("succeeded", result=b'{"status":"paid"}', read=True))


@pytest.mark.parametrize(
    ("result", "told"),
    [(b'{"refunded": 60}', True), (b'{"refunded": 0}', False), (b'{"refunds": []}', False),
     (b'{"refundable": 180}', False), (b"not json", False)],
)  # fmt: skip
def test_a_result_tells_what_is_not_empty(result: bytes, told: bool) -> None:
    read = finished("succeeded", result=result, read=True)
    assert borne_out("The refund was issued.", called("get_order"), read) is told


def test_a_person_whom_a_tool_or_an_earlier_handover_brought_is_no_promise() -> None:
    coming, done = (
        announced_person("I'm transferring you."),
        announced_person("I've connected you."),
    )
    assert coming is not None
    assert done is not None
    tool = deeds_of(log(called("transfer_to_human_agents"), finished("succeeded", read=True)))
    owner = ev.OwnerChanged(from_="assistant", to="line", epoch=2, cause="test")
    earlier = deeds_of(log(owner))
    assert (tool.bring(coming), tool.bring(done)) == (True, True)
    assert (earlier.bring(coming), earlier.bring(done)) == (False, True)
    assert (Deeds().bring(coming), Deeds().bring(done)) == (False, False)


# While it is written


def test_a_claim_is_seen_coming_before_its_last_word_is_whole() -> None:
    (claim, *_) = begins_claim("Fine. I've canc")
    assert claim.kind == "cancellation"
    assert list(begins_claim("Fine. I've can")) != []
    assert list(begins_claim("Fine. I can ")) == []
    assert list(begins_claim("Fine. I've found")) == []


def test_a_sentence_ends_with_its_mark_and_white_space() -> None:
    assert sentence_end("It is $60.50 now") is None
    assert sentence_end("Yes. No") == 5
    assert sentence_end("one\ntwo") == 4


@pytest.mark.parametrize(
    "part",
    ["I have your refund and it was, ", " ", "*", "? ", "I've now now ", "refund the the ", "a"],
)
def test_a_look_at_a_text_costs_little_whatever_it_is(part: str) -> None:
    long = part * (60_000 // len(part))
    began = time.process_time()
    list(begins_claim(long))
    claims(long)
    announced_person(long)
    sentence_end(long)
    assert time.process_time() - began < 1
