"""Step by step towards what a customer wants: ask what is missing, look up, do, tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from demo.model import outcomes, telling
from demo.model.choice import Kind, Order, candidates, pick
from demo.model.finding import about, details, list_orders, look_up, which
from demo.model.memory import Goal, Memory
from demo.model.steps import Call, Say, Step, ToolCall
from demo.model.transcript import fault_of
from demo.model.words import name_stems, stems

_AT_ONCE = 3
"""How many parcels are looked up for one question."""


def pursue(memory: Memory, goal: Goal) -> Step:
    """Take the next step towards a goal."""
    if memory.turn:
        last = memory.turn[-1]
        fault = fault_of(last.result)
        wants_proof = fault and fault.code in {"sign_in_needed", "contact_needed"}
        if fault and not (wants_proof and "contact" not in last.arguments):
            return Say(outcomes.fault(fault))
    return _FLOWS[goal.kind](memory, goal)


def _track(memory: Memory, goal: Goal) -> Step:
    if parcels := memory.results("get_shipment"):
        return Say("\n".join(telling.parcel(parcel) for parcel in parcels))
    if goal.order_id is None and goal.listed and not memory.signed_out:
        moving = candidates("track", goal.listed)
        chosen = pick(" ".join(goal.said), goal.listed)
        wanted = [chosen] if chosen else moving[:_AT_ONCE]
        return Call(tuple(look_up(memory, "get_shipment", order["order_id"]) for order in wanted))
    order_id = which(memory, goal)
    if not isinstance(order_id, str):
        return order_id
    return Call((look_up(memory, "get_shipment", order_id),), f"Let me see where {order_id} is.")


def _orders(memory: Memory, goal: Goal) -> Step:
    if memory.signed_out:
        return _order(memory, goal)
    if goal.listed is None:
        return list_orders()
    if not goal.listed:
        return Say(telling.none_left("orders"))
    return Say(f"These are your orders:\n{telling.order_list(goal.listed)}")


def _order(memory: Memory, goal: Goal) -> Step:
    order = details(memory, goal)
    return order if isinstance(order, Say | Call) else Say(telling.order_details(order))


def _refund(memory: Memory, goal: Goal) -> Step:
    order = details(memory, goal)
    if isinstance(order, Say | Call):
        return order
    order_id, left = order["order_id"], order["refundable"]
    if earlier := _waiting(memory, "issue_refund", order_id):
        return Say(earlier)
    if not left:
        return Say(f"{order_id} is already paid back in full: {telling.usd(order['refunded'])}.")
    amount = goal.amount or _item_amount(goal, order) or left
    if amount > left:
        return Say(
            f"Of {order_id} only {telling.usd(left)} is left to pay back. Shall I ask for that?"
        )
    asked = {"amount": Decimal(amount), "reason": _in_their_words(goal)}
    return _write(memory, "issue_refund", order_id, asked)


def _item_amount(goal: Goal, order: Order) -> Decimal | None:
    """The price of the one article of several that the customer speaks of."""
    said = set(stems(" ".join(goal.said)))
    named = [item for item in order["items"] if said & name_stems(item["title"])]
    if len(named) != 1 or len(order["items"]) == 1:
        return None
    return min(Decimal(named[0]["total"]), Decimal(order["refundable"]))


def _cancel(memory: Memory, goal: Goal) -> Step:
    order = details(memory, goal)
    if isinstance(order, Say | Call):
        return order
    order_id = order["order_id"]
    if earlier := _waiting(memory, "cancel_order", order_id):
        return Say(earlier)
    if not order["can_cancel"]:
        return Say(_too_late(order, "cancel it"))
    if not goal.agreed:
        return Say(
            f"{order_id} ({order['title']}, {telling.usd(order['paid'])}) has not left yet. Shall I"
            " cancel it? That cannot be undone."
        )
    return _write(memory, "cancel_order", order_id, {"reason": _in_their_words(goal)})


def _address(memory: Memory, goal: Goal) -> Step:
    order = details(memory, goal)
    if isinstance(order, Say | Call):
        return order
    order_id, address = order["order_id"], goal.address
    if earlier := _waiting(memory, "change_address", order_id):
        return Say(earlier)
    if not order["can_change_address"]:
        return Say(_too_late(order, "change its address"))
    if address is None:
        return Say(
            f"Gladly. Where shall {order_id} go? Street, postcode and city, and country, with"
            " commas between: 12 Harbour Street, 04109 Leipzig, Germany."
        )
    place = {
        "street": address.street,
        "city": address.city,
        "postcode": address.postcode,
        "country": address.country,
    }
    return _write(memory, "change_address", order_id, place)


def _in_their_words(goal: Goal) -> str:
    return " ".join(goal.said)[:200]


def _too_late(order: Order, what: str) -> str:
    if order["status"] == "cancelled":
        return f"{order['order_id']} is cancelled already."
    return (
        f"{order['order_id']} has left our warehouse, so I cannot {what} any more. Unused goods"
        " may come back within 30 days, with a free label."
    )


def _waiting(memory: Memory, tool: str, order_id: str) -> str | None:
    """What to say when the same was asked before and is not decided, or was decided against."""
    for request in reversed(memory.requests):
        if request.tool == tool and request.arguments.get("order_id") == order_id:
            undecided = request.status in {"held", "unknown", "rejected"}
            return outcomes.progress(request) if undecided else None
    return None


def _write(memory: Memory, tool: str, order_id: str, arguments: Mapping[str, Any]) -> Call:
    return Call((ToolCall(tool, about(memory, order_id) | dict(arguments)),))


_FLOWS: Mapping[Kind, Callable[[Memory, Goal], Step]] = {
    "track": _track,
    "orders": _orders,
    "order": _order,
    "refund": _refund,
    "cancel": _cancel,
    "address": _address,
}
