"""One tool's money, target, evidence and rules, compiled and checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import msgspec

from handoff.catalogue import title_of
from handoff.cel import Expression, Known, PolicyError, compile_expression
from handoff.digest import canonical_number, digest
from handoff.evidence import Source
from handoff.facts import Json
from handoff.limits import Limit, compile_limits
from handoff.money import MoneyReading, compile_money
from handoff.scope import CannotJudge, Scope
from handoff.settings import EvidenceSettings, Risk, RuleSettings, ToolSettings

_MONEY_FIELDS = frozenset({"minor", "currency", "direction"})
_PAST = {"allow": "allowed", "deny": "denied"}


@dataclass(frozen=True)
class Rule:
    """One rule: its condition (None always matches), what then, and why."""

    when: Expression | None
    then: Literal["allow", "hold", "deny"]
    because: str | None
    risk: Risk | None
    approvers: int = 1

    def matches(self, scope: Scope) -> bool:
        """Whether the rule decides this call; raises `CannotJudge`."""
        return self.when is None or scope.holds(self.when)

    def words(self) -> str:
        """The rule as people read it: its own reason, else what it says."""
        if self.because:
            return self.because
        return f"{self.then} when {self.when.source}" if self.when else f"otherwise {self.then}"


@dataclass(frozen=True)
class ToolRules:
    """All that is declared of one tool's calls; `version` is the digest of the declaration."""

    title: str
    version: str
    writes: bool
    evidence: Mapping[str, Source]
    money: MoneyReading | None
    target: Expression | None
    rules: tuple[Rule, ...]
    limits: tuple[Limit, ...]

    def target_of(self, scope: Scope) -> str:
        """What the call acts on, raises `CannotJudge`; by default the digest of its arguments."""
        if self.target is None:
            return digest(scope.values["args"])
        return _target(scope.value(self.target))


def compile_tool(name: str, tools: Mapping[str, ToolSettings]) -> ToolRules:
    """Compile one of the configured tools; raises `PolicyError` at the key that is wrong."""
    settings, key = tools[name], f"tools.{name}"
    asking: Known = {"args": _argument_names(settings), "customer": None}
    facts: Known = asking
    if settings.evidence:
        facts = {**asking, "evidence": frozenset(settings.evidence)}
    judging: Known = {**facts, "money": _MONEY_FIELDS} if settings.money else facts
    return ToolRules(
        title=title_of(name, settings),
        version=_version(settings),
        writes=settings.effect == "write",
        evidence={
            fact: _source(source, key=f"{key}.evidence.{fact}", tools=tools, known=asking)
            for fact, source in settings.evidence.items()
        },
        money=_money(settings, key=f"{key}.money", known=facts),
        target=_optional(settings.target, key=f"{key}.target", known=facts),
        rules=_rules(settings.rules, key=f"{key}.rules", known=judging),
        limits=compile_limits(settings, key=key),
    )


def _argument_names(settings: ToolSettings) -> frozenset[str] | None:
    """The arguments a call can have, None when the schema lets others through."""
    schema = settings.arguments
    closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    return frozenset(schema.get("properties", {})) if closed else None


def _money(settings: ToolSettings, *, key: str, known: Known) -> MoneyReading | None:
    if settings.money is None:
        return None
    if settings.effect == "read":
        raise PolicyError(key, "a read moves no money")
    limited = bool(settings.limits)
    return compile_money(settings.money, key=key, known=known, limited=limited)


def _optional(source: str | None, *, key: str, known: Known) -> Expression | None:
    return None if source is None else compile_expression(source, key=key, known=known)


def _version(settings: ToolSettings) -> str:
    declared = [settings.rules, settings.money, settings.target, settings.evidence, settings.limits]
    return digest(msgspec.to_builtins(declared))


def _source(
    settings: EvidenceSettings, *, key: str, tools: Mapping[str, ToolSettings], known: Known
) -> Source:
    asked = tools.get(settings.tool)
    if asked is None:
        raise PolicyError(f"{key}.tool", f"there is no tool {settings.tool!r}")
    if asked.effect != "read":
        raise PolicyError(f"{key}.tool", f"{settings.tool!r} is no read")
    arguments = {
        name: compile_expression(source, key=f"{key}.arguments.{name}", known=known)
        for name, source in settings.arguments.items()
    }
    return Source(settings.tool, arguments)


def _rules(rules: list[RuleSettings], *, key: str, known: Known) -> tuple[Rule, ...]:
    for index, rule in enumerate(rules[:-1]):
        if rule.when is None:
            raise PolicyError(f"{key}[{index + 1}]", f"never reached: rule {index} always matches")
    return tuple(
        _rule(rule, key=f"{key}[{index}]", known=known) for index, rule in enumerate(rules)
    )


def _rule(rule: RuleSettings, *, key: str, known: Known) -> Rule:
    if rule.approvers > 1 and rule.then != "hold":
        raise PolicyError(
            f"{key}.approvers", f"nobody approves what is {_PAST[rule.then]}: only with then: hold"
        )
    when = _optional(rule.when, key=f"{key}.when", known=known)
    return Rule(when, rule.then, rule.because, rule.risk, rule.approvers)


def _target(value: Json) -> str:
    match value:
        case str() if value:
            return value
        case int() | float() | Decimal() if not isinstance(value, bool):
            return canonical_number(Decimal(str(value)))
        case _:
            raise CannotJudge("it is neither a text nor a number")
