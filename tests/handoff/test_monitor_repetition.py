"""Going round in circles is noticed; confirming, thanking and details are not circles."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.monitor import Message, View
from handoff.monitor.repetition import repeated_question, repeated_reply
from handoff.monitor.similarity import gist, same

Side = Literal["customer", "assistant"]

WHERE = "Where is my parcel?"
LATER = "It should arrive soon, please be patient with us."


def talk(*said: str, reply: str | None = None) -> View:
    """Customer and assistant in turns, the customer first; the last message waits."""
    sides: tuple[Side, Side] = ("customer", "assistant")
    messages = [Message(sides[at % 2], text, at + 1) for at, text in enumerate(said)]
    return View(tuple(messages), (), turn=1, answered=len(said) - 1, reply=reply)


def scores(view: View) -> list[float]:
    return [reason.score for reason in repeated_question(view)]


def test_a_first_question_is_no_repetition() -> None:
    assert scores(talk(WHERE)) == []


def test_asking_again_is_a_sign_and_asking_twice_again_is_enough() -> None:
    [once] = scores(talk(WHERE, LATER, "so where's my parcel??"))
    [twice] = scores(talk(WHERE, LATER, WHERE, LATER, "I asked: where is my parcel"))
    assert 0 < once < 0.7 <= twice


def test_the_reason_says_how_often() -> None:
    [reason] = repeated_question(talk(WHERE, LATER, WHERE))
    assert reason.text == "Asked the same 2 times: “Where is my parcel?”"
    assert (reason.signal, reason.evidence) == ("repetition", {"seq": 3, "times": 2})


def test_impatience_without_an_answer_between_is_no_repetition() -> None:
    messages = tuple(Message("customer", WHERE, seq) for seq in (1, 2, 3))
    assert scores(View(messages, (), turn=1)) == []


def test_a_question_sent_twice_before_the_answer_counts_once() -> None:
    said: list[tuple[Side, str]] = [
        ("customer", WHERE),
        ("customer", WHERE),
        ("assistant", LATER),
        ("customer", WHERE),
    ]
    messages = tuple(Message(by, text, seq) for seq, (by, text) in enumerate(said, 1))
    [reason] = repeated_question(View(messages, (), turn=2, answered=2))
    assert reason.evidence == {"seq": 4, "times": 2}


@pytest.mark.parametrize(
    "again",
    [
        "yes",
        "ok",
        "thanks",
        "Yes, please cancel the second order",
        "please proceed with the refund",
        "thank you so much for the quick help",
        "W123456",
        "my order number is 1001",
        "it's kim@example.com",
        "the blue one",
    ],
)
def test_confirming_thanking_and_details_are_no_repetition(again: str) -> None:
    assert scores(talk(again, LATER, again, LATER, again, LATER, again)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Where is order 1001?", "Where is order 1002?"),
        ("Can I change my address?", "Can I change my name?"),
        ("I want the blue jacket", "I don't want the blue jacket"),
        ("Where is my parcel?", "What is in my parcel?"),
    ],
)
def test_another_question_in_like_words_is_no_repetition(one: str, other: str) -> None:
    assert scores(talk(one, LATER, other)) == []


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_messages_are_the_same_only_with_the_same_figures(one: int, other: int) -> None:
    first, second = (gist(f"where is my parcel {number}") for number in (one, other))
    assert same(first, second) == (one == other)


@given(st.text(max_size=200), st.text(max_size=200))
def test_sameness_has_no_direction(one: str, other: str) -> None:
    assert same(gist(one), gist(other)) == same(gist(other), gist(one))


SORRY = "I'm sorry, this item cannot be returned after thirty days under our policy."


def test_one_answer_to_different_questions_is_a_sign_and_thrice_is_enough() -> None:
    [once] = repeated_reply(talk("It broke", SORRY, "Can you repair it?", reply=SORRY))
    [twice] = repeated_reply(
        talk("It broke", SORRY, "Can you repair it?", SORRY, "Any voucher then?", reply=SORRY)
    )
    assert 0 < once.score < 0.7 <= twice.score
    assert once.text.startswith("The assistant gave the same answer 2 times: “I'm sorry")


def test_the_same_answer_to_the_same_question_is_the_customers_repetition() -> None:
    again = talk("Can I return the lamp?", SORRY, "can I return the lamp", reply=SORRY)
    assert repeated_reply(again) == []


def test_a_short_courtesy_may_repeat() -> None:
    assert repeated_reply(talk("Thanks", "You're welcome!", "Bye", reply="You're welcome!")) == []


def test_a_greeting_answers_nobody() -> None:
    greeting = Message("assistant", SORRY, 1)
    view = View((greeting, Message("customer", "hi", 2)), (), turn=1, reply=SORRY)
    assert repeated_reply(view) == []
