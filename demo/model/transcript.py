"""The request's messages as what happened: who said what, which tool was called, what came back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Said:
    """The customer said something."""

    text: str


@dataclass(frozen=True)
class Replied:
    """The assistant said something and called nothing."""


@dataclass(frozen=True)
class Returned:
    """A tool call has its result."""

    tool: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Interrupted:
    """The conversation changed hands."""


@dataclass(frozen=True)
class Fault:
    """Why a call had no effect: a word for programs and a sentence."""

    code: str
    text: str


@dataclass(frozen=True)
class Decided:
    """A held call came to its end."""

    hold: str
    status: str
    result: Any


@dataclass(frozen=True)
class Asked:
    """The customer was asked about what is held; what they answer needs no reply."""


@dataclass(frozen=True)
class Edited:
    """A person gave a held call other arguments."""

    hold: str
    arguments: Mapping[str, Any]


_UNREADABLE = {"error": "The answer cannot be read."}

Entry: TypeAlias = Said | Replied | Returned | Decided | Asked | Edited | Interrupted


def read_messages(messages: Sequence[Mapping[str, Any]]) -> Iterator[Entry]:
    """Yield what happened, in order; messages that say nothing to us are passed over."""
    called: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for message in messages:
        text = _text(message.get("content"))
        match message.get("role"):
            case "user":
                yield Said(text)
            case "assistant":
                calls = {call["id"]: _call(call) for call in message.get("tool_calls") or ()}
                called |= calls
                if not calls:
                    yield Replied()
            case "tool":
                tool, arguments = called.get(message.get("tool_call_id", ""), ("", {}))
                result = _json(text)
                yield Returned(tool, arguments, result if isinstance(result, dict) else _UNREADABLE)
            case "system":
                yield _told(_json(text))


def _told(told: Any) -> Entry:
    match told:
        case {"hold": _, "question": _}:
            return Asked()
        case {"hold": hold, "arguments": dict() as arguments}:
            return Edited(str(hold), arguments)
        case {"hold": hold, "status": status}:
            return Decided(str(hold), str(status), told.get("result"))
        case _:
            return Interrupted()


def fault_of(result: Mapping[str, Any]) -> Fault | None:
    """Return the fault a tool message tells of, None when it tells of none.

    The message is `{"error": …}` around what the tool answered: a text, or an object that has an
    `error` of its own and perhaps a `code`.
    """
    if "error" not in result:
        return None
    code, told = "error", result["error"]
    while isinstance(told, dict):
        code, told = str(told.get("code", code)), told.get("error")
    return Fault(code, told if isinstance(told, str) else "")


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _call(call: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    function = call["function"]
    arguments = _json(function["arguments"])
    return function["name"], arguments if isinstance(arguments, dict) else {}


def _json(text: str) -> Any:
    """Decode JSON with exact fractions; None when it is none."""
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return None
