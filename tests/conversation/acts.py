"""What people and the assistant do in a conversation, each as a decision `Log.commit` takes.

Every act is legal whenever it answers events, and answers none when the state does not allow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from msgspec import UNSET, Raw

from conversation import events as ev
from conversation.hold import Hold
from conversation.reply import Reply
from conversation.state import ASSISTANT, LINE, NOBODY, State

CUSTOMER = ev.By("customer", name="Robin")
ANN = ev.By("staff", name="Ann", id="u_ann")
ADA = ev.By("assistant", name="Ada")
SYSTEM = ev.By("system")
PRIVATE = "for staff only"
"""A mark that stands in every field customers must not see."""

_numbers = count(1)


def new_id(letter: str) -> str:
    """An id nobody has used."""
    return f"{letter}_{next(_numbers)}"


class Act:
    """A decision that ignores the reply being shown, unless it says otherwise."""

    def __call__(self, state: State, _reply: Reply | None = None, /) -> Sequence[ev.New]:
        """The events that follow."""
        return self.given(state)

    def given(self, state: State) -> Sequence[ev.New]:
        """The events that follow from a state."""
        raise NotImplementedError

    def __repr__(self) -> str:
        of = ", ".join(map(str, vars(self).values()))
        return f"{type(self).__name__}({of})"


class Says(Act):
    """The customer writes; the first words start the conversation."""

    def __init__(self, text: str = "hello", id: str | None = None) -> None:  # noqa: A002
        self.said = ev.CustomerSaid(id=id or new_id("m"), text=text)

    def given(self, state: State) -> Sequence[ev.New]:
        said = ev.New(CUSTOMER, self.said)
        if state.seq == 0:
            started = ev.ConversationStarted(customer="u_robin", attributes={"name": "Robin"})
            return [ev.New(CUSTOMER, started), said]
        if state.owner == NOBODY:
            return [
                ev.New(SYSTEM, ev.ConversationReopened()),
                _owner(state, ASSISTANT, SYSTEM),
                said,
            ]
        return [said]


class Asks(Act):
    """The customer wants a person."""

    def given(self, state: State) -> Sequence[ev.New]:
        if state.owner != ASSISTANT or state.seq == 0:
            return []
        reason = ev.Reason("asks_for_human", 1.0, PRIVATE, {"seq": state.seq})
        wanted = ev.HandoverRequested(reason="asks_for_human", reasons=[reason])
        return [
            *_cut(state, None),
            ev.New(CUSTOMER, wanted),
            _owner(state, LINE, SYSTEM),
            ev.New(SYSTEM, ev.SystemSaid(text="Somebody will be with you.", code="handover")),
        ]


class Accepts(Act):
    """A person takes the conversation from the line."""

    def given(self, state: State) -> Sequence[ev.New]:
        return [_owner(state, "staff:u_ann", ANN)] if state.owner == LINE else []


class TakesOver(Act):
    """A person takes the conversation, also in the middle of a reply."""

    def __call__(self, state: State, reply: Reply | None = None, /) -> Sequence[ev.New]:
        """What was shown is kept."""
        if state.seq == 0 or state.owner not in (ASSISTANT, LINE):
            return []
        return [*_cut(state, reply), _owner(state, "staff:u_ann", ANN)]


class Answers(Act):
    """The person who owns the conversation writes."""

    def given(self, state: State) -> Sequence[ev.New]:
        said = ev.StaffSaid(id=new_id("m"), text="hello, Ann here")
        return [ev.New(ANN, said)] if state.staff else []


class Notes(Act):
    """A note among staff."""

    def given(self, state: State) -> Sequence[ev.New]:
        return [ev.New(ANN, ev.NoteAdded(id=new_id("m"), text=PRIVATE))] if state.seq else []


class Returns(Act):
    """The person gives the conversation back to the assistant."""

    def given(self, state: State) -> Sequence[ev.New]:
        return [_owner(state, ASSISTANT, ANN)] if state.staff else []


class Reminds(Act):
    """The waiting customer is told that nobody is free yet."""

    def given(self, state: State) -> Sequence[ev.New]:
        said = ev.SystemSaid(text="Still nobody free.", code="still_waiting")
        return [ev.New(SYSTEM, said)] if state.owner == LINE else []


class Identifies(Act):
    """Who the customer is becomes known."""

    def given(self, state: State) -> Sequence[ev.New]:
        known = ev.CustomerIdentified(
            customer="u_42", level="token", how="token", attributes={"tier": PRIVATE}
        )
        return [ev.New(SYSTEM, known)] if state.seq else []


class Calls(Act):
    """A step of the model with a read, and a write that a person must decide on."""

    def given(self, state: State) -> Sequence[ev.New]:
        if state.turn is None:
            return []
        read, write, hold = new_id("call"), new_id("call"), new_id("h")
        calls = [_call(read, "allow"), _call(write, "hold", hold)]
        called = ev.AssistantCalled(
            turn=state.turn.n, attempt=1, step=state.steps + 1, text="One moment.", calls=calls
        )
        return [ev.New(ADA, called), ev.New(ADA, held(hold, write))]


class Works(Act):
    """The next unfinished call of the turn begins, or ends."""

    def given(self, state: State) -> Sequence[ev.New]:
        if state.turn is None or not state.turn.unfinished:
            return []
        call = state.turn.unfinished[0]
        if call not in state.turn.started:
            return [ev.New(ADA, ev.ToolStarted(call=call, key=None))]
        finished = ev.ToolFinished(
            call=call, key=None, outcome="succeeded", result=Raw(b'{"found": 1.50}')
        )
        return [ev.New(ADA, finished)]


class Replies(Act):
    """The assistant's reply ends its turn."""

    def given(self, state: State) -> Sequence[ev.New]:
        if state.turn is None or state.turn.unfinished:
            return []
        turn = state.turn.n
        said = ev.AssistantSaid(text="Here you are.", turn=turn)
        ended = ev.TurnEnded(turn=turn, outcome="replied", upto=state.turn.upto)
        return [ev.New(ADA, said), ev.New(ADA, ended)]


