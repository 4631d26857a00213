"""What the stand-in can do next: say something, or call tools and be asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Say:
    """Answer the customer; the turn is over."""

    text: str


@dataclass(frozen=True)
class ToolCall:
    """One call of a tool."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """Call tools, with a word to the customer meanwhile, and be asked again with their results."""

    calls: tuple[ToolCall, ...]
    text: str = ""


Step: TypeAlias = Say | Call
