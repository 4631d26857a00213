"""The shop's orders: generated once, kept, and shown to whom they belong."""

from __future__ import annotations

from collections import Counter

from demo.shop import seed
from demo.shop.goods import GOODS
from tests.demo.conftest import FIRST_DAY, Clock, OpenShop, Shop


def test_a_few_hundred_orders_are_generated_the_same_each_time() -> None:
    orders = seed.orders(FIRST_DAY.date())

    assert orders == seed.orders(FIRST_DAY.date())
    assert len({order.id for order in orders}) == len(orders)
    assert 300 <= len(orders) <= 400
    assert all(n >= 5 for n in Counter(order.status for order in orders).values())
    assert {line.good for order in orders for line in order.lines} == set(GOODS)


def test_no_order_or_parcel_is_of_the_future() -> None:
    for order in seed.orders(FIRST_DAY.date()):
        assert order.placed_at <= FIRST_DAY
        scans = order.shipment.scans if order.shipment else ()
        assert [scan.at for scan in scans] == sorted(scan.at for scan in scans)
        assert all(order.placed_at < scan.at <= FIRST_DAY for scan in scans)


def test_nobody_was_refunded_more_than_they_paid() -> None:
    orders = seed.orders(FIRST_DAY.date())

    assert all(0 <= order.refunded_minor <= order.total_minor for order in orders)
    assert any(0 < order.refunded_minor < order.total_minor for order in orders)


async def test_a_signed_in_customer_lists_their_own_orders(tarnfield: Shop) -> None:
    status, found = await tarnfield.call("find_orders", {}, customer="jonas")

    assert status == 200
    numbers = [order["order_id"] for order in found["orders"]]
    assert numbers == ["TF-20931", "TF-20904", "TF-20871", "TF-20316"]


async def test_orders_are_found_by_status_and_article(tarnfield: Shop) -> None:
    _, shipped = await tarnfield.call("find_orders", {"status": "shipped"}, customer="jonas")
    _, with_mug = await tarnfield.call("find_orders", {"item": "mug"}, customer="jonas")

    assert [order["order_id"] for order in shipped["orders"]] == ["TF-20904"]
    assert [order["order_id"] for order in with_mug["orders"]] == ["TF-20931", "TF-20316"]


async def test_a_visitor_who_is_not_signed_in_lists_nothing(tarnfield: Shop) -> None:
    status, refusal = await tarnfield.call("find_orders", {})

    assert (status, refusal["code"]) == (403, "sign_in_needed")


async def test_an_order_shows_its_items_and_exact_money(tarnfield: Shop) -> None:
    url = f"{tarnfield.url}/tools/get_order"
    body = {"arguments": {"order_id": "TF-20316"}}
    headers = {"X-Customer-Id": "jonas"}
    async with tarnfield.session.post(url, json=body, headers=headers) as answer:
        raw, order = await answer.text(), await answer.json()

    assert '"paid":80.00,"refunded":0.00,"refundable":80.00,"currency":"USD"' in raw
    assert [item["total"] for item in order["items"]] == [34, 18, 28]
    assert order["customer"] == "jonas"
    assert order["ship_to"]["postcode"] == "10999"


async def test_another_customers_order_is_not_found(tarnfield: Shop) -> None:
    order = {"order_id": "TF-20889"}
    foreign = await tarnfield.call("get_order", order, customer="jonas")
    absent = await tarnfield.call("get_order", {"order_id": "TF-99999"}, customer="jonas")
    parcel = await tarnfield.call("get_shipment", order, customer="jonas")

    assert foreign[0] == absent[0] == parcel[0] == 404
    assert foreign[1]["code"] == absent[1]["code"] == "not_found"
    assert (await tarnfield.call("get_order", order, customer="elena"))[0] == 200


async def test_knowing_the_postcode_does_not_open_an_order_to_another_customer(
    tarnfield: Shop,
) -> None:
    asked = {"order_id": "TF-20889", "contact": "97205"}

    assert (await tarnfield.call("get_order", asked, customer="jonas"))[0] == 404


async def test_without_signing_in_an_order_needs_its_email_or_postcode(tarnfield: Shop) -> None:
    number = {"order_id": "TF-20847"}
    for contact, expected in (
        ("", 403),
        ("LS2 7DJ", 200),
        ("ls27dj", 200),
        ("Priya.Nair@example.com", 200),
        ("97205", 404),
    ):
        status, _ = await tarnfield.call("get_order", number | {"contact": contact})
        assert status == expected, contact


async def test_a_postcode_does_not_reveal_the_street(tarnfield: Shop) -> None:
    _, order = await tarnfield.call("get_order", {"order_id": "TF-20871", "contact": "10999"})

    assert "ship_to" not in order


async def test_evidence_sees_any_order_and_whose_it_is(tarnfield: Shop) -> None:
    status, order = await tarnfield.call(
        "get_order", {"order_id": "TF-20889"}, customer="jonas", X_Handrail_Purpose="evidence"
    )

    assert (status, order["customer"]) == (200, "elena")


async def test_a_write_does_not_pass_as_evidence(tarnfield: Shop) -> None:
    refund = {"order_id": "TF-20889", "amount": 1}
    status, _ = await tarnfield.call(
        "issue_refund", refund, customer="jonas", key="k", X_Handrail_Purpose="evidence"
    )

    assert status == 404
    assert await tarnfield.effects() == []


async def test_a_parcel_tells_where_it_is(tarnfield: Shop) -> None:
    _, moving = await tarnfield.call("get_shipment", {"order_id": "tf 20904"}, customer="jonas")
    _, late = await tarnfield.call("get_shipment", {"order_id": "TF-20889"}, customer="elena")
    _, packed = await tarnfield.call("get_shipment", {"order_id": "20931"}, customer="jonas")

    assert (moving["status"], late["status"], packed["status"]) == (
        "in_transit",
        "delayed",
        "not_sent",
    )
    assert moving["scans"][0]["what"] == "Handed to the carrier"
    assert moving["expected_on"] > FIRST_DAY.date().isoformat()


async def test_a_second_start_resumes_the_same_books(
    open_shop: OpenShop, shop_clock: Clock
) -> None:
    first = await open_shop()
    refund = {"order_id": "TF-20316", "amount": 18}
    await first.call("issue_refund", refund, customer="jonas", key="k1")
    shop_clock.advance(30 * 24 * 3600)

    second = await open_shop()

    assert await second.effects() == await first.effects()
    _, order = await second.call("get_order", {"order_id": "TF-20316"}, customer="jonas")
    assert (order["refunded"], order["placed_on"]) == (18, "2026-07-20")