class Fails(Act):
    """The turn fails, and the conversation goes to people."""

    def given(self, state: State) -> Sequence[ev.New]:
        if state.turn is None:
            return []
        ended = ev.TurnEnded(turn=state.turn.n, outcome="failed", upto=state.cause)
        wanted = ev.HandoverRequested(reason="failed", reasons=[])
        return [ev.New(ADA, ended), ev.New(SYSTEM, wanted), _owner(state, LINE, SYSTEM)]


class Assesses(Act):
    """The monitor looks at the open turn."""

    def given(self, state: State) -> Sequence[ev.New]:
        if state.turn is None:
            return []
        reasons = [ev.Reason("unsure", 0.4, PRIVATE)]
        assessed = ev.Assessed(
            turn=state.turn.n,
            outcome="continue",
            score=0.25,
            threshold=0.5,
            certified=False,
            reasons=reasons,
        )
        return [ev.New(SYSTEM, assessed)]


class Decides(Act):
    """A person approves or rejects the oldest hold that waits."""

    def __init__(self, status: ev.HoldStatus) -> None:
        self.status = status

    def given(self, state: State) -> Sequence[ev.New]:
        waiting = [hold for hold in state.open_holds if hold.status == "held"]
        return [changes(waiting[0], self.status, by=ANN)] if waiting else []


class Executes(Act):
    """An approved call begins; one that has begun comes to `status`."""

    def __init__(self, status: ev.HoldStatus) -> None:
        self.status = status

    def given(self, state: State) -> Sequence[ev.New]:
        for hold in state.open_holds:
            if hold.status == "approved":
                started = ev.ToolStarted(call=hold.call, key=hold.call)
                return [ev.New(ADA, started), changes(hold, "executing")]
            if hold.status in ("executing", "unknown") and hold.status != self.status:
                return [changes(hold, self.status)]
        return []


class Closes(Act):
    """The conversation ends; open holds are withdrawn, nothing under way is left behind."""

    def given(self, state: State) -> Sequence[ev.New]:
        moving = any(hold.status not in ("held", "needs_info") for hold in state.open_holds)
        if state.owner == NOBODY or state.seq == 0 or moving:
            return []
        return [
            *_cut(state, None),
            *(changes(hold, "withdrawn") for hold in state.open_holds),
            _owner(state, NOBODY, SYSTEM),
            ev.New(SYSTEM, ev.ConversationClosed()),
        ]


ALL: tuple[Act, ...] = (
    Says(), Says("and?"), Asks(), Accepts(), TakesOver(), Answers(), Notes(), Returns(), Reminds(),
    Identifies(), Calls(), Works(), Replies(), Fails(), Assesses(), Decides("approved"),
    Decides("rejected"), Decides("expired"), Executes("succeeded"), Executes("failed"),
    Executes("unknown"), Closes(),
)  # fmt: skip


def held(hold: str, call: str) -> ev.Held:
    """A refund that waits for a decision."""
    return ev.Held(
        hold=hold,
        kind="call",
        call=call,
        revision=1,
        digest=PRIVATE,
        tool="issue_refund",
        title="Refund part of an order",
        arguments=Raw(f'{{"order": "{PRIVATE}", "amount": 40.00}}'.encode()),
        target=PRIVATE,
        money=ev.Money(4000, "USD"),
        rule=PRIVATE,
        risk="high",
        reasons=[ev.Reason("over_limit", 1.0, PRIVATE)],
        evidence=Raw(f'{{"order": "{PRIVATE}"}}'.encode()),
    )


def changes(hold: Hold, status: ev.HoldStatus, *, by: ev.By = SYSTEM) -> ev.New:
    """The next step in the life of a hold."""
    changed = ev.HoldChanged(
        hold=hold.hold, status=status, revision=hold.revision, by=by, money=hold.held.money
    )
    return ev.New(by, changed)


def _call(call: str, verdict: ev.Verdict, hold: str | None = None) -> ev.Call:
    return ev.Call(
        call=call,
        model_call_id=f"model-{call}",
        tool="issue_refund" if hold else "get_order",
        arguments=Raw(f'{{"order": "{PRIVATE}"}}'.encode()),
        verdict=verdict,
        because=PRIVATE,
        hold=hold or UNSET,
    )


def _owner(state: State, to: str, by: ev.By) -> ev.New:
    data = ev.OwnerChanged(
        from_=state.owner,
        to=to,
        epoch=state.epoch + 1,
        cause="test",
        name=by.name if to.startswith("staff:") else None,
        note=PRIVATE,
        brief=PRIVATE,
    )
    return ev.New(by, data)


def _cut(state: State, reply: Reply | None) -> list[ev.New]:
    if state.turn is None:
        return []
    kept = []
    if reply is not None:
        kept = [ev.New(ADA, ev.AssistantSaid(text=reply.text, turn=state.turn.n, partial=True))]
    ended = ev.TurnEnded(turn=state.turn.n, outcome="cut", upto=state.cause)
    unstarted = [
        ev.New(SYSTEM, ev.ToolFinished(call=call, key=None, outcome="not_started"))
        for call in state.turn.unfinished
        if call not in state.turn.started
    ]
    return [*kept, *unstarted, ev.New(SYSTEM, ended)]
