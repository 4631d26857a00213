"""Who the customer is, as tools, rules and limits see them."""

from __future__ import annotations

from typing import Any

from conversation.state import Customer

NOBODY_KNOWN = "anonymous"
"""The level of a customer nobody has identified."""


def known_id(customer: Customer | None) -> str | None:
    """The id of a customer whom somebody has identified."""
    return customer.id if customer and customer.level != NOBODY_KNOWN else None


def facts_of(customer: Customer | None) -> dict[str, Any]:
    """The customer as rules see them; an anonymous one has an empty id."""
    level = customer.level if customer else NOBODY_KNOWN
    return {"id": known_id(customer) or "", "level": level}
