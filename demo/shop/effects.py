"""What the shop does to an order when asked, and when it refuses."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from demo.answers import CURRENCY, money
from demo.shop.orders import Order
from demo.shop.people import Address
from demo.shop.refusals import Refused


@dataclass(frozen=True)
class Cause:
    """Which call has the effect: its tool, key and conversation, and when it runs."""

    tool: str
    key: str
    conversation: str
    at: datetime


def change_address(
    db: sqlite3.Connection, order: Order, cause: Cause, *, address: Address
) -> dict[str, Any]:
    """Send an order elsewhere, as long as it has not left the warehouse."""
    if order.status != "processing":
        raise Refused(
            422,
            "already_sent",
            f"{order.id} is {order.status}; its address can no longer be changed.",
        )
    ship_to = msgspec.json.encode(address).decode()
    db.execute("UPDATE orders SET ship_to = ? WHERE id = ?", (ship_to, order.id))
    _enter(db, order, cause)
    return {"order_id": order.id, "ship_to": msgspec.to_builtins(address)}


def cancel_order(db: sqlite3.Connection, order: Order, cause: Cause) -> dict[str, Any]:
    """Cancel an order before it is sent, and pay back what is left of its payment."""
    if order.status != "processing":
        raise Refused(
            422, "already_sent", f"{order.id} is {order.status}; it can no longer be cancelled."
        )
    amount_minor = order.refundable_minor
    db.execute("UPDATE orders SET status = 'cancelled' WHERE id = ?", (order.id,))
    if amount_minor:
        _pay_back(db, order, cause, amount_minor)
    _enter(db, order, cause, amount_minor)
    return {
        "order_id": order.id,
        "status": "cancelled",
        "refunded": money(amount_minor),
        "currency": CURRENCY,
        "to": order.paid_with,
    }


def issue_refund(
    db: sqlite3.Connection, order: Order, cause: Cause, *, amount: Decimal
) -> dict[str, Any]:
    """Pay part or all of an order back: never more than was paid and is not yet refunded."""
    amount_minor = _minor(amount)
    left_minor = order.refundable_minor
    if amount_minor > left_minor:
        left = (
            f"only ${money(left_minor)} of {order.id} is left to refund."
            if left_minor
            else f"{order.id} is already refunded in full."
        )
        raise Refused(422, "too_much", left[0].upper() + left[1:])
    refund = _pay_back(db, order, cause, amount_minor)
    _enter(db, order, cause, amount_minor)
    return {
        "refund": refund,
        "order_id": order.id,
        "amount": money(amount_minor),
        "currency": CURRENCY,
        "to": order.paid_with,
        "left": money(left_minor - amount_minor),
    }


def find_effect(db: sqlite3.Connection, key: str) -> dict[str, Any]:
    """Whether a write with this key was done; its place in the ledger is what people look up."""
    row = db.execute("SELECT seq FROM ledger WHERE key = ?", (key,)).fetchone()
    if row is None:
        return {"status": "none"}
    return {"status": "done", "id": f"ledger {row['seq']}"}


def _minor(amount: Decimal) -> int:
    scaled = amount * 100 if amount.is_finite() else Decimal(0)
    if scaled <= 0 or scaled != scaled.to_integral_value():
        message = "An amount is more than zero and has at most two decimals."
        raise Refused(422, "bad_amount", message)
    return int(scaled)


def _pay_back(db: sqlite3.Connection, order: Order, cause: Cause, amount_minor: int) -> str:
    refund = f"rf_{cause.key}"
    row = (refund, order.id, cause.at.isoformat(), amount_minor)
    db.execute("INSERT INTO refunds VALUES (?, ?, ?, ?)", row)
    return refund


def _enter(db: sqlite3.Connection, order: Order, cause: Cause, amount_minor: int = 0) -> None:
    db.execute(
        "INSERT INTO ledger (at, tool, key, conversation, order_id, amount_minor)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            cause.at.isoformat(), cause.tool, cause.key, cause.conversation, order.id,
            amount_minor,
        ),
    )  # fmt: skip


def ledger(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every effect so far, in order; `amount` is what went back to the customer."""
    rows = db.execute("SELECT * FROM ledger ORDER BY seq")
    return [
        {
            "seq": row["seq"],
            "at": row["at"],
            "tool": row["tool"],
            "key": row["key"],
            "conversation": row["conversation"],
            "order_id": row["order_id"],
            "amount": money(row["amount_minor"]),
            "currency": CURRENCY,
        }
        for row in rows
    ]
