"""What the shop does: once a key, by its rules, or not at all."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.demo.conftest import Shop

REFUND = {"order_id": "TF-20871", "amount": 100.5}
ADDRESS = {"street": "1 New Road", "city": "Bath", "postcode": "BA1 1AA", "country": "UK"}


async def test_a_refund_is_paid_once_for_one_key(tarnfield: Shop) -> None:
    calls = [tarnfield.call("issue_refund", REFUND, customer="jonas", key="k1") for _ in range(5)]
    answers = await asyncio.gather(*calls)

    assert all(answer == answers[0] for answer in answers)
    status, paid = answers[0]
    assert (status, paid["amount"], paid["left"]) == (200, 100.5, 79.5)
    assert paid["to"] == "Visa ending 4410"
    assert await tarnfield.effects() == [
        {"tool": "issue_refund", "key": "k1", "order_id": "TF-20871", "amount": 100.5}
    ]


async def test_another_key_is_another_refund(tarnfield: Shop) -> None:
    for key in ("k1", "k2"):
        small = {"order_id": "TF-20871", "amount": 50}
        assert (await tarnfield.call("issue_refund", small, customer="jonas", key=key))[0] == 200

    assert [effect["amount"] for effect in await tarnfield.effects()] == [50, 50]


async def test_a_key_is_not_taken_for_another_call(tarnfield: Shop) -> None:
    await tarnfield.call("issue_refund", REFUND, customer="jonas", key="k1")

    more = REFUND | {"amount": 101}
    other_amount = await tarnfield.call("issue_refund", more, customer="jonas", key="k1")
    number = {"order_id": "TF-20931"}
    other_tool = await tarnfield.call("cancel_order", number, customer="jonas", key="k1")

    assert (other_amount[0], other_amount[1]["code"]) == (422, "key_reused")
    assert (other_tool[0], other_tool[1]["code"]) == (422, "key_reused")
    assert len(await tarnfield.effects()) == 1


async def test_a_refusal_is_repeated_for_its_key(tarnfield: Shop) -> None:
    too_much = {"order_id": "TF-20871", "amount": 1000}
    first = await tarnfield.call("issue_refund", too_much, customer="jonas", key="k1")
    again = await tarnfield.call("issue_refund", too_much, customer="jonas", key="k1")

    assert first == again
    assert first[0] == 422


async def test_what_a_key_did_can_be_looked_up(tarnfield: Shop) -> None:
    too_much = {"order_id": "TF-20871", "amount": 1000}
    await tarnfield.call("issue_refund", REFUND, customer="jonas", key="k1")
    await tarnfield.call("issue_refund", too_much, customer="jonas", key="k2")
    found = [await tarnfield.call("find_effect", {"key": key}) for key in ("k1", "k2", "k3")]

    done = {"status": "done", "id": "ledger 1"}
    assert found == [(200, done), (200, {"status": "none"}), (200, {"status": "none"})]


async def test_a_write_without_a_key_is_refused(tarnfield: Shop) -> None:
    status, refusal = await tarnfield.call("issue_refund", REFUND, customer="jonas")

    assert (status, refusal["code"]) == (400, "key_needed")
    assert await tarnfield.effects() == []


async def test_no_more_is_refunded_than_is_left(tarnfield: Shop) -> None:
    await tarnfield.call("issue_refund", REFUND, customer="jonas", key="k1")

    rest = {"order_id": "TF-20871", "amount": 79.51}
    over = await tarnfield.call("issue_refund", rest, customer="jonas", key="k2")
    exact = await tarnfield.call(
        "issue_refund", rest | {"amount": 79.5}, customer="jonas", key="k3"
    )
    none = await tarnfield.call("issue_refund", rest | {"amount": 0.01}, customer="jonas", key="k4")

    assert over == (
        422,
        {"error": "Only $79.50 of TF-20871 is left to refund.", "code": "too_much"},
    )
    assert exact[0] == 200
    assert none == (
        422,
        {"error": "TF-20871 is already refunded in full.", "code": "too_much"},
    )


@pytest.mark.parametrize("amount", ["0", "-5", "0.001", "1e-9", "1e400"])
async def test_an_amount_that_cannot_be_paid_is_refused(tarnfield: Shop, amount: str) -> None:
    url = f"{tarnfield.url}/tools/issue_refund"
    headers = {"X-Customer-Id": "jonas", "Idempotency-Key": "k"}
    body = f'{{"arguments": {{"order_id": "TF-20871", "amount": {amount}}}}}'
    async with tarnfield.session.post(url, data=body, headers=headers) as answer:
        assert answer.status in {400, 422}
    assert await tarnfield.effects() == []


async def test_another_customers_order_is_not_refunded(tarnfield: Shop) -> None:
    status, refusal = await tarnfield.call("issue_refund", REFUND, customer="elena", key="k1")

    assert (status, refusal["code"]) == (404, "not_found")
    assert await tarnfield.effects() == []


async def test_a_visitor_refunds_only_with_the_orders_postcode(tarnfield: Shop) -> None:
    wrong = await tarnfield.call("issue_refund", REFUND | {"contact": "97205"}, key="k1")
    right = await tarnfield.call("issue_refund", REFUND | {"contact": "10999"}, key="k2")

    assert (wrong[0], right[0]) == (404, 200)
    assert [effect["key"] for effect in await tarnfield.effects()] == ["k2"]


async def test_an_order_is_cancelled_before_it_is_sent_and_paid_back(tarnfield: Shop) -> None:
    number = {"order_id": "TF-20931"}
    status, cancelled = await tarnfield.call("cancel_order", number, customer="jonas", key="k1")
    again, refusal = await tarnfield.call("cancel_order", number, customer="jonas", key="k2")

    assert (status, cancelled["refunded"]) == (200, 36)
    assert (again, refusal["code"]) == (422, "already_sent")
    assert [effect["amount"] for effect in await tarnfield.effects()] == [36]
    _, order = await tarnfield.call("get_order", number, customer="jonas")
    assert (order["status"], order["refundable"], order["can_cancel"]) == ("cancelled", 0, False)


async def test_an_address_changes_only_before_the_order_is_sent(tarnfield: Shop) -> None:
    packed = {"order_id": "TF-20931"} | ADDRESS
    sent = {"order_id": "TF-20904"} | ADDRESS
    assert (await tarnfield.call("change_address", packed, customer="jonas", key="k1"))[0] == 200
    assert (await tarnfield.call("change_address", sent, customer="jonas", key="k2"))[0] == 422

    _, order = await tarnfield.call("get_order", {"order_id": "TF-20931"}, customer="jonas")
    assert order["ship_to"] == ADDRESS | {"name": "Jonas Albrecht"}
    assert [effect["key"] for effect in await tarnfield.effects()] == ["k1"]


async def test_an_order_that_was_sent_is_not_cancelled(tarnfield: Shop) -> None:
    number = {"order_id": "TF-20904"}
    status, refusal = await tarnfield.call("cancel_order", number, customer="jonas", key="k1")

    assert status == 422
    assert refusal["error"] == "TF-20904 is shipped; it can no longer be cancelled."


async def test_the_ledger_names_the_conversation(tarnfield: Shop) -> None:
    await tarnfield.call(
        "issue_refund", REFUND, customer="jonas", key="k1", X_Conversation_Id="c_1"
    )
    _, ledger = await tarnfield.get("/ledger")

    assert ledger["effects"] == [
        {
            "seq": 1,
            "at": "2026-11-23T12:00:00+00:00",
            "tool": "issue_refund",
            "key": "k1",
            "conversation": "c_1",
            "order_id": "TF-20871",
            "amount": 100.5,
            "currency": "USD",
        }
    ]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"arguments": 1}',
        '{"arguments": {}}',
        json.dumps({"arguments": {"order_id": 20871}}),
        json.dumps({"arguments": {"order_id": "TF-20871", "secret": True}}),
    ],
)
async def test_arguments_that_do_not_fit_are_refused(tarnfield: Shop, body: str) -> None:
    url = f"{tarnfield.url}/tools/get_order"
    async with tarnfield.session.post(url, data=body) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "bad_arguments")


async def test_a_tool_that_does_not_exist_is_refused(tarnfield: Shop) -> None:
    status, refusal = await tarnfield.call("delete_everything", {})

    assert (status, refusal["code"]) == (404, "no_such_tool")
