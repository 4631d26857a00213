"""Judges a call by the limits of its tool, beside its rules: the strictest wins."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from msgspec import structs

from conversation import events as ev
from conversation.hold import Hold
from conversation.log import Log
from conversation.state import State
from handoff.budgets import Budgets, Claim
from handoff.digest import digest
from handoff.judgement import Judgement
from handoff.limits import Limit, heard, no_limit_in
from handoff.policy import Policy


class Limits:
    """The limits of all tools."""

    def __init__(self, policy: Policy, log: Log) -> None:
        self._policy = policy
        self._budgets = Budgets(log)

    async def judge(
        self,
        state: State,
        said: Judgement,
        *,
        tool: str,
        call: str,
        revision: int = 1,
        instead_of: Sequence[Hold] = (),
    ) -> Judgement:
        """What the rules said, or stricter; unless it is denied, its amount counts from now on.

        The holds it takes the place of do not stand in its way.
        """
        counts = self._counting(said, tool)
        if not counts or said.money is None:
            return said
        claim = _claim(state, said.money, said.target, tool=tool, call=call, revision=revision)
        claim = structs.replace(claim, instead_of=tuple(hold.call for hold in instead_of))
        return await self._judge(said, claim, counts)

    async def again(self, said: Judgement, state: State, hold: Hold) -> Judgement:
        """An approved call as it runs: a limit that spoke when it was approved has been heard."""
        shown = heard(hold.held)
        as_shown = _marked(said.digest, shown)
        tool = hold.held.action.tool
        counts = self._counting(said, tool)
        if not counts or said.money is None:
            return replace(said, digest=as_shown)
        decided = as_shown == hold.digest
        revision = hold.revision if decided else hold.revision + 1
        claim = _claim(state, said.money, said.target, tool=tool, call=hold.call, revision=revision)
        return await self._judge(said, claim, counts, shown=shown, decided=decided)

    def _counting(self, said: Judgement, tool: str) -> tuple[Limit, ...]:
        """The limits of a call that moves anything and is not denied yet."""
        moves = said.money is not None and said.money.minor > 0
        return self._policy.limits(tool) if moves and said.verdict in ("allow", "hold") else ()

    async def _judge(
        self,
        said: Judgement,
        claim: Claim,
        limits: Sequence[Limit],
        *,
        shown: frozenset[str] | None = None,
        decided: bool = False,
    ) -> Judgement:
        if not any(limit.most.currency == claim.money.currency for limit in limits):
            return _held(said, [no_limit_in(claim.money.currency)], shown or ())
        above = await self._budgets.reserve(claim, limits, decided=decided)
        for limit in above:
            if limit.then == "deny":
                return replace(said, verdict="deny", because=limit.words())
        return _held(said, [limit.reason() for limit in above], shown or ())


def _claim(
    state: State, money: ev.Money, target: str, *, tool: str, call: str, revision: int
) -> Claim:
    return Claim(
        conversation=state.conversation,
        customer=state.customer.id if state.customer else "",
        tool=tool,
        target=target,
        call=call,
        revision=revision,
        money=money,
    )


def _held(said: Judgement, reasons: Sequence[ev.Reason], shown: Collection[str]) -> Judgement:
    marks = {*shown, *(str(reason.evidence) for reason in reasons)}
    marked = replace(said, digest=_marked(said.digest, marks))
    if not reasons:
        return marked
    words = "; ".join(reason.text for reason in reasons)
    by_rule = said.verdict == "hold"
    return replace(
        marked,
        verdict="hold",
        because=said.because if by_rule else words,
        rule="; ".join([said.rule or said.because or "", words]) if by_rule else words,
        reasons=[*said.reasons, *reasons],
    )


def _marked(digest_: str, marks: Collection[str]) -> str:
    """What was shown, with the limits that spoke."""
    return digest([digest_, sorted(marks)]) if marks else digest_
