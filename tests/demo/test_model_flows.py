"""What the stand-in does with a customer, against the real shop."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.demo.conftest import Shop
from tests.demo.talk import Conversation

Chat: TypeAlias = Callable[..., Conversation]


def tools_called(conversation: Conversation) -> list[str]:
    return [tool for tool, _ in conversation.called]


async def test_it_finds_a_parcel_by_its_order_number(chat: Chat) -> None:
    conversation = chat("jonas")

    reply = await conversation.say("Where is order TF-20904?")

    assert conversation.called == [("get_shipment", {"order_id": "TF-20904"})]
    assert "TF-20904 is on its way" in reply


async def test_without_a_number_it_looks_for_every_parcel_under_way(chat: Chat) -> None:
    conversation = chat("jonas")

    reply = await conversation.say("Hi, where is my order?")

    assert tools_called(conversation) == ["find_orders", "get_shipment", "get_shipment"]
    assert "TF-20931 is still being packed" in reply
    assert "TF-20904 is on its way" in reply


async def test_a_late_parcel_is_called_late(chat: Chat) -> None:
    assert "TF-20889 is late" in await chat("elena").say("my tent has not arrived, where is it?")


async def test_a_large_refund_is_asked_for_once_and_told_as_waiting(
    chat: Chat, tarnfield: Shop
) -> None:
    conversation = chat("jonas")

    reply = await conversation.say("I want my money back for TF-20871.")
    again = await conversation.say("Please refund TF-20871!")
    news = await conversation.say("Any news about my refund?")

    _, asked = conversation.called[1]
    assert (asked["order_id"], asked["amount"]) == ("TF-20871", 180)
    assert tools_called(conversation).count("issue_refund") == 1
    assert "A colleague must approve it first; nothing has been paid yet" in reply
    assert again == news
    assert "has not decided" in news
    assert await tarnfield.effects() == []


async def test_an_approved_refund_is_told_as_paid(chat: Chat) -> None:
    conversation = chat("jonas")
    await conversation.say("I want my money back for TF-20871.")
    paid = await conversation.call_tool(
        "issue_refund", {"order_id": "TF-20871", "amount": 180}, key="k1"
    )

    reply = await conversation.decide(conversation.hold, "succeeded", json.loads(paid))

    assert reply.startswith("Good news, a colleague approved it.")
    assert "$180.00 for TF-20871 is paid back to your Visa ending 4410" in reply
    assert (await conversation.say("I want a refund for TF-20871")).startswith(
        "TF-20871 is already paid back in full"
    )


@pytest.mark.parametrize(
    ("status", "result", "expected"),
    [
        ("rejected", {"reason": "The jacket was worn"}, "The reason: The jacket was worn. Nothing"),
        ("rejected", None, "decided against it. Nothing has been paid"),
        (
            "failed",
            {"error": {"error": "Only $2.00 is left.", "code": "too_much"}},
            "could not be carried out. Only $2.00 is left. Nothing has been paid",
        ),
        ("unknown", None, "I cannot tell yet whether the refund of $180.00"),
        ("expired", None, "it has lapsed. Nothing has been paid"),
        ("withdrawn", None, "You withdrew the refund of $180.00"),
    ],
)
async def test_a_decision_is_told_as_it_is(
    chat: Chat, status: str, result: object, expected: str
) -> None:
    conversation = chat("jonas")
    await conversation.say("I want my money back for TF-20871.")

    reply = await conversation.decide(conversation.hold, status, result)

    assert expected in reply
    assert "paid back" not in reply


async def test_a_refund_that_was_decided_against_is_not_asked_for_again(chat: Chat) -> None:
    conversation = chat("jonas")
    await conversation.say("I want my money back for TF-20871.")
    await conversation.decide(conversation.hold, "rejected", {"reason": "worn"})

    reply = await conversation.say("But I want a refund for TF-20871!")

    assert "decided against" in reply
    assert tools_called(conversation).count("issue_refund") == 1


async def test_one_article_of_an_order_is_refunded_at_once_when_it_is_small(
    chat: Chat, tarnfield: Shop
) -> None:
    conversation = chat("jonas")

    reply = await conversation.say("The mug from TF-20316 leaks, please refund it")

    assert "$18.00 for TF-20316 is paid back" in reply
    assert [effect["amount"] for effect in await tarnfield.effects()] == [18]


async def test_more_than_is_left_is_not_asked_for_without_a_word(chat: Chat) -> None:
    conversation = chat("priya")

    question = await conversation.say("Refund $500 for TF-20847")
    assert "only $128.00 is left" in question
    assert "issue_refund" not in tools_called(conversation)

    await conversation.say("Yes please")
    assert conversation.called[-1][1]["amount"] == 128


async def test_it_asks_which_order_and_takes_the_article_for_an_answer(chat: Chat) -> None:
    conversation = chat("jonas")

    question = await conversation.say("I'd like a refund")
    assert question.startswith("Which order")
    assert "TF-20904: Haar wool blanket, $96.00, on its way" in question

    await conversation.say("the blanket")
    tool, asked = conversation.called[-1]
    assert (tool, asked["order_id"], asked["amount"]) == ("issue_refund", "TF-20904", 96)


async def test_it_follows_the_order_just_spoken_of(chat: Chat) -> None:
    conversation = chat("jonas")
    await conversation.say("where is TF-20904")

    await conversation.say("It takes too long. I want my money back for it")

    assert conversation.called[-1][1]["order_id"] == "TF-20904"


async def test_it_cancels_only_after_a_yes(chat: Chat, tarnfield: Shop) -> None:
    conversation = chat("priya")

    question = await conversation.say("Please cancel TF-20927")
    assert "Shall I cancel it?" in question
    assert await tarnfield.effects() == []

    reply = await conversation.say("yes, go ahead")
    assert "TF-20927 is cancelled. $482.00 goes back to your Mastercard ending 0932" in reply
    assert [effect["tool"] for effect in await tarnfield.effects()] == ["cancel_order"]


async def test_a_yes_to_another_question_cancels_nothing(chat: Chat, tarnfield: Shop) -> None:
    conversation = chat("jonas")

    first = await conversation.say("ok then cancel my order")
    again = await conversation.say("yes, cancel TF-20904")

    assert "TF-20931 (2 × Ember mug, $36.00) has not left yet. Shall I cancel it?" in first  # noqa: RUF001
    assert "TF-20904 has left our warehouse" in again
    assert await tarnfield.effects() == []


async def test_days_and_counts_are_not_taken_for_articles(chat: Chat) -> None:
    question = await chat("jonas").say("I ordered 2 days ago and want a refund")

    assert question.startswith("Which order")


async def test_a_no_leaves_the_order_alone(chat: Chat, tarnfield: Shop) -> None:
    conversation = chat("priya")
    await conversation.say("Please cancel TF-20927")

    assert "leave it" in await conversation.say("no, never mind")
    assert await tarnfield.effects() == []


async def test_what_was_sent_cannot_be_cancelled(chat: Chat) -> None:
    reply = await chat("jonas").say("cancel order TF-20904")

    assert "has left our warehouse" in reply


async def test_it_asks_for_the_address_and_changes_it(chat: Chat, tarnfield: Shop) -> None:
    conversation = chat("jonas")

    assert "Where shall TF-20931 go?" in await conversation.say("Change the address of TF-20931")
    reply = await conversation.say("12 Harbour Street, 04109 Leipzig, Germany")

    assert reply == "TF-20931 will go to 12 Harbour Street, 04109 Leipzig, Germany."
    assert [effect["tool"] for effect in await tarnfield.effects()] == ["change_address"]


async def test_a_whole_address_is_taken_at_once(chat: Chat) -> None:
    conversation = chat("jonas")
    text = "Please change the address of TF-20931 to 45 Pine Street, Seattle, WA 98101, USA"

    await conversation.say(text)

    assert conversation.called[-1] == (
        "change_address",
        {
            "order_id": "TF-20931",
            "street": "45 Pine Street",
            "city": "Seattle, WA",
            "postcode": "98101",
            "country": "United States",
        },
    )


async def test_a_visitor_is_asked_for_a_number_and_a_proof(chat: Chat) -> None:
    conversation = chat()

    assert "order number" in await conversation.say("Where is my order?")
    assert "e-mail address or postcode" in await conversation.say("TF-20871")
    reply = await conversation.say("10999")

    assert conversation.called[-1][1] == {"order_id": "TF-20871", "contact": "10999"}
    assert "TF-20871 was delivered on 12 November" in reply


async def test_it_lists_the_orders_of_a_customer(chat: Chat) -> None:
    reply = await chat("elena").say("Show all my orders, also TF-20889")

    assert [line[2:10] for line in reply.splitlines()[1:]] == ["TF-20889", "TF-20702", "TF-20655"]


async def test_the_list_says_what_was_paid_back(chat: Chat) -> None:
    reply = await chat("priya").say("show my orders")

    assert "TF-20519: Fleet socks, 36-39, $28.00, cancelled, $28.00 paid back" in reply


async def test_a_visitor_may_give_number_and_proof_at_once(chat: Chat, tarnfield: Shop) -> None:
    reply = await chat().say("refund $20 of TF-20871, jonas.albrecht@example.com")

    assert "$20.00 for TF-20871 is paid back" in reply
    assert [effect["amount"] for effect in await tarnfield.effects()] == [20]


async def test_a_visitor_cannot_list_orders(chat: Chat) -> None:
    assert "You are not signed in" in await chat().say("show my orders")


async def test_a_visitor_with_the_wrong_proof_may_try_again(chat: Chat) -> None:
    conversation = chat()

    assert "cannot find" in await conversation.say("Where is TF-20871? My postcode is 97205")
    assert "delivered" in await conversation.say("sorry: TF-20871, jonas.albrecht@example.com")


async def test_another_customers_order_is_not_found(chat: Chat) -> None:
    assert "cannot find that order" in await chat("jonas").say("where is TF-20889?")


async def test_it_answers_from_the_shops_knowledge(chat: Chat) -> None:
    conversation = chat()

    assert "2 to 4 working days" in await conversation.say("How long does delivery take?")
    assert "within 30 days" in await conversation.say("I want to send something back")
    assert "two years" in await conversation.say("is a broken zip covered by the warranty?")
    assert "By chest" in await conversation.say("Which size fits me?")
    assert conversation.called == []


async def test_a_question_about_refunds_in_general_refunds_nothing(chat: Chat) -> None:
    conversation = chat("jonas")

    for question in ("How do refunds work?", "When will I get a refund?", "I don't want a refund"):
        await conversation.say(question)

    assert conversation.called == []


async def test_a_number_alone_is_looked_up_and_nothing_is_done(chat: Chat, tarnfield: Shop) -> None:
    conversation = chat("jonas")

    reply = await conversation.say("I have a question, it is about TF-20871")

    assert tools_called(conversation) == ["get_order"]
    assert "Skerry rain jacket, M" in reply
    assert await tarnfield.effects() == []


@pytest.mark.parametrize("text", ["What is the capital of Peru?", "asdf", "🙂", " "])
async def test_what_it_does_not_know_it_says(chat: Chat, text: str) -> None:
    reply = await chat().say(text)

    assert "That I do not know" in reply
    assert "Talk to a person" in reply


async def test_it_says_what_it_is_and_does_not_promise_a_person(chat: Chat) -> None:
    conversation = chat()

    assert "demo model" in await conversation.say("Are you a bot?")
    assert "Press “Talk to a person”" in await conversation.say("Can I talk to a human?")


async def test_it_calls_only_tools_that_are_offered(chat: Chat) -> None:
    conversation = chat("jonas", tools=("find_orders", "get_order"))

    reply = await conversation.say("Refund TF-20871")

    assert tools_called(conversation) == ["get_order"]
    assert reply.startswith("That I cannot do from here.")


async def test_a_tool_that_fails_is_told_without_a_promise(chat: Chat) -> None:
    conversation = chat("jonas")
    conversation.shop_url += "/nowhere"

    reply = await conversation.say("where is TF-20904?")

    assert "That did not work, and nothing was changed" in reply


async def test_a_denied_refund_is_told_with_its_reason(chat: Chat) -> None:
    conversation = chat("jonas")
    await conversation.say("I want my money back for TF-20871.")
    denial = {"error": "not this customer's order"}
    conversation.messages[-2]["content"] = json.dumps(denial)
    del conversation.messages[-1]

    reply = await conversation.turn()

    assert "nothing was changed. not this customer's order." in reply


async def test_an_unknown_result_is_told_as_unknown(chat: Chat) -> None:
    conversation = chat("jonas")
    await conversation.say("I want my money back for TF-20871.")
    unknown = {"status": "unknown", "note": "outcome not known; do not re-issue"}
    conversation.messages[-2]["content"] = json.dumps(unknown)
    del conversation.messages[-1]

    assert "I cannot tell yet whether the refund of $180.00" in await conversation.turn()


async def test_a_decision_and_a_question_are_answered_together(chat: Chat) -> None:
    conversation = chat("jonas")
    await conversation.say("I want my money back for TF-20871.")
    outcome = {"hold": conversation.hold, "status": "rejected", "result": {"reason": "worn"}}
    conversation.messages.append({"role": "system", "content": json.dumps(outcome)})

    reply = await conversation.say("And where is TF-20904?")

    assert "The reason: worn." in reply
    assert "TF-20904 is on its way" in reply


async def test_what_a_person_changed_is_what_was_done(chat: Chat) -> None:
    conversation = chat("jonas")
    await conversation.say("I want my money back for TF-20871.")
    lowered = {"order_id": "TF-20871", "amount": 150}
    edited = {"hold": conversation.hold, "status": "approved", "arguments": lowered}
    conversation.messages.append({"role": "system", "content": json.dumps(edited)})

    reply = await conversation.decide(conversation.hold, "succeeded", {"to": "Visa ending 4410"})

    assert "$150.00 for TF-20871 is paid back" in reply
    assert "$180.00" not in reply
    assert "I cannot tell" not in reply


async def test_an_answer_to_a_person_needs_no_reply(chat: Chat) -> None:
    conversation = chat("jonas")
    await conversation.say("I want my money back for TF-20871.")
    asked = {"hold": conversation.hold, "status": "needs_info", "question": "Is it worn?"}
    conversation.messages += [
        {"role": "system", "content": json.dumps(asked)},
        {"role": "user", "content": "Where would it be?"},
    ]

    reply = await conversation.decide(conversation.hold, "succeeded", {"to": "Visa ending 4410"})

    assert reply.startswith("Good news, a colleague approved it. $180.00 for TF-20871")
    assert "\n" not in reply
    assert "TF-20904 is on its way" in await conversation.say("Where is TF-20904?")


async def test_what_was_pending_ends_when_a_colleague_has_answered(chat: Chat) -> None:
    conversation = chat("priya")
    await conversation.say("Please cancel TF-20927")
    conversation.messages += [
        {"role": "system", "content": "Mara, a colleague, has the conversation now."},
        {"role": "assistant", "content": "Do you want the tent sooner instead?"},
        {"role": "user", "content": "Yes"},
        {"role": "assistant", "content": "Done, it leaves today."},
        {"role": "system", "content": "You have the conversation again."},
    ]

    await conversation.say("Yes, thank you!")

    assert tools_called(conversation) == ["get_order"]


async def test_what_was_asked_while_waiting_in_line_is_answered_on_return(chat: Chat) -> None:
    conversation = chat("jonas")
    conversation.messages += [
        {"role": "user", "content": "where is TF-20904?"},
        {"role": "system", "content": "You have the conversation again."},
    ]

    assert "TF-20904 is on its way" in await conversation.turn()
