"""Getting at the order a goal is about: by its number, from the customer's list, or by asking."""

from __future__ import annotations

from typing import Any

from demo.model import telling
from demo.model.choice import Order, candidates, pick
from demo.model.memory import Goal, Memory
from demo.model.steps import Call, Say, Step, ToolCall


def details(memory: Memory, goal: Goal) -> Order | Step:
    """The order a goal is about, or the step that leads to it."""
    if goal.order is not None:
        return goal.order
    order_id = which(memory, goal)
    if not isinstance(order_id, str):
        return order_id
    text = "" if memory.turn else f"Let me look at {order_id}."
    return Call((look_up(memory, "get_order", order_id),), text)


def which(memory: Memory, goal: Goal) -> str | Step:
    """The number of the order a goal is about, or the step that leads to it."""
    if memory.signed_out and not (goal.order_id and memory.contact):
        return Say(_ask_proof(goal.order_id))
    if goal.order_id:
        return goal.order_id
    if goal.listed is None:
        return list_orders()
    choices = candidates(goal.kind, goal.listed)
    if not choices:
        return Say(telling.none_left(goal.kind if goal.listed else "orders"))
    chosen = pick(" ".join(goal.said), choices)
    if len(choices) == 1 and goal.kind in {"cancel", "address"}:
        chosen = choices[0]  # these have a question of their own before anything is done
    return chosen["order_id"] if chosen else Say(telling.ask_which(goal.kind, choices))


def _ask_proof(order_id: str | None) -> str:
    if order_id:
        return (
            "You are not signed in, so I need one more thing: the e-mail address or postcode"
            f" {order_id} was placed with."
        )
    return (
        "You are not signed in, so I need two things: the order number, like TF-20871, and the"
        " e-mail address or postcode it was placed with."
    )


def list_orders() -> Call:
    """Ask for the customer's orders."""
    return Call((ToolCall("find_orders", {}),), "Let me look at your orders.")


def look_up(memory: Memory, tool: str, order_id: str) -> ToolCall:
    """Ask one tool about one order."""
    return ToolCall(tool, about(memory, order_id))


def about(memory: Memory, order_id: str) -> dict[str, Any]:
    """The arguments that name an order, with the proof a visitor has given."""
    proof = {"contact": memory.contact} if memory.signed_out and memory.contact else {}
    return {"order_id": order_id, **proof}
