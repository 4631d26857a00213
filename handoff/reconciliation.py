"""What became of a write that nobody can tell of: asked of a read tool, as its operator says.

An expression that cannot be judged, a tool that does not answer, and an answer that says both that
it happened and that it did not all leave the outcome unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from conversation.events import iso
from handoff.cel import Expression, Known, PolicyError, compile_expression
from handoff.evidence import EvidenceError, EvidenceReader
from handoff.facts import Json, NotPlain, check_plain
from handoff.scope import CannotJudge, Scope
from handoff.settings import ReconcileSettings, ToolSettings

TRIES_AFTER_MS = (10_000, 60_000, 600_000)
"""When a tool is asked again what became of a write, each counted from the time before."""
REFERENCE_CHARACTERS = 200

Outcome = Literal["succeeded", "failed", "unknown"]


@dataclass(frozen=True)
class Finding:
    """What a tool says became of a write; `answer` is what `tool` answered, None when nothing."""

    outcome: Outcome
    tool: str
    answer: Json = None
    reference: str | None = None


@dataclass(frozen=True)
class Reconciliation:
    """How one tool's writes are looked up: the read, its arguments, and what its answer means."""

    tool: str
    arguments: Mapping[str, Expression]
    succeeded: Expression | None
    failed: Expression | None
    reference: Expression | None

    async def find(
        self, reader: EvidenceReader, arguments: Json, *, key: str, customer: dict[str, Any]
    ) -> Finding:
        """Ask what became of the write with this key; never raises for what the tool does."""
        scope = Scope({"args": arguments, "key": key, "customer": customer})
        try:
            asked = {name: scope.value(source) for name, source in self.arguments.items()}
            scope.values["result"] = answer = await reader.read(self.tool, asked)
            check_plain(answer)
            return self._read(scope, answer)
        except (CannotJudge, EvidenceError, NotPlain):
            return Finding("unknown", self.tool)

    def _read(self, scope: Scope, answer: Json) -> Finding:
        done = self.succeeded is not None and scope.holds(self.succeeded)
        undone = self.failed is not None and scope.holds(self.failed)
        if done == undone:
            return Finding("unknown", self.tool, answer)
        if undone:
            return Finding("failed", self.tool, answer)
        return Finding("succeeded", self.tool, answer, self._reference(scope))

    def _reference(self, scope: Scope) -> str | None:
        """The words by which people find it again; what cannot be read is left out."""
        if self.reference is None:
            return None
        try:
            value = scope.value(self.reference)
        except CannotJudge:
            return None
        if value is None or isinstance(value, bool | list | dict):
            return None
        return str(value)[:REFERENCE_CHARACTERS] or None


def compile_reconciliations(tools: Mapping[str, ToolSettings]) -> dict[str, Reconciliation]:
    """Those of all tools that have one; raises `PolicyError` at the key that is wrong."""
    return {
        name: compile_reconciliation(settings.reconcile, name, tools)
        for name, settings in tools.items()
        if settings.reconcile is not None
    }


def compile_reconciliation(
    settings: ReconcileSettings, name: str, tools: Mapping[str, ToolSettings]
) -> Reconciliation:
    """That of one tool; raises `PolicyError` at the key that is wrong."""
    key = f"tools.{name}.reconcile"
    if tools[name].effect == "read":
        raise PolicyError(key, "a read changes nothing that could be unknown")
    asked = tools.get(settings.tool)
    if asked is None:
        raise PolicyError(f"{key}.tool", f"there is no tool {settings.tool!r}")
    if asked.effect != "read":
        raise PolicyError(f"{key}.tool", f"{settings.tool!r} is no read")
    if settings.succeeded is None and settings.failed is None:
        raise PolicyError(key, "says neither when it `succeeded` nor when it `failed`")
    asking: Known = {"args": None, "key": frozenset(), "customer": None}
    reading: Known = {**asking, "result": None}
    arguments = {
        one: compile_expression(source, key=f"{key}.arguments.{one}", known=asking)
        for one, source in settings.arguments.items()
    }

    def condition(one: str) -> Expression | None:
        source: str | None = getattr(settings, one)
        if source is None:
            return None
        return compile_expression(source, key=f"{key}.{one}", known=reading)

    return Reconciliation(
        settings.tool, arguments, condition("succeeded"), condition("failed"),
        condition("reference"),
    )  # fmt: skip


def next_try(tries: int, *, now_ms: int, in_flight_ms: int = 0) -> str | UnsetType:
    """When a tool is asked again that has been asked so often by timer; unset when no more.

    Not while the write itself may be `in_flight_ms` yet: what has not happened may happen still.
    """
    if tries >= len(TRIES_AFTER_MS):
        return UNSET
    return iso(now_ms + max(TRIES_AFTER_MS[tries], in_flight_ms))
