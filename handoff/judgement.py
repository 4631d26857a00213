"""One call judged by its tool's rules: facts first, then money and target, then the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversation.events import Money, Reason, Verdict
from handoff.digest import digest
from handoff.evidence import Evidence
from handoff.facts import Json
from handoff.limits import UNCOUNTED
from handoff.money import Transfer, in_words
from handoff.rules import Rule, ToolRules
from handoff.scope import CannotJudge, Gap, Scope
from handoff.settings import Direction, Risk

NOBODY = "nobody has identified this customer"
_UNEXPLAINED = {"allow": None, "hold": "a person must approve this", "deny": "not allowed"}


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the policy says of one call, and all that a hold shows of it.

    `because` is a sentence for the model and for staff, None only of an allowed call; `rule` is
    the rule that decided, in words, None when none did; `evidence` is what was read; `digest`
    covers all that the decision rests on; `approvers` is how many people must approve. Of an
    invalid call only `because` and `title` are told.
    """

    verdict: Verdict
    because: str | None
    title: str
    rule: str | None
    risk: Risk | None
    money: Money | None
    direction: Direction | None
    target: str
    digest: str
    evidence: Mapping[str, Json]
    reasons: list[Reason]
    approvers: int = 1


@dataclass(frozen=True)
class _Decision:
    verdict: Verdict
    reasons: list[Reason]
    because: str | None = None
    rule: Rule | None = None
    approvers: int = 1


def invalid(tool: str, because: str) -> Judgement:
    """A call that cannot be made at all."""
    return Judgement(
        verdict="invalid",
        because=because,
        title=tool,
        rule=None,
        risk=None,
        money=None,
        direction=None,
        target="",
        digest="",
        evidence={},
        reasons=[],
    )


def judge_by(
    rules: ToolRules, scope: Scope, evidence: Evidence, *, tool: str, schema: str
) -> Judgement:
    """Judge a valid call; `scope` holds `args` and `customer`, `schema` is its arguments' version.

    Unreadable evidence holds what mentions it; unreadable money or target, and a customer nobody
    has identified, hold what the rules would allow of a write, and a denial stands. Money that
    cannot be read cannot be counted either, which is told where there are limits.
    """
    facts, missing = _add_evidence(rules, scope, evidence)
    transfer, no_money = _add_money(rules, scope)
    target, no_target = _target(rules, scope)
    nobody = _nobody(rules, scope)
    if no_money and rules.limits:
        no_money = [*no_money, UNCOUNTED]
    decision = _strictest(_decide(rules, scope), [*nobody, *no_money, *no_target])
    return Judgement(
        verdict=decision.verdict,
        because=decision.because,
        title=_title(rules, transfer),
        rule=decision.rule.words() if decision.rule else None,
        risk=decision.rule.risk if decision.rule else None,
        money=transfer.money if transfer else None,
        direction=transfer.direction if transfer else None,
        target=target,
        digest=digest(
            {
                "tool": tool,
                "schema": schema,
                "arguments": scope.values["args"],
                "customer": scope.values["customer"],
                "target": target,
                "policy": rules.version,
                "evidence": facts,
            }
        ),
        evidence=facts,
        reasons=_distinct([*decision.reasons, *nobody, *missing, *no_money, *no_target]),
        approvers=decision.approvers,
    )


def _add_evidence(
    rules: ToolRules, scope: Scope, evidence: Evidence
) -> tuple[dict[str, Json], list[Reason]]:
    facts: dict[str, Json] = {}
    missing = []
    for name in rules.evidence:
        if name in evidence.values:
            facts[name] = evidence.values[name]
            continue
        why = evidence.failed.get(name, "it was not asked")
        missing.append(_trouble("evidence", f"evidence {name} could not be read: {why}"))
        scope.lacks("evidence", name, because=missing[-1].text)
    scope.values["evidence"] = facts
    return facts, missing


def _add_money(rules: ToolRules, scope: Scope) -> tuple[Transfer | None, list[Reason]]:
    try:
        transfer = rules.money.read(scope) if rules.money else None
    except CannotJudge as error:
        trouble = _trouble("money", f"the money could not be read: {error}")
        scope.lacks("money", "*", because=trouble.text)
        return None, [trouble]
    scope.values["money"] = transfer.fact() if transfer else None
    return transfer, []


def _target(rules: ToolRules, scope: Scope) -> tuple[str, list[Reason]]:
    try:
        return rules.target_of(scope), []
    except CannotJudge as error:
        trouble = _trouble("target", f"the target could not be read: {error}")
        return digest(scope.values["args"]), [trouble]


def _nobody(rules: ToolRules, scope: Scope) -> list[Reason]:
    """What is done for nobody in particular, a person must answer for."""
    match scope.values["customer"]:
        case {"id": str() as known} if known:
            return []
        case _:
            return [_trouble("identity", NOBODY)] if rules.writes else []


def _decide(rules: ToolRules, scope: Scope) -> _Decision:
    for number, rule in enumerate(rules.rules, 1):
        try:
            if rule.matches(scope):
                return _decided(rule)
        except Gap as gap:
            return _undecided(str(gap), rules.rules[number - 1 :])
        except CannotJudge as error:
            because = f"rule {number} could not be judged: {error}"
            return _undecided(because, rules.rules[number - 1 :])
    if rules.rules:
        return _undecided("no rule matched", ())
    return _Decision("allow", [])


def _decided(rule: Rule) -> _Decision:
    told = [] if rule.then == "allow" else [Reason("rule", 1.0, rule.words(), _condition(rule))]
    because = rule.because or _UNEXPLAINED[rule.then]
    return _Decision(rule.then, told, because, rule, rule.approvers)


def _undecided(because: str, left: Sequence[Rule]) -> _Decision:
    """Hold; a rule that cannot be judged must not save an approver that it or a later one asks."""
    condition = _condition(left[0]) if left else None
    reasons = [Reason("undecided", 1.0, because, condition)]
    approvers = max((rule.approvers for rule in left), default=1)
    return _Decision("hold", reasons, because, approvers=approvers)


def _condition(rule: Rule) -> str | None:
    return rule.when.source if rule.when else None


def _strictest(decision: _Decision, troubles: list[Reason]) -> _Decision:
    if decision.verdict != "allow" or not troubles:
        return decision
    return _Decision("hold", [], troubles[0].text)


def _trouble(signal: str, text: str) -> Reason:
    return Reason(signal, 1.0, text)


def _distinct(reasons: list[Reason]) -> list[Reason]:
    return list({reason.text: reason for reason in reversed(reasons)}.values())[::-1]


def _title(rules: ToolRules, transfer: Transfer | None) -> str:
    return f"{rules.title} of {in_words(transfer.money)}" if transfer else rules.title
