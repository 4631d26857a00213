"""The tools the assistant calls over HTTP: `POST /tools/<name>` with `{"arguments": {…}}`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from demo.answers import respond, send
from demo.shop import effects, orders
from demo.shop.context import SHOP, Shop
from demo.shop.effects import Cause
from demo.shop.once import once
from demo.shop.orders import Visitor
from demo.shop.people import Address
from demo.shop.refusals import Refused
from demo.shop.signature import verify

Text = Annotated[str, Meta(min_length=1, max_length=200)]


class FindOrders(Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the customer's orders to list; `item` is a word of an article's name."""

    status: Literal["processing", "shipped", "delivered", "cancelled"] | None = None
    item: str = ""


class OneOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which order; `contact` is for somebody who is not signed in."""

    order_id: Text
    contact: str = ""


class ChangeAddress(OneOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an order shall go instead; without a name it stays the same person's."""

    street: Text
    city: Text
    postcode: Text
    country: Text
    name: str = ""


class CancelOrder(OneOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which order to cancel, and why."""

    reason: str = ""


class IssueRefund(OneOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of an order to pay back, and why."""

    amount: Decimal
    reason: str = ""


class FindEffect(Struct, frozen=True, forbid_unknown_fields=True):
    """By which key a write was called."""

    key: Text


class Body(Struct, frozen=True):
    """What a call carries; the arguments are read by the tool's own type, numbers exactly."""

    arguments: msgspec.Raw


@dataclass(frozen=True)
class Call:
    """A tool call as it arrived."""

    tool: str
    visitor: Visitor
    arguments: Any
    conversation: str
    key: str


@dataclass(frozen=True)
class Tool:
    """A tool: what it takes, what it does, and whether it needs a key because it writes."""

    arguments: type[FindOrders | OneOrder | FindEffect]
    run: Callable[[Shop, Call], Any]
    writes: bool = False


async def call_tool(request: web.Request) -> web.Response:
    """Run the tool named in the path; a write runs once for each `Idempotency-Key`."""
    shop = request.app[SHOP]
    tool = TOOLS.get(request.match_info["name"])
    if tool is None:
        raise Refused(404, "no_such_tool", "There is no such tool.")
    body = await request.read()
    if shop.tools_secret:
        header = request.headers.get("X-Handrail-Signature", "")
        verify(header, body, secret=shop.tools_secret, now=shop.now())
    call = _read(request, tool, body)
    if not tool.writes:
        return respond(tool.run(shop, call))
    if not call.key:
        raise Refused(400, "key_needed", "A write needs an Idempotency-Key.")
    asked = [call.tool, call.visitor.customer, call.arguments]
    status, answer = once(shop.db, call.key, asked, effect=lambda: tool.run(shop, call))
    return send(status, answer)


def _read(request: web.Request, tool: Tool, body: bytes) -> Call:
    try:
        raw = msgspec.json.decode(body, type=Body).arguments
        arguments = msgspec.json.decode(raw, type=tool.arguments)
    except msgspec.DecodeError as wrong:
        raise Refused(400, "bad_arguments", f"The arguments do not fit: {wrong}") from wrong
    visitor = Visitor(
        customer=request.headers.get("X-Customer-Id", ""),
        contact=getattr(arguments, "contact", ""),
        judging=not tool.writes and request.headers.get("X-Handrail-Purpose") == "evidence",
    )
    return Call(
        tool=request.match_info["name"],
        visitor=visitor,
        arguments=arguments,
        conversation=request.headers.get("X-Conversation-Id", ""),
        key=request.headers.get("Idempotency-Key", ""),
    )


def _find_orders(shop: Shop, call: Call) -> Any:
    if not call.visitor.customer:
        raise Refused(
            status=403,
            code="sign_in_needed",
            text="Orders are listed only for a customer who is signed in. Without, ask for the"
            " order number and the e-mail address or postcode of the order.",
        )
    wanted: FindOrders = call.arguments
    found = [
        order
        for order in orders.orders_of(shop.db, call.visitor.customer)
        if wanted.status in {None, order.status}
        and any(wanted.item.casefold() in item.name.casefold() for item in order.items)
    ]
    return {"orders": [orders.summary(order) for order in found]}


def _get_order(shop: Shop, call: Call) -> Any:
    return orders.details(_find(shop, call), call.visitor)


def _get_shipment(shop: Shop, call: Call) -> Any:
    return orders.shipment(shop.db, _find(shop, call))


def _change_address(shop: Shop, call: Call) -> Any:
    order, wanted = _find(shop, call), call.arguments
    name = wanted.name or order.ship_to.name
    address = Address(name, wanted.street, wanted.city, wanted.postcode, wanted.country)
    cause = _cause(shop, call)
    return effects.change_address(shop.db, order, cause, address=address)


def _cancel_order(shop: Shop, call: Call) -> Any:
    return effects.cancel_order(shop.db, _find(shop, call), _cause(shop, call))


def _issue_refund(shop: Shop, call: Call) -> Any:
    order, cause = _find(shop, call), _cause(shop, call)
    return effects.issue_refund(shop.db, order, cause, amount=call.arguments.amount)


def _find_effect(shop: Shop, call: Call) -> Any:
    return effects.find_effect(shop.db, call.arguments.key)


def _find(shop: Shop, call: Call) -> orders.Order:
    order_id = re.sub(r"^(TF)?[- ]*", "TF-", call.arguments.order_id.strip().upper())
    return orders.find_order(shop.db, order_id, call.visitor)


def _cause(shop: Shop, call: Call) -> Cause:
    return Cause(call.tool, call.key, call.conversation, shop.now())


TOOLS = {
    "find_orders": Tool(FindOrders, _find_orders),
    "get_order": Tool(OneOrder, _get_order),
    "get_shipment": Tool(OneOrder, _get_shipment),
    "find_effect": Tool(FindEffect, _find_effect),
    "change_address": Tool(ChangeAddress, _change_address, writes=True),
    "cancel_order": Tool(CancelOrder, _cancel_order, writes=True),
    "issue_refund": Tool(IssueRefund, _issue_refund, writes=True),
}
