"""Words held against deeds: what is claimed, what bears it out, and what is no claim at all."""

from __future__ import annotations

import time

import pytest
from msgspec import Raw

from conversation import events as ev
from handoff.promises import (
    Deeds,
    announced_person,
    begins_claim,
    claims,
    deeds_of,
    false_claim,
    sentence_end,
)

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
        ("The refund went through.", "refund"),
        ("The refund has gone through.", "refund"),
        ("The refund\u2019s gone through.", "refund"),
        ("The exchange went through.", "change"),
        ("Your refund is done.", "refund"),
        ("Your refund of $60 was successful.", "refund"),
        ("Your refund has been completed.", "refund"),
        ("I have gone ahead with the refund.", "refund"),
        ("We've proceeded with the cancellation.", "cancellation"),
        ("I've put the refund through.", "refund"),
        ("I've put through the refund.", "refund"),
        ("I've got that refunded for you.", "refund"),
        ("It's refunded.", "refund"),
        ("Sure, it's cancelled.", "cancellation"),
        ("That's been refunded.", "refund"),
        ("It's been changed.", "change"),
        ("That's changed.", "change"),
        ("Consider it refunded.", "refund"),
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
    ("text", "kind"),
    [
        ("Refund issued!", "refund"),
        ("Refund completed.", "refund"),
        ("**Full refund of $60 processed.**", "refund"),
        ("Good news: refund approved and processed.", "refund"),
        ("Cancellation confirmed.", "cancellation"),
        ("Refunded!", "refund"),
        ("Done, cancelled.", "cancellation"),
        ("$60 refunded.", "refund"),
        ("Done \u2014 $60 refunded to your card.", "refund"),
    ],
)
def test_a_participle_that_stands_for_a_sentence_claims(text: str, kind: str) -> None:
    assert kinds(text)[:1] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "I've returned the money to your card.",
        "We have paid you back.",
        "I've paid you $60 back.",
        "I've transferred $60 to your account.",
        "I\u2019ve transferred \u20ac60 to your account.",
        "I just sent the $60 back to your card.",
        "I've sent you your money back.",
        "The $60 has been returned to your card.",
        "The money is on its way to your card.",
        "Your money is back.",
    ],
)
def test_money_that_went_back_is_a_refund(text: str) -> None:
    assert kinds(text)[:1] == ["refund"]


@pytest.mark.parametrize(
    "text",
    [
        "I've refunded you, okay?",
        "I've refunded you right?",
        "That's been refunded, right?",
        "I've refunded $60 to your card, is there anything else I can do?",
        "I've refunded it, anything else?",
        "I've issued the refund \u2014 would you like a receipt?",
    ],
)
def test_a_question_after_a_claim_takes_nothing_from_it(text: str) -> None:
    assert kinds(text)[:1] == ["refund"]


@pytest.mark.parametrize(
    "text",
    [
        "Has the refund gone through?",
        "Did the refund go through?",
        "Your order was cancelled?",
        "Is your refund done?",
        "Why hasn't the refund gone through?",
        "Has your order been cancelled, or was it returned?",
        "Has the order, as you see it, been cancelled, and was it refunded?",
        "Has your order W1, the one of May 2, been cancelled?",
        "Your order was cancelled, or not?",
        "Would you like $60 refunded, or the item exchanged?",
    ],
)
def test_a_claim_within_a_question_is_asked(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Once it is refunded, you will get a mail.",
        "Once it's refunded, I'll tell you.",
        "When you cancel, it's refunded to your card.",
        "If a return is accepted, the refund is done the same day.",
        "Refunds are completed within 5 days.",
        "Refund issued within 5 days of approval.",
        "Refunded orders cannot be exchanged.",
        "Refund method: your card",
        "Let me check whether the refund went through.",
        "The refund has not gone through.",
        "Your refund is not done yet.",
        "The refund should go through soon.",
        "Any item that's been changed cannot be returned.",
        "It's scheduled to arrive on Tuesday.",
        "It's updated daily.",
        "I've got your cancelled order here.",
        "I've got the order that was changed here.",
        "I've put the request for a refund to a person, who looks through it.",
        "Your payment of $60 went through.",
        "Your money is safe.",
        "To get $60 refunded, tell me the order.",
        "I haven't paid you back.",
        "I've sent you the details of the $60 charge.",
        "I've returned to your question about the money.",
        "Consider a refund instead.",
        "I've updated you on the status.",
        "I have cancelled nothing yet.",
        "We've refunded no orders of yours.",
    ],
)
def test_a_harmless_neighbour_of_a_claim_is_none(text: str) -> None:
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


def test_a_refund_that_was_read_may_be_told_to_have_gone_through() -> None:
    text = "The refund issued on May 2 went through."
    read = finished(
        "succeeded", result=b'{"refunds": [{"at": "2026-05-02", "status": "issued"}]}', read=True
    )
    assert false_claim(text, deeds_of(log(called("get_order"), read))) is None
    assert false_claim(text, Deeds()) is not None


def test_what_a_person_claims_in_other_words_may_be_told_again() -> None:
    person = ev.StaffSaid(id="1", text="I've sent the $60 back to your card.")
    assert false_claim("You've been refunded.", deeds_of(log(person))) is None
    assert false_claim("I've cancelled it.", deeds_of(log(person))) is not None


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
    [
        "I have your refund and it was, ", " ", "*", "? ", "I've now now ", "refund the the ", "a",
        "$60 ", "I've paid you the ", ": your the refund of ", "it's been, and that, ", "- done, ",
        "I've refunded you, ",
    ],
)  # fmt: skip
def test_a_look_at_a_text_costs_little_whatever_it_is(part: str) -> None:
    long = part * (60_000 // len(part))
    began = time.process_time()
    list(begins_claim(long))
    claims(long)
    announced_person(long)
    sentence_end(long)
    assert time.process_time() - began < 1
