"""Judges tool calls: validates them, asks for their facts and lets their tool's rules decide.

The first rule that matches decides. Whatever cannot be known (an error in a condition, unreadable
money, target or evidence, no rule that matches) holds the call for a person. A tool without rules
is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversation import events as ev
from conversation.state import State
from handoff.catalogue import Catalogue
from handoff.evidence import NOTHING, Ask, Asks, Evidence, EvidenceReader, Source, gather_evidence
from handoff.facts import Json, NotPlain, check_plain
from handoff.identification import Answered, compile_identifications, identify
from handoff.judgement import Judgement, invalid, judge_by
from handoff.limits import Limit
from handoff.rules import compile_tool
from handoff.scope import CannotJudge, Scope
from handoff.settings import ToolSettings


class Policy:
    """The compiled tools; raises `PolicyError` naming the key of the first fault."""

    def __init__(self, tools: Mapping[str, ToolSettings]) -> None:
        self._catalogue = Catalogue(tools)
        self._identifications = compile_identifications(tools)
        self._rules = {name: compile_tool(name, tools) for name in tools}

    def offered(self) -> list[dict[str, Any]]:
        """The tools the model may call, for Chat Completions, in the order they are written."""
        return self._catalogue.offered()

    def writes(self, tool: str) -> bool:
        """Whether a configured tool changes something."""
        return self._catalogue.writes(tool)

    def limits(self, tool: str) -> tuple[Limit, ...]:
        """What a configured tool may move in a while."""
        return self._rules[tool].limits

    def listed(self) -> list[dict[str, Any]]:
        """Every tool as people are shown it, also what the model is not offered."""
        return self._catalogue.listed()

    def identifies(self, tool: str) -> bool:
        """Whether the result of a tool may say who the customer is."""
        return tool in self._identifications

    def identify(self, state: State, answered: Sequence[Answered]) -> list[ev.New]:
        """Who a customer has proved to be by calls that ended together."""
        return identify(self._identifications, state, answered)

    def evidence_for(
        self,
        tool: str,
        arguments: Json,
        *,
        customer: dict[str, Any] | None,
        offered_only: bool = True,
    ) -> Asks:
        """What must be asked before this call is judged; nothing for an invalid one."""
        if self._catalogue.call_fault(tool, arguments, offered_only=offered_only) is not None:
            return Asks()
        scope = _scope(arguments, customer)
        asks: dict[str, Ask] = {}
        failed: dict[str, str] = {}
        for name, source in self._rules[tool].evidence.items():
            try:
                asks[name] = self._ask(source, scope)
            except CannotJudge as error:
                failed[name] = str(error)
        return Asks(asks, failed)

    def judge(
        self,
        tool: str,
        arguments: Json,
        *,
        customer: dict[str, Any] | None,
        evidence: Evidence = NOTHING,
        offered_only: bool = True,
    ) -> Judgement:
        """Judge one call; `arguments` come parsed, their numbers int or Decimal.

        With `offered_only` a tool that the model is not offered does not exist.
        """
        if fault := self._catalogue.call_fault(tool, arguments, offered_only=offered_only):
            return invalid(tool, fault)
        return judge_by(
            self._rules[tool],
            _scope(arguments, customer),
            evidence,
            tool=tool,
            schema=self._catalogue.schema(tool),
        )

    def _ask(self, source: Source, scope: Scope) -> Ask:
        ask = source.ask(scope)
        if fault := self._catalogue.arguments_fault(ask.tool, ask.arguments):
            raise CannotJudge(fault)
        return ask


async def judge_call(
    policy: Policy,
    reader: EvidenceReader,
    tool: str,
    arguments: Json,
    *,
    customer: dict[str, Any] | None,
    offered_only: bool = True,
) -> Judgement:
    """Ask for the evidence of one call, each fact once, and judge it."""
    asks = policy.evidence_for(tool, arguments, customer=customer, offered_only=offered_only)
    evidence = await gather_evidence(reader, asks)
    return policy.judge(
        tool, arguments, customer=customer, evidence=evidence, offered_only=offered_only
    )


def _scope(arguments: Json, customer: dict[str, Any] | None) -> Scope:
    scope = Scope({"args": arguments, "customer": customer})
    try:
        check_plain(customer)
    except NotPlain as error:
        scope.values["customer"] = None
        scope.lacks("customer", "*", because=f"the customer's attributes are refused: {error}")
    return scope
