"""The machines of conversations and holds, explored: every decision, in any order, by anybody.

Beside the real decisions runs a model that knows only who asked, who approved, until when, and what
has run; both must agree on every command, and whatever is decided must fit the log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import Raw
from msgspec.structs import replace

from conversation import events as ev
from conversation.errors import Refused
from conversation.hold import Hold
from conversation.ids import call_id, draft_id, hold_id
from conversation.plan import stamp
from conversation.state import ASSISTANT, LINE, NOBODY, State, Turn, dump, fold
from handoff import deadlines, decisions, holds, ownership
from handoff.decisions import Seen
from handoff.drafts import digest_of
from handoff.ownership import Person
from handoff.settings import HoldsSettings
from handoff.settlement import Write, open_doubt

ADA = ev.By("assistant", name="Ada")
ROBIN = ev.By("customer", name="Robin")
SYSTEM = ev.By("system")
STAFF = (
    Person("p_ann", "Ann", "agent"),
    Person("p_sam", "Sam", "supervisor"),
    Person("p_kim", "Kim", "supervisor"),
    Person("p_max", "Max", "admin"),
)
SETTINGS = HoldsSettings(expires_in_s=100)
EXPIRES_IN_MS = 100_000
people = st.sampled_from(STAFF)
picks = st.integers(0, 5)
outcomes = st.sampled_from(("succeeded", "failed", "unknown"))


@dataclass
class Model:
    """What must be known of one hold to say what may be done with it."""

    kind: ev.HoldKind
    needed: int
    until_ms: int
    status: str = "held"
    asked: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    escalated: bool = False
    begun: int = 0

    def waits(self, now_ms: int) -> bool:
        return self.status in ("held", "needs_info") and now_ms < self.until_ms

    def may_decide(self, person: Person, now_ms: int) -> bool:
        return self.waits(now_ms) and (self.kind == "draft" or person.at_least("supervisor"))

    def may_approve(self, person: Person, now_ms: int) -> bool:
        return self.may_decide(person, now_ms) and person.id not in self.asked | self.approved


class Machines(RuleBasedStateMachine):
    """One conversation and all that people, the assistant, tools and time do to it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State(conversation="c_1")
        self.events: list[ev.Event] = []
        self.models: dict[str, Model] = {}
        self.now_ms = 1_767_323_045_000
        self.ids = count(1)

    @initialize(needed=st.integers(1, 2))
    def begin(self, needed: int) -> None:
        self.write(
            [
                ev.New(ROBIN, ev.ConversationStarted(customer="u_robin")),
                ev.New(ROBIN, ev.CustomerSaid(id="m", text="hello")),
            ]
        )
        self.call(needed, "hold")

    def write(self, new: Sequence[ev.New]) -> None:
        """Commit; raises `IllegalEvent` for what does not fit."""
        self.state, stamped = stamp(self.state, new, self.now_ms)
        self.events += [ev.decode(ev.encode(event)) for event in stamped]
        for event in stamped:
            data = event.data
            if isinstance(data, ev.HoldChanged):
                self.models[data.hold].status = data.status
            if isinstance(data, ev.ToolStarted) and hold_id(data.call) in self.models:
                self.models[hold_id(data.call)].begun += 1

    def tried(self, decide: Callable[[], Sequence[ev.New]]) -> bool:
        """Carry a command out; False when it was refused."""
        try:
            self.write(decide())
        except Refused:
            return False
        return True

    def hold(self, pick: int) -> Hold:
        """One of the latest holds, a live one rather than one that is over."""
        latest = [*self.state.open_holds, *self.state.holds.values()][:6]
        return latest[pick % len(latest)]

    def works(self) -> Turn | None:
        """The open turn, when nothing keeps it from its next step."""
        turn = self.state.turn
        return turn if turn is not None and not turn.unfinished else None

    def calls(self, *statuses: str) -> list[Hold]:
        return [h for h in self.state.holds.values() if h.status in statuses]

    # The customer and time

    @precondition(lambda self: self.state.turn is None)
    @rule()
    def customer_says(self) -> None:
        said = ev.New(ROBIN, ev.CustomerSaid(id=f"m{next(self.ids)}", text="and?"))
        self.write([*ownership.withdraw_drafts(self.state, by=ROBIN), said])

    @precondition(lambda self: self.state.holds)
    @rule(pick=picks)
    def customer_withdraws(self, pick: int) -> None:
        hold = self.hold(pick)
        model = self.models[hold.hold]
        may = model.kind != "draft" and model.status in ("held", "needs_info")
        assert may == self.tried(
            lambda: decisions.withdraw(self.state, None, hold=hold.hold, by=ROBIN)
        )

    @precondition(lambda self: self.state.open_holds)
    @rule(by_s=st.integers(1, 130))
    def time_passes(self, by_s: int) -> None:
        self.now_ms += by_s * 1000

    @precondition(lambda self: self.state.holds)
    @rule(pick=picks)
    def a_timer_fires(self, pick: int) -> None:
        hold = self.hold(pick)
        model, was = self.models[hold.hold], hold.status
        late = was in ("held", "needs_info") and self.now_ms >= model.until_ms
        new = deadlines.expire(
            self.state, None, hold=hold.hold, now_ms=self.now_ms, settings=SETTINGS
        )
        assert bool(new) == late
        self.write(new)
        if not late:
            return
        if model.kind == "call" and not model.escalated:
            assert model.status == was
            model.escalated, model.until_ms = True, self.now_ms + EXPIRES_IN_MS
        else:
            assert model.status == "expired"

    # The assistant

    @precondition(lambda self: self.works() is not None)
    @rule(needed=st.integers(1, 2), verdict=st.sampled_from(("hold", "allow")))
    def assistant_calls(self, needed: int, verdict: Literal["hold", "allow"]) -> None:
        self.call(needed, verdict)

    def call(self, needed: int, verdict: Literal["hold", "allow"]) -> None:
        turn = self.works()
        assert turn is not None
        step = self.state.steps + 1
        id_ = call_id("c_1", step, 1)
        call = ev.Call(
            call=id_, model_call_id=None, tool="refund", arguments=Raw(b"{}"), verdict=verdict,
            judged=ev.Judged(title="Refund", target="o", money=None),
        )  # fmt: skip
        called = ev.AssistantCalled(turn=turn.n, attempt=1, step=step, text="", calls=[call])
        new = [ev.New(ADA, called)]
        if verdict == "hold":
            new.append(ev.New(ADA, self.held(hold_id(id_), "call", needed=needed)))
        self.write(new)

    @precondition(lambda self: self.state.turn and self.state.turn.unfinished)
    @rule(outcome=outcomes)
    def an_allowed_write_runs(self, outcome: holds.Outcome) -> None:
        turn = self.state.turn
        assert turn is not None
        call = turn.unfinished[0]
        if call not in turn.started:
            self.write([ev.New(SYSTEM, ev.ToolStarted(call=call, key=call))])
            return
        finished = ev.New(SYSTEM, ev.ToolFinished(call=call, key=call, outcome=outcome))
        doubt: list[ev.New] = []
        if outcome == "unknown":
            hold = hold_id(call)
            self.models[hold] = Model("settle", 1, 0, status="unknown", begun=1)
            write = Write(call=call, tool="refund", arguments=Raw(b"{}"), judged=None, by=ADA)
            doubt = open_doubt(self.state, write)
        self.write([finished, *doubt])

    @precondition(lambda self: self.works() is not None)
    @rule(drafted=st.booleans())
    def assistant_replies(self, drafted: bool) -> None:
        turn = self.works()
        assert turn is not None
        ended = ev.TurnEnded(
            turn=turn.n, outcome="drafted" if drafted else "replied", upto=turn.upto
        )
        if drafted:
            hold = draft_id("c_1", self.state.steps + 1)
            said = ev.New(ADA, self.held(hold, "draft"))
        else:
            said = ev.New(ADA, ev.AssistantSaid(text="so", turn=turn.n))
        self.write([said, ev.New(SYSTEM, ended)])

    def held(self, hold: str, kind: ev.HoldKind, *, needed: int = 1) -> ev.Held:
        until_ms = self.now_ms + EXPIRES_IN_MS
        self.models[hold] = Model(kind, needed, until_ms)
        data = ev.Held(
            hold=hold, kind=kind, call=f"call_{hold.removeprefix('h_')}", revision=1, digest="d1",
            title="Refund", target=hold, money=None, rule=None, risk=None, reasons=[],
            evidence=Raw(b"{}"), approvers=ev.Approvers(needed), expires_at=ev.iso(until_ms),
        )  # fmt: skip
        if kind == "draft":
            return replace(data, text="so", digest=digest_of("so"))
        return replace(data, tool="refund", arguments=Raw(b"{}"))

    # Staff and the floor

    @rule(what=st.sampled_from(("asks", "accepts", "takes", "returns", "closes")), person=people)
    def the_floor_changes(self, what: str, person: Person) -> None:
        """One rule for all of it: else nobody would keep the floor for long."""
        getattr(self, f"_{what}")(person)
        if self.state.owner == NOBODY:
            self._reopens()
        elif self.state.owner != ASSISTANT and self.state.seq % 3:
            self._back(person)

    def _asks(self, _: Person) -> None:
        self.tried(
            lambda: ownership.ask_human(self.state, None, by=ROBIN, assistant=ADA, said=None)
        )

    def _accepts(self, person: Person) -> None:
        free = self.state.owner in (LINE, person.owner)
        assert free == self.tried(lambda: ownership.accept(self.state, person))

    def _takes(self, person: Person) -> None:
        self.tried(lambda: ownership.take_over(self.state, None, person, assistant=ADA))

    def _returns(self, person: Person) -> None:
        mine = self.state.owner == person.owner
        assert mine == self.tried(
            lambda: ownership.give_back(self.state, person, brief=None, assistant="Ada")
        )

    def _closes(self, person: Person) -> None:
        if self.state.open_holds and person.role != "admin":
            return  # seldom, for nothing waits any more then
        before = self.state
        moving = before.writing or self.calls("approved", "executing", "unknown")
        if self.tried(
            lambda: ownership.close(self.state, None, by=person.by, assistant=ADA, resolution=None)
        ):
            assert before.owner == NOBODY or not moving
            assert not self.state.open_holds

    def _back(self, person: Person) -> None:
        """Whoever has it, or takes it, gives it back."""
        self._accepts(person)
        staff = self.state.staff
        for owner in STAFF:
            if staff is not None and owner.id == staff.id:
                self._returns(owner)

    def _reopens(self) -> None:
        owner = ev.OwnerChanged(
            from_=NOBODY, to=ASSISTANT, epoch=self.state.epoch + 1, cause="reopened"
        )
        self.write([ev.New(ROBIN, ev.ConversationReopened()), ev.New(SYSTEM, owner)])

    # Decisions

    def seen(self, hold: Hold) -> Seen:
        return Seen(hold.hold, hold.revision, hold.digest)

    @precondition(lambda self: self.state.holds)
    @rule(pick=picks, person=people)
    def approves(self, pick: int, person: Person) -> None:
        hold = self.hold(pick)
        model = self.models[hold.hold]
        may = model.may_approve(person, self.now_ms)
        assert may == self.tried(
            lambda: decisions.approve(
                self.state, None, seen=self.seen(hold), person=person, now_ms=self.now_ms
            )
        )
        if not may:
            return
        model.approved.add(person.id)
        enough = len(model.approved) >= model.needed
        done = "succeeded" if model.kind == "draft" else "approved"
        assert model.status == (done if enough else "held")

    @precondition(lambda self: self.state.holds)
    @rule(pick=picks, person=people, lowered=st.booleans(), needed=st.integers(1, 2))
    def edits(self, pick: int, person: Person, lowered: bool, needed: int) -> None:
        hold = self.hold(pick)
        if hold.held.kind != "call":
            return
        model = self.models[hold.hold]
        until_ms = self.now_ms + EXPIRES_IN_MS
        now = replace(
            hold.held,
            digest=f"d{next(self.ids) + 1}",
            approvers=ev.Approvers(needed),
            expires_at=ev.iso(until_ms),
        )
        may = model.may_decide(person, self.now_ms)
        assert may == self.tried(
            lambda: decisions.edit(
                self.state, None, seen=self.seen(hold), person=person, now_ms=self.now_ms,
                now=now, lowered=lowered,
            )
        )  # fmt: skip
        if not may:
            return
        own = lowered and person.id not in model.asked
        model.needed, model.until_ms, model.escalated = needed, until_ms, False
        model.approved = {person.id} if own else set()
        model.asked |= set() if own else {person.id}
        assert model.status == ("approved" if len(model.approved) >= needed else "held")

    @precondition(lambda self: self.state.holds)
    @rule(pick=picks, person=people)
    def rejects(self, pick: int, person: Person) -> None:
        hold = self.hold(pick)
        may = self.models[hold.hold].may_decide(person, self.now_ms)
        assert may == self.tried(
            lambda: decisions.reject(
                self.state, None, seen=self.seen(hold), person=person, now_ms=self.now_ms,
                reason="no",
            )
        )  # fmt: skip

    @precondition(lambda self: self.state.holds)
    @rule(pick=picks, person=people, to=st.sampled_from(("customer", "agent")))
    def asks(self, pick: int, person: Person, to: Literal["customer", "agent"]) -> None:
        hold = self.hold(pick)
        model = self.models[hold.hold]
        may = model.kind == "call" and model.may_decide(person, self.now_ms)
        assert may == self.tried(
            lambda: decisions.ask(
                self.state, None, seen=self.seen(hold), person=person, now_ms=self.now_ms,
                question=ev.Question(to, "why?"),
            )
        )  # fmt: skip

    @precondition(lambda self: self.state.holds)
    @rule(pick=picks, to=st.sampled_from(("customer", "agent")))
    def answers(self, pick: int, to: Literal["customer", "agent"]) -> None:
        hold = self.hold(pick)
        until_ms = self.now_ms + EXPIRES_IN_MS
        asked = hold.status == "needs_info" and hold.question and hold.question.to == to
        assert bool(asked) == self.tried(
            lambda: decisions.answer(
                self.state, None, hold=hold.hold, by=ROBIN, to=to, text="because",
                expires_at=ev.iso(until_ms),
            )
        )  # fmt: skip
        if asked:
            model = self.models[hold.hold]
            model.until_ms, model.escalated, model.approved = until_ms, False, set()

    @precondition(lambda self: self.state.holds)
    @rule(pick=picks, person=people, revision=st.integers(-1, 1), digest=st.booleans())
    def decides_on_what_it_was_or_will_be(
        self, pick: int, person: Person, revision: int, digest: bool
    ) -> None:
        hold = self.hold(pick)
        if revision == 0 and not digest:
            return
        other = Seen(hold.hold, hold.revision + revision, hold.digest + "0" * digest)
        assert not self.tried(
            lambda: decisions.approve(
                self.state, None, seen=other, person=person, now_ms=self.now_ms
            )
        )

    @precondition(lambda self: self.state.holds)
    @rule(pick=picks, person=people, outcome=st.sampled_from(("succeeded", "failed")))
    def settles(self, pick: int, person: Person, outcome: Literal["succeeded", "failed"]) -> None:
        hold = self.hold(pick)
        may = hold.status == "unknown" and person.at_least("supervisor")
        assert may == self.tried(
            lambda: decisions.settle(
                self.state, None, hold=hold.hold, outcome=outcome, reference="r", person=person
            )
        )

    # Carrying out

    @precondition(lambda self: self.calls("approved"))
    @rule()
    def an_approved_call_begins(self) -> None:
        hold = self.calls("approved")[0]
        model = self.models[hold.hold]
        assert len(model.approved) >= model.needed
        assert not model.approved & model.asked
        self.write(holds.begin(self.state, hold.hold))

    @precondition(lambda self: self.calls("executing"))
    @rule(outcome=outcomes)
    def a_running_call_ends(self, outcome: holds.Outcome) -> None:
        hold = self.calls("executing")[0]
        self.write(holds.finish(self.state, hold.hold, outcome))

    @precondition(lambda self: self.calls("unknown"))
    @rule(outcome=outcomes)
    def a_tool_is_asked(self, outcome: holds.Outcome) -> None:
        hold = self.calls("unknown")[0]
        self.write(holds.reconciled(self.state, hold.hold, outcome))

    @precondition(lambda self: self.calls("approved"))
    @rule(refused=st.booleans())
    def facts_changed(self, refused: bool) -> None:
        hold = self.calls("approved")[0]
        if refused:
            self.write(holds.refuse(self.state, hold.hold, why="denied"))
            return
        model = self.models[hold.hold]
        until_ms = self.now_ms + EXPIRES_IN_MS
        now = replace(hold.held, digest=f"d{next(self.ids) + 1}", expires_at=ev.iso(until_ms))
        self.write(holds.put_back(self.state, hold.hold, now=now, why="changed"))
        model.approved, model.until_ms, model.escalated = set(), until_ms, False

    # What is always so

    @invariant()
    def the_fold_of_the_log_is_the_head(self) -> None:
        state = State(conversation="c_1")
        for event in self.events:
            state = fold(state, event)
        assert dump(state) == dump(self.state)

    @invariant()
    def nothing_runs_twice(self) -> None:
        started = [e.data.call for e in self.events if isinstance(e.data, ev.ToolStarted)]
        assert len(started) == len(set(started))
        assert all(model.begun <= 1 for model in self.models.values())

    @invariant()
    def the_assistant_speaks_only_while_it_has_the_floor(self) -> None:
        owner = ASSISTANT
        for event in self.events:
            if isinstance(event.data, ev.OwnerChanged):
                owner = event.data.to
            if isinstance(event.data, ev.AssistantSaid | ev.AssistantCalled):
                assert owner == ASSISTANT

    @invariant()
    def nobody_who_waits_is_left_without_an_answer(self) -> None:
        if self.state.owner == ASSISTANT and self.state.unanswered:
            assert self.state.answering

    @invariant()
    def no_draft_waits_for_a_conversation_the_assistant_has_lost(self) -> None:
        if self.state.owner != ASSISTANT:
            assert not any(hold.held.kind == "draft" for hold in self.state.open_holds)


TestMachines = Machines.TestCase
TestMachines.settings = settings(max_examples=300, stateful_step_count=100, deadline=None)
