"""The orders a new shop opens with: the same few hundred ones, dated back from its first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Literal

from demo.shop.goods import BY_SLUG, GOODS, Good
from demo.shop.people import DEMO_CUSTOMERS, Customer, others

Status = Literal["processing", "shipped", "delivered", "cancelled"]

_NEWEST = 20950
"""The order number of the first day; five orders a day lead up to it."""
_NUMBERS = range(20002, _NEWEST, 3)
_CARRIERS = ("Northway", "Parcelroad")


@dataclass(frozen=True)
class Line:
    """Some pieces of one article in an order."""

    good: Good
    variant: str
    quantity: int


@dataclass(frozen=True)
class Scan:
    """One sighting of a parcel."""

    at: datetime
    place: str
    what: str


@dataclass(frozen=True)
class Shipment:
    """A parcel under way or arrived; `status` is in_transit, delayed or delivered."""

    carrier: str
    tracking: str
    status: str
    expected_on: date
    delivered_at: datetime | None
    scans: tuple[Scan, ...]


@dataclass(frozen=True)
class SeedOrder:
    """An order as it stands on the first day; `refunded_minor` was paid back before it."""

    id: str
    customer: Customer
    placed_at: datetime
    status: Status
    lines: tuple[Line, ...]
    shipment: Shipment | None
    refunded_minor: int

    @property
    def total_minor(self) -> int:
        """What was paid, in cents."""
        return sum(line.good.price_minor * line.quantity for line in self.lines)


@dataclass(frozen=True)
class _Plan:
    number: int
    customer: Customer
    status: Status
    lines: tuple[Line, ...]
    delayed: bool = False
    refunded_minor: int = 0


def orders(today: date) -> list[SeedOrder]:
    """Generate every order, oldest first; the same for the same `today`."""
    rng = Random(20)
    customers = others(rng, 64)
    plans = [*_demo_plans(), *(_plan(rng, number, rng.choice(customers)) for number in _NUMBERS)]
    plans.sort(key=lambda plan: plan.number)
    return [_place(rng, plan, today) for plan in plans]


def _demo_plans() -> list[_Plan]:
    jonas, elena, priya = DEMO_CUSTOMERS
    return [
        _Plan(20316, jonas, "delivered", (_line("beck"), _line("ember"), _line("fleet", "40-43"))),
        _Plan(20871, jonas, "delivered", (_line("skerry", "M"),)),
        _Plan(20904, jonas, "shipped", (_line("haar"),)),
        _Plan(20931, jonas, "processing", (_line("ember", quantity=2),)),
        _Plan(20655, elena, "delivered", (_line("hollin"),)),
        _Plan(20702, elena, "delivered", (_line("fleet", "36-39"),)),
        _Plan(20889, elena, "shipped", (_line("tarn"),), delayed=True),
        _Plan(20519, priya, "cancelled", (_line("fleet", "36-39"),), refunded_minor=2800),
        _Plan(
            number=20847,
            customer=priya,
            status="delivered",
            lines=(_line("cairn", "slate"), _line("beck")),
            refunded_minor=3400,
        ),
        _Plan(20927, priya, "processing", (_line("tarn"), _line("hollin"))),
    ]


def _line(slug: str, variant: str = "", quantity: int = 1) -> Line:
    return Line(BY_SLUG[slug], variant, quantity)


def _plan(rng: Random, number: int, customer: Customer) -> _Plan:
    goods = rng.sample(GOODS, rng.choice((1, 1, 1, 2, 2, 3)))
    lines = tuple(
        Line(good, rng.choice(good.variants or ("",)), rng.choice((1, 1, 1, 1, 2)))
        for good in goods
    )
    total_minor = sum(line.good.price_minor * line.quantity for line in lines)
    status = _status(rng, _age_days(number))
    refunded_minor = 0
    if status == "cancelled":
        refunded_minor = total_minor
    elif status == "delivered" and rng.random() < 0.08:
        refunded_minor = lines[0].good.price_minor
    delayed = status == "shipped" and rng.random() < 0.2
    return _Plan(number, customer, status, lines, delayed, refunded_minor)


def _status(rng: Random, age_days: int) -> Status:
    if rng.random() < 0.05:
        return "cancelled"
    if age_days <= 2:
        return "processing"
    return "shipped" if age_days <= 8 else "delivered"


def _age_days(number: int) -> int:
    return (_NEWEST - number) // 5


def _place(rng: Random, plan: _Plan, today: date) -> SeedOrder:
    day = today - timedelta(days=_age_days(plan.number))
    # The first day's orders are of its first hours: nothing is ordered in the future.
    hour = rng.randint(0, 23) if day < today else 0
    placed_at = datetime.combine(day, time(hour, rng.randint(0, 59)), UTC)
    return SeedOrder(
        id=f"TF-{plan.number}",
        customer=plan.customer,
        placed_at=placed_at,
        status=plan.status,
        lines=plan.lines,
        shipment=_ship(rng, plan, placed_at, today),
        refunded_minor=plan.refunded_minor,
    )


def _ship(rng: Random, plan: _Plan, placed_at: datetime, today: date) -> Shipment | None:
    if plan.status not in {"shipped", "delivered"}:
        return None
    sent_at = (placed_at + timedelta(days=1)).replace(hour=rng.randint(8, 17))
    hub_at = sent_at + timedelta(hours=rng.randint(14, 22))
    scans = [
        Scan(sent_at, "Tarnfield warehouse", "Handed to the carrier"),
        Scan(hub_at, "Sorting centre", "Sorted"),
    ]
    delivered_at = None
    expected_on = today + timedelta(days=rng.randint(1, 3))
    status = "in_transit"
    if plan.status == "delivered":
        status, delivered_at = "delivered", hub_at + timedelta(days=rng.randint(1, 3))
        expected_on = delivered_at.date()
        scans.append(Scan(delivered_at, plan.customer.address.city, "Delivered"))
    elif plan.delayed:
        status = "delayed"
        delay = Scan(hub_at + timedelta(hours=6), "Sorting centre", "Held up by the carrier")
        scans.append(delay)
    tracking = f"TN{rng.randint(10**9, 10**10 - 1)}"
    return Shipment(
        rng.choice(_CARRIERS), tracking, status, expected_on, delivered_at, tuple(scans)
    )
