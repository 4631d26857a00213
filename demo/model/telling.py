"""What is said of orders and parcels, and what is asked about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from demo.model.choice import Kind, Order

PERSON = "“Talk to a person” is right below, and a colleague will read all of this."


def usd(amount: Any) -> str:
    """Write an amount: 180.00 is $180.00."""
    return f"${Decimal(str(amount)):,.2f}"


def day(iso: str) -> str:
    """Write a date: 2026-11-26 is 26 November."""
    when = date.fromisoformat(iso[:10])
    return f"{when.day} {when:%B}"


_STATUS = {
    "processing": "being packed",
    "shipped": "on its way",
    "delivered": "delivered",
    "cancelled": "cancelled",
}


def order_line(order: Order) -> str:
    """One order in a list."""
    status = _STATUS[order["status"]]
    back = f", {usd(order['refunded'])} paid back" if order["refunded"] else ""
    return f"• {order['order_id']}: {order['title']}, {usd(order['paid'])}, {status}{back}"


def order_list(orders: Sequence[Order]) -> str:
    """Several orders, one a line."""
    return "\n".join(order_line(order) for order in orders)


def order_details(order: Order) -> str:
    """One order in full."""
    items = ", ".join(
        f"{item['quantity']} × {item['title']}" if item["quantity"] > 1 else item["title"]  # noqa: RUF001
        for item in order["items"]
    )
    money = f"You paid {usd(order['paid'])} with your {order['paid_with']}"
    if order["refunded"]:
        money += f", of which {usd(order['refunded'])} went back to you"
    return (
        f"{order['order_id']} of {day(order['placed_on'])} is {_STATUS[order['status']]}: {items}. "
        f"{money}. What can I do about it?"
    )


def parcel(shipment: Mapping[str, Any]) -> str:
    """Where one parcel is."""
    number, by = shipment["order_id"], f"{shipment.get('carrier')} ({shipment.get('tracking')})"
    match shipment["status"]:
        case "not_sent" if shipment["order_status"] == "cancelled":
            return f"{number} was cancelled, so nothing is on its way."
        case "not_sent":
            return f"{number} is still being packed. It leaves within one working day."
        case "delivered":
            return f"{number} was delivered on {day(shipment['delivered_on'])} by {by}."
        case "delayed":
            return (
                f"I am sorry, {number} is late: {by} holds it up. It is now expected on"
                f" {day(shipment['expected_on'])}."
            )
        case _:
            last = shipment["scans"][-1]
            return (
                f"{number} is on its way with {by}, last seen on {day(last['at'])}:"
                f" {last['place']}. It should be with you on {day(shipment['expected_on'])}."
            )


_WHICH: Mapping[Kind, str] = {
    "refund": "Which order shall I ask the refund for?",
    "cancel": "Which order shall I cancel?",
    "address": "Which order shall go to another address?",
}


def ask_which(kind: Kind, orders: Sequence[Order]) -> str:
    """Ask which of several orders is meant, the latest first."""
    if len(orders) == 1:
        return f"Do you mean this one?\n{order_list(orders)}"
    return f"{_WHICH.get(kind, 'Which order do you mean?')}\n{order_list(orders[:5])}"


_NONE_LEFT: Mapping[Kind, str] = {
    "refund": "None of your orders has money left to pay back.",
    "cancel": "None of your orders is still being packed, so there is nothing left to cancel."
    " Unused goods may come back within 30 days, with a free label.",
    "address": "None of your orders is still being packed, so I cannot change an address any more."
    " The carrier can redirect a parcel.",
}


def none_left(kind: Kind) -> str:
    """Say that there is no order this could be done with."""
    return _NONE_LEFT.get(kind, "I see no orders in your account yet.")
