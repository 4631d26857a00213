"""Which of a customer's orders a request can be about, and which one their words point at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from demo.model.words import name_stems, normal, stems

Kind = Literal["track", "refund", "cancel", "address", "orders", "order"]
Order: TypeAlias = Mapping[str, Any]

_FROM_TOP = {"first": 0, "second": 1, "third": 2, "fourth": 3, "latest": 0, "newest": 0}
_FROM_BOTTOM = {"oldest": -1, "last one": -1}


def candidates(kind: Kind, orders: Sequence[Order]) -> list[Order]:
    """Return the orders that something of this kind can be done with."""
    match kind:
        case "refund":
            return [order for order in orders if order["refundable"] > 0]
        case "cancel":
            return [order for order in orders if order["can_cancel"]]
        case "address":
            return [order for order in orders if order["can_change_address"]]
        case "track":
            moving = [order for order in orders if order["status"] in {"processing", "shipped"}]
            return moving or list(orders[:1])
        case _:
            return list(orders)


def pick(text: str, orders: Sequence[Order]) -> Order | None:
    """Return the one order that `text` points at, by its place in the list or its articles."""
    said = normal(text)
    for places in (_FROM_TOP, _FROM_BOTTOM):
        for word, place in places.items():
            if re.search(rf"\b{word}\b", said) and -len(orders) <= place < len(orders):
                return orders[place]
    wanted = set(stems(text))
    fits = [len(wanted & _names(order)) for order in orders]
    best = max(fits, default=0)
    return orders[fits.index(best)] if best and fits.count(best) == 1 else None


def _names(order: Order) -> set[str]:
    return {stem for name in order["items"] for stem in name_stems(name)}
