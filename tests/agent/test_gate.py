"""The gate: ordinary words pass at once, a claim that is not true is never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gate import FalsePromise, Gate
from handoff.promises import Deeds

NOTHING_DONE = Deeds()
REFUNDED = Deeds(writes=('issue_refund {"order_id": "w1"} {"refunded": 60}',))


def shown(pieces: list[str], deeds: Deeds = NOTHING_DONE) -> tuple[str, str | None]:
    """What the gate lets through of these pieces, and what claim it cut, if any."""
    gate, text = Gate(lambda: deeds), ""
    try:
        for piece in pieces:
            text += gate.feed(piece)
        return text + gate.rest(), None
    except FalsePromise as promise:
        return text + promise.text, promise.kind


def words(text: str) -> list[str]:
    """As most models write: a word with the space before it."""
    return [" " * (at > 0) + word for at, word in enumerate(text.split(" "))]


@pytest.mark.parametrize(
    "text",
    [
        "Hello Robin, your parcel is on the road and should be with you on Tuesday.",
        "I can refund you. Would you like that? I have your order here.",
        "- one\n- two\n\n**Bold**, `code` and $60.50.",
        "",
    ],
)
def test_ordinary_words_pass_in_the_piece_they_came_in(text: str) -> None:
    gate, delayed = Gate(lambda: NOTHING_DONE), ""
    for piece in words(text):
        delayed += piece
        if released := gate.feed(piece):
            assert delayed.endswith(released)
            delayed = ""
        assert len(delayed) <= len(" have")
    assert gate.rest() == delayed


def test_a_claim_is_cut_before_its_words_and_what_went_before_stands() -> None:
    text, claim = shown(words("Good news, Robin! I've refunded the $60. Anything else?"))
    assert claim == "refund"
    assert text.startswith("Good news, Robin! ")
    assert "refund" not in text


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("Done! $60 refunded. Anything else?", "Done! $60"),
        ("All done! Refund issued!", "All done! "),
        ("Fine. I've refunded you, okay?", "Fine. I've"),
        ("Fine. I've transferred $60 to your account.", "Fine. I've transferred"),
    ],
)
def test_a_claim_is_cut_whatever_its_form(text: str, before: str) -> None:
    seen, claim = shown(words(text))
    assert claim == "refund"
    assert before.startswith(seen)


def test_a_claim_that_is_true_passes_without_delay() -> None:
    gate = Gate(lambda: REFUNDED)
    assert gate.feed("I've refunded") == "I've refunded"
    assert gate.feed(" the $60.") == " the $60."


@pytest.mark.parametrize(
    "text",
    [
        "Your order was cancelled by the shop on May 2. Sorry!",
        "Has your order been cancelled? I can look.",
        "One moment, I've updated the list.",
    ],
)
def test_what_turns_out_to_be_no_claim_is_shown_after_all(text: str) -> None:
    assert shown(words(text)) == (text, None)


def test_what_happened_is_looked_up_only_when_something_is_claimed() -> None:
    def look() -> Deeds:
        raise AssertionError

    gate = Gate(look)
    for piece in words("I have your order here, it was shipped on Monday and is on the road."):
        gate.feed(piece)
    gate.rest()


@given(st.data())
def test_however_a_reply_is_cut_up_the_same_claim_is_kept_back(
    data: st.DataObject,
) -> None:
    text = "Hello. Your order W1 is here.\nYour refund of $60.50 has now been issued. Bye!"
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1))))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    seen, claim = shown(pieces)
    assert claim == "refund"
    assert text.startswith(seen)
    assert seen.startswith("Hello. Your order W1 is here.\n")
    assert "issued" not in seen


@given(st.data())
def test_however_it_is_cut_a_true_reply_is_shown_whole(data: st.DataObject) -> None:
    text = "I've refunded $60.50, and your refund is on its way. It was cancelled by the shop."
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1))))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert shown(pieces, REFUNDED) == (text, None)


def test_a_sentence_without_an_end_does_not_wait_for_ever() -> None:
    gate, text = Gate(lambda: NOTHING_DONE), "it waits, " * 2_000
    released = "".join(gate.feed(piece) for piece in words(text))
    assert len(text) - len(released) < 1_000


def test_a_false_claim_in_a_sentence_without_an_end_is_cut() -> None:
    text, claim = shown(words("I've refunded it, " + "and so on, " * 400))
    assert (claim, "refunded" in text) == ("refund", False)
