"""Runs tool calls: finds the tool, says whose call it is, and reads facts for the policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Raw
from msgspec.structs import replace

from agent.http_tool import HttpTools, Outcome
from conversation.state import Customer
from handoff.digest import canonical
from handoff.evidence import EvidenceError
from handoff.exact_json import NotExact, parse_exact
from handoff.facts import Json
from handoff.identity import known_id
from handoff.reconciliation import Reconciliation, compile_reconciliations
from handoff.settings import ToolSettings

Purpose = Literal["call", "evidence", "reconcile"]
"""Why a tool is called: for its own sake, to judge another call, or to find out about one."""


class Caller:
    """The configured tools."""

    def __init__(self, tools: Mapping[str, ToolSettings], http: HttpTools) -> None:
        self._tools = tools
        self._http = http
        self._reconciliations = compile_reconciliations(tools)

    def knows(self, tool: str) -> bool:
        """Whether a tool is configured."""
        return tool in self._tools

    def writes(self, tool: str) -> bool:
        """Whether a tool changes something."""
        return self._tools[tool].effect == "write"

    def repeatable(self, tool: str) -> bool:
        """Whether the same call may be made again with the same key; not of a tool that is gone."""
        return tool in self._tools and self._tools[tool].idempotency == "key"

    def in_flight_ms(self, tool: str) -> int:
        """How long one request to a configured tool may be under way."""
        return round(self._tools[tool].http.timeout_s * 1000)

    def reconciliation(self, tool: str) -> Reconciliation | None:
        """How it is found out what became of a write, if its operator says how."""
        return self._reconciliations.get(tool)

    async def call(
        self,
        tool: str,
        arguments: Raw,
        *,
        conversation: str,
        customer: Customer | None,
        key: str | None,
        purpose: Purpose = "call",
        again: bool = False,
    ) -> Outcome:
        """Make one call; `key` is set for writes only. Never raises for what a tool does.

        `again`: a worker that died made this very call before; what fails now may be done already.
        """
        settings = self._tools[tool]
        outcome = await self._http.call(
            url=settings.http.url,
            timeout_s=settings.http.timeout_s,
            arguments=arguments,
            purpose=purpose,
            conversation=conversation,
            customer=known_id(customer),
            key=key,
            retry=key is None or settings.idempotency == "key",
        )
        doubtful = again and key is not None and outcome.outcome == "failed"
        return replace(outcome, outcome="unknown") if doubtful else outcome

    def reader(
        self,
        conversation: str,
        customer: Customer | None,
        *,
        purpose: Literal["evidence", "reconcile"] = "evidence",
    ) -> FactReader:
        """A reader of facts for one conversation."""
        return FactReader(self, conversation, customer, purpose)


class FactReader:
    """Reads facts by calling read tools."""

    def __init__(
        self, caller: Caller, conversation: str, customer: Customer | None, purpose: Purpose
    ) -> None:
        self._caller = caller
        self._conversation = conversation
        self._customer = customer
        self._purpose = purpose

    async def read(self, tool: str, arguments: dict[str, Any]) -> Json:
        """The tool's result with exact numbers; raises `EvidenceError`."""
        outcome = await self._caller.call(
            tool,
            Raw(canonical(arguments).encode()),
            conversation=self._conversation,
            customer=self._customer,
            key=None,
            purpose=self._purpose,
        )
        if outcome.result is None:
            raise EvidenceError(f"{tool} did not answer")
        try:
            return parse_exact(bytes(outcome.result))
        except NotExact as error:
            raise EvidenceError(f"{tool} answered unreadably") from error
