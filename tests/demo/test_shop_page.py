"""The shop's page and what it fetches."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest

from demo.shop.goods import GOODS
from tests.demo.conftest import FIRST_DAY, SECRET, OpenShop, Shop


async def page(shop: Shop) -> str:
    async with shop.session.get(f"{shop.url}/") as answer:
        assert answer.content_type == "text/html"
        return await answer.text()


async def test_the_page_carries_the_chat_and_all_goods(tarnfield: Shop) -> None:
    text = await page(tarnfield)

    assert '<script src="/widget.js" data-handrail async></script>' in text
    assert "{{" not in text
    for good in GOODS:
        assert good.title in text
        assert f"${good.price_minor / 100:.2f}" in text


async def test_the_notice_is_shown_as_text(open_shop: OpenShop) -> None:
    shop = await open_shop(notice="Demo model: <b>rules</b>")

    assert "Demo model: &lt;b&gt;rules&lt;/b&gt;" in await page(shop)


@pytest.mark.parametrize("name", ["shop.css", "shop.js", "identity.js", "goods.svg", "mark.svg"])
async def test_what_the_page_needs_is_served(tarnfield: Shop, name: str) -> None:
    async with tarnfield.session.get(f"{tarnfield.url}/demo/static/{name}") as answer:
        assert answer.status == 200


async def test_every_good_has_a_drawing(tarnfield: Shop) -> None:
    async with tarnfield.session.get(f"{tarnfield.url}/demo/static/goods.svg") as answer:
        drawings = await answer.text()

    assert all(f'<symbol id="{good.slug}"' in drawings for good in GOODS)


async def test_a_customer_gets_a_token_of_the_contract(tarnfield: Shop) -> None:
    status, answer = await tarnfield.get("/demo/token?customer=elena")

    claims = jwt.decode(
        answer["token"],
        SECRET,
        algorithms=["HS256"],
        audience="handrail",
        options={"verify_exp": False, "verify_iat": False, "require": ["exp", "aud", "sub"]},
    )
    assert status == 200
    assert (claims["sub"], claims["name"]) == ("elena", "Elena Marchetti")
    assert claims["email"] == "elena.marchetti@example.com"
    assert claims["exp"] == (FIRST_DAY + timedelta(hours=1)).timestamp()


@pytest.mark.parametrize("customer", ["", "nobody", "c-1001"])
async def test_nobody_else_gets_a_token_or_a_list(tarnfield: Shop, customer: str) -> None:
    assert (await tarnfield.get(f"/demo/token?customer={customer}"))[0] == 404
    assert (await tarnfield.get(f"/demo/orders?customer={customer}"))[0] == 404


async def test_without_a_secret_nobody_is_signed_in(open_shop: OpenShop) -> None:
    shop = await open_shop()

    assert (await shop.get("/demo/token?customer=elena"))[0] == 404


async def test_the_list_of_orders_follows_what_happens_to_them(tarnfield: Shop) -> None:
    refund = {"order_id": "TF-20655", "amount": 62}
    await tarnfield.call("issue_refund", refund, customer="elena", key="k1")

    _, found = await tarnfield.get("/demo/orders?customer=elena")

    shown = {order["order_id"]: order for order in found["orders"]}
    assert list(shown) == ["TF-20889", "TF-20702", "TF-20655"]
    assert shown["TF-20889"]["delayed"]
    assert (shown["TF-20655"]["paid"], shown["TF-20655"]["refunded"]) == (62, 62)
