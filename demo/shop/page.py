"""The shop's page: its goods, who it is signed in as, their orders, and the chat."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from pathlib import Path

import jwt
from aiohttp import web

from demo.answers import CURRENCY, money, respond
from demo.shop import orders
from demo.shop.context import SHOP
from demo.shop.goods import BY_SLUG, GOODS, Good
from demo.shop.people import DEMO_CUSTOMERS, Customer
from demo.shop.refusals import Refused

FILES = Path(__file__).parent.parent / "page"
TOKEN_LIFE = timedelta(hours=1)

_CUSTOMERS = {customer.id: customer for customer in DEMO_CUSTOMERS}


def add_routes(app: web.Application) -> None:
    """Serve the page at `/`, and what it needs under `/demo`."""
    app.router.add_get("/", _show)
    app.router.add_get("/demo/token", _token)
    app.router.add_get("/demo/orders", _orders)
    app.router.add_static("/demo/static", FILES / "static")


async def _show(request: web.Request) -> web.Response:
    filled = {
        "{{notice}}": escape(request.app[SHOP].notice),
        "{{goods}}": "\n".join(_good(good) for good in GOODS),
        "{{customers}}": "\n".join(_choice(customer) for customer in DEMO_CUSTOMERS),
    }
    text = (FILES / "index.html").read_text()
    for place, content in filled.items():
        text = text.replace(place, content)
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-cache"})


def _good(good: Good) -> str:
    return (
        f'<li><span class="art" style="--tint: {good.tint}"><svg viewBox="0 0 200 200"'
        f' aria-hidden="true"><use href="/demo/static/goods.svg#{good.slug}"/></svg></span>'
        f"<h3>{escape(good.title)}<span>${money(good.price_minor)}</span></h3>"
        f"<p>{escape(good.caption)}</p></li>"
    )


def _choice(customer: Customer) -> str:
    return f'<option value="{customer.id}">{escape(customer.address.name)}</option>'


async def _token(request: web.Request) -> web.Response:
    """Sign somebody in: a real shop would look at its own session here."""
    shop, customer = request.app[SHOP], _asked(request)
    if not shop.customer_secret:
        raise Refused(404, "no_secret", "This shop has no secret to sign its customers in with.")
    claims = {
        "aud": "handrail",
        "sub": customer.id,
        "name": customer.address.name,
        "email": customer.email,
        "iat": shop.now(),
        "exp": shop.now() + TOKEN_LIFE,
    }
    response = respond({"token": jwt.encode(claims, shop.customer_secret, algorithm="HS256")})
    response.headers["Cache-Control"] = "no-store"
    return response


async def _orders(request: web.Request) -> web.Response:
    db, customer = request.app[SHOP].db, _asked(request)
    shown = []
    for order in orders.orders_of(db, customer.id):
        parcel = orders.shipment(db, order)
        shown.append(
            {
                "order_id": order.id,
                "title": order.title,
                "good": order.items[0].good,
                "tint": BY_SLUG[order.items[0].good].tint,
                "status": order.status,
                "placed_on": order.placed_at[:10],
                "expected_on": parcel.get("expected_on"),
                "delivered_on": parcel.get("delivered_on"),
                "delayed": parcel["status"] == "delayed",
                "paid": money(order.paid_minor),
                "refunded": money(order.refunded_minor),
                "currency": CURRENCY,
            }
        )
    return respond({"orders": shown})


def _asked(request: web.Request) -> Customer:
    customer = _CUSTOMERS.get(request.query.get("customer", ""))
    if customer is None:
        raise Refused(404, "no_such_customer", "The demo has no such customer.")
    return customer
