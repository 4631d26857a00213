"""Who a visitor is, proved in the chat: read off the result of a tool that its operator trusts.

A tool proves something only when its arguments do: an order's number with its postcode, a one-time
code. Looking up whatever the model asks for proves nothing, for the model asks what a visitor
tells it to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import UNSET, Raw, UnsetType

from conversation import events as ev
from conversation.state import State
from handoff.cel import Expression, Known, PolicyError, compile_expression
from handoff.exact_json import ArgumentsError, NotExact, parse_arguments, parse_exact
from handoff.identity import NOBODY_KNOWN, known_id
from handoff.scope import CannotJudge, Scope
from handoff.settings import ToolSettings

ID_CHARACTERS = 200
PROOFS = 5
"""How often the assistant may ask for a proof in a conversation before a person must help."""
PROOFS_FAILED = "who this is was tried too often here without a proof; a person must help"
_SYSTEM = ev.By("system")


@dataclass(frozen=True)
class Answered:
    """A call that has ended; `result` is set of one that succeeded."""

    tool: str
    arguments: Raw
    result: Raw | UnsetType = UNSET


@dataclass(frozen=True)
class Identification:
    """What one tool's result says of who the customer is."""

    customer: Expression
    level: str

    def read(self, answered: Answered) -> ev.CustomerIdentified | None:
        """Who it is; None when the result names nobody, or cannot be read."""
        if answered.result is UNSET:
            return None
        try:
            arguments = parse_arguments(bytes(answered.arguments).decode())
            scope = Scope({"args": arguments, "result": parse_exact(bytes(answered.result))})
            id_ = scope.value(self.customer)
        except (CannotJudge, ArgumentsError, NotExact):
            return None
        if isinstance(id_, int) and not isinstance(id_, bool):
            id_ = str(id_)
        if not isinstance(id_, str) or not _is_id(id_):
            return None
        return ev.CustomerIdentified(customer=id_, level=self.level, how="tool")


def identify(
    identifications: Mapping[str, Identification], state: State, answered: Sequence[Answered]
) -> list[ev.New]:
    """Who a customer has proved to be by calls that ended together.

    Somebody who is known stays who they are. Two results that name different people prove nothing.
    """
    if known_id(state.customer) is not None:
        return []
    found = [
        known
        for call in answered
        if call.tool in identifications
        and (known := identifications[call.tool].read(call)) is not None
    ]
    if len({known.customer for known in found}) != 1:
        return []
    return [ev.New(_SYSTEM, found[0])]


def proofs_tried(events: Iterable[ev.Event], identifies: Callable[[str], bool]) -> int:
    """How often the assistant has asked for a proof since a person last had the conversation.

    Else a model that is talked into it would try one postcode after the other.
    """
    tried = 0
    for event in events:
        match event.data:
            case ev.OwnerChanged(to=to) if to.startswith("staff:"):
                tried = 0
            case ev.AssistantCalled(calls=calls):
                tried += sum(call.verdict == "allow" and identifies(call.tool) for call in calls)
    return tried


def compile_identifications(tools: Mapping[str, ToolSettings]) -> dict[str, Identification]:
    """Those of all tools that have one; raises `PolicyError` at the key that is wrong."""
    found = {name: compile_identification(name, settings) for name, settings in tools.items()}
    return {name: one for name, one in found.items() if one is not None}


def compile_identification(name: str, settings: ToolSettings) -> Identification | None:
    """That of one tool; raises `PolicyError` at the key that is wrong."""
    if settings.identifies is None:
        return None
    key = f"tools.{name}.identifies"
    if settings.effect != "read":
        raise PolicyError(key, "only a read identifies a customer")
    if settings.identifies.level in ("", NOBODY_KNOWN):
        raise PolicyError(f"{key}.level", f"must say how well they are known, not {NOBODY_KNOWN}")
    known: Known = {"args": None, "result": None}
    expression = compile_expression(
        settings.identifies.customer, key=f"{key}.customer", known=known
    )
    return Identification(expression, settings.identifies.level)


def _is_id(text: str) -> bool:
    """An id stands in the headers of calls, where nothing but plain text may stand."""
    return 0 < len(text) <= ID_CHARACTERS and text.isascii() and text.isprintable()
