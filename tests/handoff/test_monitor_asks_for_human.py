"""Asking for a person is understood, with its negation, its condition and its neighbours."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.monitor import Message, View
from handoff.monitor.asks_for_human import asks_for_human
from handoff.monitor.stance import stance

Side = Literal["customer", "assistant"]

ASKS = """
can I talk to someone
I want a human
HUMAN!!!
agent please
Representative. Representative. Representative.
speak to a representative
I'd rather talk to a person
please connect me with a supervisor
put me through to somebody
Is there a real person I could speak to?
are there any humans available
Can a human look at this?
could you have somebody call me
I'm done talking to a robot
I don't want to talk to a bot
I don't want to talk to you anymore
I'm not talking to a computer
Get me a real person, not a bot
not a bot, a person
stop wasting my time with this bot
no more bots please
please escalate my complaint
Transfer me to an agent
Please transfer me now.
why don't you transfer me to a human
why can't I speak to a person?
isn't there anybody I can talk to?
I can't reach a human
how do I speak to customer service?
what do I have to do to speak to a person
let me speak to the person in charge
is there someone else I can talk to
who can I talk to about this?
If possible I'd like to talk to a human
could you transfer me to a person if possible?
if you could get me a human that would be great
I want to speak to a humna
i need to tlak to a persn
No I want a human
no please transfer me to an agent
I don't want an apology I want a human
I don't think you understand, can I speak to a person
My order never came. Human please.
Are you a bot? I want to talk to a human.
I already asked to speak to a person
I told you I want to talk to a manager
I'd like to be transferred to a human
I'd like to raise this with a supervisor
can this be looked at by a human?
would it be possible to have a human take over?
please ask a colleague to contact me
a human should look at this
I will only speak to a human
I don't feel comfortable giving my details to a machine
""".strip().splitlines()

DECLINES = """
I don't want a human
I really don't want to talk to a human
I do not need a person
no need for an agent
there's no need to transfer me
I'd rather not talk to a person
please don't transfer me
don't connect me with anyone
I don't want to be transferred
I would prefer not to be transferred to another agent
can you sort this out without transferring me
Thanks, no human needed
I can't talk to anyone right now, just message me
I don't think I need a human for this
please do this without involving another agent
Get me a human. Actually no, don't transfer me.
""".strip().splitlines()

SAYS_NOTHING = """
are you a bot?
Are you human?
are you a real person or a machine
am I talking to a human?
is this a bot, or a real person?
I'm not a robot
I am a human being
my travel agent booked it
I need to talk to my travel agent first
do you sell cleaning agents
is this representative of the colour?
a table for one person
one person only
I want to send it to another person
can someone help me?
can someone else pick it up
I want someone else to receive it
somebody took my parcel
I spoke to an agent yesterday
your agent told me to contact a manager
she said to speak to an agent if it's late
do I need to talk to an agent to change my address?
should I contact an agent?
I'll talk to my bank
I need to talk to my manager first
change the account manager name
I'd like to buy a coffee machine
I don't want this machine
I want to transfer money
transfer me 50 dollars back
transfer me to the premium plan
connect me to the wifi
I was transferred twice already
before you transfer me, check the order
human resources told me to order it
Is there an agent fee?
which agent handled my order?
rate the agent 5 stars
talk to you tomorrow then
is there someone at home to receive it
You're better than a human
""".strip().splitlines()

UNDER_A_CONDITION = """
If you can't do that, I'd like to speak to a human
I'd like a human if you can't fix it
if not I want to talk to a person
Once the booking is done, please transfer me to an agent
unless you can refund me now, get me a manager
fix it, otherwise I want to speak to a manager
Can you check that again or transfer me to a supervisor
""".strip().splitlines()


def wish(text: str) -> str | None:
    said = stance(text)
    return said.wish if said else None


@pytest.mark.parametrize("text", ASKS)
def test_a_request_for_a_person_is_understood(text: str) -> None:
    assert wish(text) == "asks"


@pytest.mark.parametrize("text", DECLINES)
def test_a_person_declined_is_not_asked_for(text: str) -> None:
    assert wish(text) == "declines"


@pytest.mark.parametrize("text", SAYS_NOTHING)
def test_people_and_bots_may_be_mentioned(text: str) -> None:
    assert wish(text) is None


@pytest.mark.parametrize("text", UNDER_A_CONDITION)
def test_a_request_under_a_condition_is_told_apart(text: str) -> None:
    assert wish(text) == "asks_if"


@given(st.sampled_from(ASKS), st.sampled_from([str.upper, str.title, str.swapcase]))
def test_capitals_do_not_matter(text: str, write: object) -> None:
    assert callable(write)
    assert wish(write(text)) == "asks"


@given(st.sampled_from(ASKS + DECLINES))
def test_apostrophes_may_be_curly_or_missing(text: str) -> None:
    assert wish(text.replace("'", "\u2019")) == wish(text.replace("'", "")) == wish(text)


@given(st.sampled_from(ASKS), st.sampled_from(["My order is late. ", "Hello!\n", "ok. "]))
def test_what_stands_before_a_request_does_not_hide_it(text: str, before: str) -> None:
    assert wish(before + text) == "asks"


@given(st.text(max_size=400))
def test_any_text_can_be_judged_and_what_is_quoted_was_written(text: str) -> None:
    said = stance(text)
    assert said is None or said.sentence in text


def view(*said: tuple[Side, str], answered: int = 0) -> View:
    messages = [Message(by, text, seq) for seq, (by, text) in enumerate(said, 1)]
    return View(messages=tuple(messages), calls=(), turn=1, answered=answered)


def test_the_reason_quotes_what_was_said() -> None:
    [reason] = asks_for_human(view(("customer", "Where is it? Can I talk to someone?")))
    assert reason.text == "Asked for a person: “Can I talk to someone?”"
    assert (reason.signal, reason.score, reason.evidence) == ("asks_for_human", 1.0, {"seq": 1})


def test_a_long_sentence_is_quoted_in_short() -> None:
    [reason] = asks_for_human(view(("customer", "I want a human " + "because of it " * 40)))
    assert reason.text.endswith("…”")
    assert len(reason.text) < 150


def test_a_condition_counts_less_than_a_request() -> None:
    [reason] = asks_for_human(view(("customer", "If you can't, get me a manager")))
    assert 0 < reason.score < 0.7


def test_what_was_answered_is_not_asked_again() -> None:
    said: list[tuple[Side, str]] = [
        ("customer", "I want a human"),
        ("assistant", "Hm."),
        ("customer", "Where is it?"),
    ]
    assert asks_for_human(view(*said, answered=2)) == []


def test_every_unanswered_message_is_heard() -> None:
    [reason] = asks_for_human(view(("customer", "I want a human"), ("customer", "It is urgent")))
    assert reason.evidence == {"seq": 1}


def test_a_wish_can_be_taken_back_in_the_next_message() -> None:
    said = view(("customer", "I want a human"), ("customer", "never mind, no need for an agent"))
    assert asks_for_human(said) == []


OFFER: tuple[Side, str] = (
    "assistant",
    "I cannot change that. Would you like me to transfer you to a colleague?",
)


@pytest.mark.parametrize("answer", ["yes", "Yes please!", "ok, do that", "Sure, thanks"])
def test_a_yes_to_an_offered_person_asks_for_one(answer: str) -> None:
    [reason] = asks_for_human(view(OFFER, ("customer", answer)))
    assert reason.text == f"Said yes to a person: “{answer}”"
    assert reason.score == 1.0


@pytest.mark.parametrize("answer", ["no", "no thanks", "yes, what does it cost?", "thanks"])
def test_another_answer_to_the_offer_asks_for_nobody(answer: str) -> None:
    assert asks_for_human(view(OFFER, ("customer", answer))) == []


def test_a_yes_to_a_choice_says_nothing() -> None:
    choice: tuple[Side, str] = ("assistant", "Shall I cancel it or connect you with a colleague?")
    assert asks_for_human(view(choice, ("customer", "yes"))) == []


def test_a_yes_to_something_else_asks_for_nobody() -> None:
    assert asks_for_human(view(("assistant", "Shall I cancel it?"), ("customer", "yes"))) == []
