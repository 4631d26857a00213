"""What the conversation so far comes to: what the customer is after, and what was found and done.

Nothing is kept between requests; `recall` reads it off the messages each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from demo.model import intents
from demo.model.choice import Kind, Order, candidates, pick
from demo.model.slots import Address, Slots, read_slots
from demo.model.transcript import (
    Asked,
    Decided,
    Edited,
    Entry,
    Interrupted,
    Replied,
    Returned,
    Said,
    fault_of,
)
from demo.model.words import normal

WRITES = frozenset({"issue_refund", "cancel_order", "change_address"})
_READS: Mapping[Kind, str] = {
    "track": "get_shipment",
    "orders": "find_orders",
    "order": "get_order",
}
"""The read whose result is all there is to a goal."""

_A_FEW_WORDS = 3

Topic = Literal["goal", "dropped", "person", "withdraw", "progress", "other"]


@dataclass
class Goal:
    """Something the customer wants done, with what is known of it; `said` are their words."""

    kind: Kind
    said: list[str]
    order_id: str | None = None
    amount: Decimal | None = None
    address: Address | None = None
    agreed: bool = False
    listed: list[Order] | None = None
    order: Order | None = None


@dataclass
class Request:
    """A write that was called: `status` is succeeded, refused, or that of its hold."""

    tool: str
    arguments: Mapping[str, Any]
    status: str
    hold: str | None = None


@dataclass
class Memory:
    """The state of the conversation before the next answer.

    `text` is what the customer said and nobody has answered yet (empty when a decision opened the
    turn), `turn` what was returned since, `decided` the decisions nobody has told them of, `asked`
    whether a person wants to know something of them before deciding.
    """

    text: str = ""
    topic: Topic = "other"
    goal: Goal | None = None
    turn: list[Returned] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    asked: bool = False
    requests: list[Request] = field(default_factory=list)
    signed_out: bool = False
    contact: str | None = None
    focus: str | None = None

    def request(self, *, hold: str) -> Request | None:
        """Return the request that waits behind a hold."""
        return next((request for request in self.requests if request.hold == hold), None)

    def results(self, tool: str | None) -> list[Mapping[str, Any]]:
        """Return what a tool found in this turn."""
        found = [returned.result for returned in self.turn if returned.tool == tool]
        return [result for result in found if not fault_of(result)]


def recall(entries: Iterable[Entry]) -> Memory:
    """Fold what happened into the state of the conversation."""
    memory = Memory()
    heard: list[str] = []
    for entry in entries:
        if isinstance(entry, Said):
            heard.append(entry.text)
            continue
        _hear(memory, heard)
        match entry:
            case Replied():
                _answered(memory)
            case Returned():
                memory.turn.append(entry)
                _learn(memory, entry)
            case Interrupted() if not memory.text:
                memory.goal = None
            case Asked():
                memory.asked = True
            case Edited():
                if request := memory.request(hold=entry.hold):
                    request.arguments = entry.arguments
            case Decided():
                _decide(memory, entry)
    _hear(memory, heard)
    return memory


def _decide(memory: Memory, decided: Decided) -> None:
    memory.decided.append(decided)
    if request := memory.request(hold=decided.hold):
        request.status = decided.status
    if memory.asked and not memory.turn:
        memory.text = ""  # the answer on the card, which nobody replies to
    memory.asked = False


def _answered(memory: Memory) -> None:
    goal = memory.goal
    if goal and memory.results(_READS.get(goal.kind)):
        memory.goal = None
    memory.text, memory.turn, memory.decided = "", [], []


def _hear(memory: Memory, heard: list[str]) -> None:
    """Understand what the customer said since the last answer, as one message."""
    if not heard:
        return
    text = "\n".join(heard)
    heard.clear()
    memory.text, memory.turn = text, []
    memory.topic = _topic(memory, text, _slots(memory, text))


def _slots(memory: Memory, text: str) -> Slots:
    """Read the particulars; a lone number is the order if none is known, else the postcode."""
    slots = read_slots(text)
    order_id, contact = slots.order_id, slots.contact
    known = order_id or (memory.goal and memory.goal.order_id)
    if slots.bare and known:
        contact = contact or slots.bare
    elif slots.bare and (memory.goal or len(text.split()) <= _A_FEW_WORDS):
        order_id = f"TF-{slots.bare}"
    memory.contact = contact or memory.contact
    memory.focus = order_id or memory.focus
    return Slots(order_id, None, contact, slots.amount, slots.address)


def _topic(memory: Memory, text: str, slots: Slots) -> Topic:
    side = intents.aside(text)
    if side == "person" or (side and memory.requests and not slots.order_id):
        return side
    action = intents.action(text)
    goal = memory.goal
    if action and (goal is None or goal.kind != action):
        memory.goal = _new_goal(memory, action, text, slots)
        return "goal"
    if goal and (action or _fills(memory, goal, text, slots)):
        _fill(goal, text, slots)
        return "goal"
    if slots.order_id:
        memory.goal = Goal("order", [text], slots.order_id)
        return "goal"
    if goal and intents.declines(text):
        memory.goal = None
        return "dropped"
    return "other"


def _new_goal(memory: Memory, kind: Kind, text: str, slots: Slots) -> Goal:
    order_id = slots.order_id
    if re.search(r"\b(?:it|its|it's|this|that|them|same)\b", normal(text)):
        order_id = order_id or memory.focus
    return Goal(kind, [text], order_id, slots.amount, slots.address)


def _fills(memory: Memory, goal: Goal, text: str, slots: Slots) -> bool:
    """Whether `text` answers what was asked for the goal, rather than beginning something else."""
    named = slots.order_id or (slots.contact and memory.signed_out)
    wanted = {"refund": slots.amount, "address": slots.address}.get(goal.kind)
    return bool(
        named or wanted or intents.agrees(text) or (goal.listed and pick(text, goal.listed))
    )


def _fill(goal: Goal, text: str, slots: Slots) -> None:
    goal.said.append(text)
    if slots.order_id and slots.order_id != goal.order_id:
        goal.order_id, goal.order = slots.order_id, None
    if intents.agrees(text):
        _agree(goal)
    goal.amount = slots.amount or goal.amount
    goal.address = slots.address or goal.address


def _agree(goal: Goal) -> None:
    """Take a yes: to the order that was shown, or to the only one there is."""
    choices = candidates(goal.kind, goal.listed or ())
    if goal.order is not None:
        # The one question with an amount in it is whether what is left will do instead.
        goal.agreed, goal.amount = True, None
    elif goal.order_id is None and len(choices) == 1:
        goal.order_id = choices[0]["order_id"]


def _learn(memory: Memory, returned: Returned) -> None:
    result, goal = returned.result, memory.goal
    if returned.tool in WRITES:
        memory.requests.append(_request(returned))
        memory.goal = None
    if fault := fault_of(result):
        memory.signed_out |= fault.code in {"sign_in_needed", "contact_needed"}
        if fault.code == "not_found" and goal:
            goal.order_id = memory.contact = None
        return
    if goal and returned.tool == "find_orders":
        goal.listed = result.get("orders")
    if goal and returned.tool == "get_order":
        goal.order = result
    memory.focus = result.get("order_id", memory.focus)


def _request(returned: Returned) -> Request:
    result = returned.result
    status = "refused" if fault_of(result) else str(result.get("status", "succeeded"))
    if status not in {"refused", "held", "unknown"}:
        status = "succeeded"
    return Request(returned.tool, returned.arguments, status, result.get("hold"))
