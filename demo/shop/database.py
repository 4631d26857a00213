"""The shop's SQLite file: opened durably, filled once, resumed afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec

from demo.shop import seed
from demo.shop.people import Customer

_SCHEMA = Path(__file__).with_name("schema.sql")


def open_database(folder: Path, today: date) -> sqlite3.Connection:
    """Open `folder`/shop.db; a new one is filled with orders dated back from `today`."""
    folder.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(folder / "shop.db", isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    with transaction(db):
        if not db.execute("PRAGMA user_version").fetchone()[0]:
            _fill(db, today)
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Make everything in the block one durable change, or nothing at all."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _fill(db: sqlite3.Connection, today: date) -> None:
    for statement in _SCHEMA.read_text().split(";"):
        db.execute(statement)
    known: set[str] = set()
    for order in seed.orders(today):
        if order.customer.id not in known:
            known.add(order.customer.id)
            _add_customer(db, order.customer)
        _add_order(db, order)
    db.execute("PRAGMA user_version = 1")


def _add_customer(db: sqlite3.Connection, customer: Customer) -> None:
    row = (customer.id, customer.address.name, customer.email, customer.address.postcode)
    db.execute("INSERT INTO customers VALUES (?, ?, ?, ?)", row)


def _add_order(db: sqlite3.Connection, order: seed.SeedOrder) -> None:
    placed_at = order.placed_at.isoformat()
    ship_to = msgspec.json.encode(order.customer.address).decode()
    db.execute(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            order.id, order.customer.id, placed_at, order.status, order.total_minor,
            order.customer.card, ship_to,
        ),
    )  # fmt: skip
    db.executemany(
        "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                order.id, line.good.slug, line.good.title, line.variant, line.quantity,
                line.good.price_minor,
            )
            for line in order.lines
        ],
    )  # fmt: skip
    if order.shipment:
        _add_shipment(db, order.id, order.shipment)
    if order.refunded_minor:
        refund = (f"rf_{order.id}", order.id, placed_at, order.refunded_minor)
        db.execute("INSERT INTO refunds VALUES (?, ?, ?, ?)", refund)


def _add_shipment(db: sqlite3.Connection, order_id: str, shipment: seed.Shipment) -> None:
    delivered_at = shipment.delivered_at.isoformat() if shipment.delivered_at else None
    db.execute(
        "INSERT INTO shipments VALUES (?, ?, ?, ?, ?, ?)",
        (
            order_id, shipment.carrier, shipment.tracking, shipment.status,
            shipment.expected_on.isoformat(), delivered_at,
        ),
    )  # fmt: skip
    db.executemany(
        "INSERT INTO scans VALUES (?, ?, ?, ?)",
        [(order_id, scan.at.isoformat(), scan.place, scan.what) for scan in shipment.scans],
    )
