"""Conversations in which money is asked for, with a real log and no worker, for tests of limits."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from conversation import events as ev
from conversation.hold import Hold
from conversation.ids import hold_id
from conversation.log import Log
from conversation.state import State
from handoff.evidence import EvidenceReader
from handoff.facts import Json
from handoff.judgement import Judgement
from handoff.judging import Asked, Judge
from handoff.policy import Policy
from handoff.settings import HoldsSettings, ToolSettings

ADA = ev.By("assistant", name="Ada")
SYSTEM = ev.By("system")
SAM = ev.By("staff", name="Sam", id="s_sam")
DANA = ev.By("staff", name="Dana", id="s_dana")


def refunds(*limits: dict[str, Any], rules: list[dict[str, Any]] | None = None) -> ToolSettings:
    """A write that moves what its arguments say, with these limits."""
    return msgspec.convert(
        {
            "http": {"url": "http://127.0.0.1:9/refund"},
            "description": "Refund",
            "title": "Refund",
            "effect": "write",
            "idempotency": "key",
            "money": {
                "amount": "args.amount", "currency": "args.currency", "direction": "args.direction",
            },
            "target": "args.order",
            "rules": rules or [{"then": "allow"}],
            "limits": list(limits),
        },
        ToolSettings,
    )  # fmt: skip


class NoFacts:
    """Nothing can be read; the tools here ask for nothing."""

    def reader(self, *_whose: object) -> EvidenceReader:
        """Nobody's."""
        return self

    async def read(self, tool: str, *_arguments: object) -> Json:
        """Never asked."""
        raise AssertionError(tool)


class Till:
    """A shop with one tool, `refund`."""

    def __init__(self, log: Log, tool: ToolSettings) -> None:
        self.log = log
        self.judge = Judge(
            Policy({"refund": tool, "pay_back": tool}), NoFacts(), log=log, holds=HoldsSettings()
        )

    async def chat(self, name: str, *, customer: str = "u_robin") -> Chat:
        """A conversation of somebody who is known and has just written."""
        chat = Chat(self, f"c_{name}")
        await chat.commit(
            ev.New(SYSTEM, ev.ConversationStarted(customer=customer)),
            identified(customer),
            ev.New(ev.By("customer"), ev.CustomerSaid(id="1", text="My money!")),
        )
        return chat

    async def visitor(self, name: str) -> Chat:
        """A conversation of somebody unknown who has just written."""
        chat = Chat(self, f"c_{name}")
        await chat.commit(
            ev.New(SYSTEM, ev.ConversationStarted(customer=f"visitor-{name}")),
            ev.New(ev.By("customer"), ev.CustomerSaid(id="1", text="My money!")),
        )
        return chat


class Chat:
    """One conversation."""

    def __init__(self, till: Till, conversation: str) -> None:
        self.till = till
        self.conversation = conversation

    async def state(self) -> State:
        """The conversation now."""
        return await self.till.log.head(self.conversation)

    async def commit(self, *events: ev.New) -> None:
        """Let events happen."""
        await self.till.log.commit(self.conversation, lambda _s, _r: events)

    async def judged(self, *asked: Asked) -> tuple[list[ev.Call], list[ev.New]]:
        """What the next step would come to; nothing is committed."""
        state = await self.state()
        return await self.till.judge.step(state, state.steps + 1, asked, by=ADA)

    async def asks(self, *asked: Asked) -> list[ev.Call]:
        """The assistant calls; the step is committed."""
        state = await self.state()
        calls, events = await self.till.judge.step(state, state.steps + 1, asked, by=ADA)
        called = ev.AssistantCalled(turn=1, attempt=1, step=state.steps + 1, text="", calls=calls)
        await self.commit(ev.New(ADA, called), *events)
        return calls

    async def verdict(self, *asked: Asked) -> str:
        """The same, of one call."""
        (call,) = await self.asks(*asked)
        return call.verdict

    async def staff_asks(self, id_: str, asked: Asked) -> str:
        """Somebody who has taken over calls."""
        state = await self.state()
        call = f"call_{self.conversation.removeprefix('c_')}_{id_}_1"
        ruled = await self.till.judge.one(
            state, call=call, tool=asked.tool, arguments=asked.arguments, by=SAM
        )
        called = ev.StaffCalled(
            call=call,
            tool=asked.tool,
            arguments=ruled.arguments,
            verdict=ruled.verdict,
            because=ruled.because,
            hold=ruled.hold or UNSET,
            judged=ruled.judged,
        )
        await self.commit(ev.New(SAM, called), *ruled.events)
        return ruled.verdict

    async def taken_over(self) -> None:
        """Sam has it from now on."""
        state = await self.state()
        changed = ev.OwnerChanged(
            from_=state.owner, to="staff:s_sam", epoch=state.epoch + 1, cause="takeover"
        )
        ended = ev.TurnEnded(turn=1, outcome="cut", upto=state.seq)
        await self.commit(ev.New(SYSTEM, ended), ev.New(SAM, changed))

    async def finished(self, call: ev.Call, outcome: ev.CallOutcome) -> None:
        """An allowed call has run."""
        finished = ev.ToolFinished(call=call.call, key=call.call, outcome=outcome)
        await self.commit(ev.New(SYSTEM, finished))

    async def hold(self, call: ev.Call) -> Hold:
        """What is held of a call."""
        return (await self.state()).holds[hold_id(call.call)]

    async def becomes(self, call: ev.Call, *statuses: ev.HoldStatus) -> None:
        """What becomes of a held call, step by step."""
        for status in statuses:
            hold = await self.hold(call)
            changed = ev.HoldChanged(
                hold=hold.hold,
                status=status,
                revision=hold.revision,
                money=hold.held.money,
                by=DANA,
                decision="approve" if status == "approved" else UNSET,
            )
            await self.commit(ev.New(DANA, changed))

    async def dispatched(self, call: ev.Call) -> ev.Held | Judgement:
        """An approved call judged as it is about to run."""
        return await self.till.judge.again(await self.state(), await self.hold(call))

    async def put_back(self, call: ev.Call, now: ev.Held) -> None:
        """What was approved waits again."""
        hold = await self.hold(call)
        changed = ev.HoldChanged(
            hold=hold.hold,
            status="held",
            revision=hold.revision + 1,
            digest=now.digest,
            money=now.money,
            reasons=now.reasons,
            arguments=now.arguments,
            target=now.target,
        )
        await self.commit(ev.New(SYSTEM, changed))

    async def edits(self, call: ev.Call, arguments: str) -> ev.Held | Judgement:
        """A person gives a held call other arguments, and it waits with them."""
        hold = await self.hold(call)
        now = await self.till.judge.edited(await self.state(), hold, arguments)
        if isinstance(now, ev.Held):
            await self.put_back(call, now)
        return now


def identified(customer: str) -> ev.New:
    """Who writes has become known."""
    return ev.New(SYSTEM, ev.CustomerIdentified(customer=customer, level="token", how="token"))


def money(amount: str, *, order: str = "W1", currency: str = "USD", **more: str) -> str:
    """The arguments of a refund."""
    direction = more.get("direction", "to_customer")
    return (
        f'{{"amount": {amount}, "order": "{order}", "currency": "{currency}",'
        f' "direction": "{direction}"}}'
    )


def refund(amount: str, **more: str) -> Asked:
    """A refund is asked for."""
    return Asked(tool="refund", arguments=money(amount, **more))
