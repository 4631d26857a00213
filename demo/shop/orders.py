"""Reading orders: who may see which, and how they look as JSON."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import msgspec

from demo.answers import CURRENCY, money
from demo.shop.people import Address
from demo.shop.refusals import Refused


@dataclass(frozen=True)
class Visitor:
    """On whose behalf a tool is called.

    `customer` is empty for somebody who is not signed in; they prove an order theirs by `contact`,
    the e-mail address or postcode it was placed with. With `judging` the call gathers evidence for
    a decision: policy and staff may see any order.
    """

    customer: str
    contact: str = ""
    judging: bool = False


@dataclass(frozen=True)
class Item:
    """Some pieces of one article in an order."""

    good: str
    title: str
    variant: str
    quantity: int
    price_minor: int

    @property
    def name(self) -> str:
        """The title, with the size or colour that was chosen."""
        return f"{self.title}, {self.variant}" if self.variant else self.title


@dataclass(frozen=True)
class Order:
    """An order as it stands."""

    id: str
    customer: str
    placed_at: str
    status: str
    paid_minor: int
    refunded_minor: int
    paid_with: str
    ship_to: Address
    items: tuple[Item, ...]

    @property
    def refundable_minor(self) -> int:
        """What was paid and not yet paid back, in cents."""
        return self.paid_minor - self.refunded_minor

    @property
    def title(self) -> str:
        """The first article, and how many pieces of others come with it."""
        first, *others = self.items
        title = f"{first.quantity} × {first.name}" if first.quantity > 1 else first.name  # noqa: RUF001
        more = sum(item.quantity for item in others)
        return f"{title} and {more} more" if more else title


def find_order(db: sqlite3.Connection, order_id: str, visitor: Visitor) -> Order:
    """Return an order the visitor may see; another customer's is refused as if there were none."""
    missing = Refused(404, "not_found", f"There is no order {order_id} that fits.")
    row = db.execute(f"{_SELECT} WHERE orders.id = ?", (order_id,)).fetchone()
    if visitor.judging:
        if row is None:
            raise missing
        return _order(db, row)
    if not visitor.customer and not visitor.contact:
        raise Refused(
            status=403,
            code="contact_needed",
            text="Without signing in, an order is shown only with the e-mail address or postcode"
            " it was placed with.",
        )
    if row is None or not _belongs(row, visitor):
        raise missing
    return _order(db, row)


_SELECT = """
SELECT orders.*, customers.email, customers.postcode,
       (SELECT COALESCE(SUM(amount_minor), 0) FROM refunds WHERE order_id = orders.id) AS refunded
FROM orders JOIN customers ON customers.id = orders.customer
"""


def _belongs(row: sqlite3.Row, visitor: Visitor) -> bool:
    if visitor.customer:
        return bool(row["customer"] == visitor.customer)
    return _plain(visitor.contact) in {_plain(row["email"]), _plain(row["postcode"])}


def _plain(contact: str) -> str:
    return contact.replace(" ", "").casefold()


def orders_of(db: sqlite3.Connection, customer: str) -> list[Order]:
    """Return all orders of a customer, the latest first."""
    query = f"{_SELECT} WHERE orders.customer = ? ORDER BY placed_at DESC, orders.id DESC"
    return [_order(db, row) for row in db.execute(query, (customer,)).fetchall()]


def _order(db: sqlite3.Connection, row: sqlite3.Row) -> Order:
    items = db.execute(
        "SELECT good, title, variant, quantity, price_minor FROM items WHERE order_id = ?"
        " ORDER BY rowid",
        (row["id"],),
    )
    return Order(
        id=row["id"],
        customer=row["customer"],
        placed_at=row["placed_at"],
        status=row["status"],
        paid_minor=row["paid_minor"],
        refunded_minor=row["refunded"],
        paid_with=row["paid_with"],
        ship_to=msgspec.json.decode(row["ship_to"], type=Address),
        items=tuple(Item(*item) for item in items),
    )


def summary(order: Order) -> dict[str, Any]:
    """An order in a list."""
    return {
        "order_id": order.id,
        "title": order.title,
        "items": [item.name for item in order.items],
        "status": order.status,
        "placed_on": order.placed_at[:10],
        "paid": money(order.paid_minor),
        "refunded": money(order.refunded_minor),
        "refundable": money(order.refundable_minor),
        "currency": CURRENCY,
        "can_cancel": order.status == "processing",
        "can_change_address": order.status == "processing",
    }


def details(order: Order, visitor: Visitor) -> dict[str, Any]:
    """An order in full; the street is kept from somebody who only knows a postcode."""
    seen = summary(order) | {
        "customer": order.customer,
        "items": [
            {
                "title": item.name,
                "quantity": item.quantity,
                "price": money(item.price_minor),
                "total": money(item.price_minor * item.quantity),
            }
            for item in order.items
        ],
        "paid_with": order.paid_with,
    }
    if visitor.customer or visitor.judging:
        seen["ship_to"] = msgspec.to_builtins(order.ship_to)
    return seen


def shipment(db: sqlite3.Connection, order: Order) -> dict[str, Any]:
    """Where an order's parcel is; an order that was never sent has only its status."""
    answer: dict[str, Any] = {"order_id": order.id, "order_status": order.status}
    parcel = db.execute("SELECT * FROM shipments WHERE order_id = ?", (order.id,)).fetchone()
    if parcel is None:
        return answer | {"status": "not_sent"}
    scans = db.execute(
        "SELECT at, place, what FROM scans WHERE order_id = ? ORDER BY at", (order.id,)
    )
    return answer | {
        "carrier": parcel["carrier"],
        "tracking": parcel["tracking"],
        "status": parcel["status"],
        "expected_on": parcel["expected_on"],
        "delivered_on": parcel["delivered_at"] and parcel["delivered_at"][:10],
        "scans": [dict(scan) for scan in scans],
    }
