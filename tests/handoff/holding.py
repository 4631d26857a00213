"""A conversation in which something is held, and what people, time and the server do about it.

Everything is committed as the log would: an event that cannot follow raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import UNSET, Raw
from msgspec.structs import replace

from conversation import events as ev
from conversation.hold import Hold
from conversation.ids import call_id, draft_id, hold_id
from conversation.plan import stamp
from conversation.state import State
from handoff import deadlines, decisions, holds, ownership
from handoff.decisions import Seen
from handoff.ownership import Person
from handoff.settings import HoldsSettings

CONVERSATION = "c_0a"
CALL = call_id(CONVERSATION, 1, 1)
CUSTOMER = ev.By("customer", name="Robin")
ADA = ev.By("assistant", name="Ada")
SAM = Person("p_sam", "Sam", "agent")
KIM = Person("p_kim", "Kim", "agent")
DANA = Person("p_dana", "Dana", "supervisor")
EVE = Person("p_eve", "Eve", "supervisor")
MAX = Person("p_max", "Max", "admin")
START_MS = 1_767_323_045_678
EXPIRES_IN_S = 1200
UNTIL = ev.iso(START_MS + EXPIRES_IN_S * 1000)
LATE_MS = START_MS + EXPIRES_IN_S * 1000
LATER = ev.iso(LATE_MS + EXPIRES_IN_S * 1000)
SETTINGS = HoldsSettings(expires_in_s=EXPIRES_IN_S)
OPEN_ENDED = replace(SETTINGS, escalate_to=None)


def refund(amount: str = "60.00", **other: Any) -> ev.Held:
    """A refund as it is judged, of this amount in dollars."""
    minor = round(float(amount) * 100)
    usual: dict[str, Any] = {
        "hold": hold_id(CALL),
        "kind": "call",
        "call": CALL,
        "revision": 1,
        "digest": f"refund of {amount}",
        "tool": "issue_refund",
        "title": f"Refund of ${amount}",
        "arguments": Raw(f'{{"order_id": "W1", "amount": {amount}}}'.encode()),
        "target": "W1",
        "money": ev.Money(minor, "USD"),
        "rule": "over $50",
        "risk": "high",
        "reasons": [ev.Reason("rule", 1.0, "over $50")],
        "evidence": Raw(b'{"order": {"paid": 180}}'),
        "expires_at": UNTIL,
    }
    return ev.Held(**usual | other)


def draft(text: str = "You may keep it.", *, step: int = 1) -> ev.Held:
    """A reply that a person must see first."""
    hold = draft_id(CONVERSATION, step)
    return ev.Held(
        hold=hold,
        kind="draft",
        call=call_id(CONVERSATION, step, 0),
        revision=1,
        digest=f"draft {step}",
        title="A reply",
        text=text,
        target="",
        money=None,
        rule=None,
        risk=None,
        reasons=[],
        evidence=Raw(b"{}"),
        expires_at=UNTIL,
    )


class Story:
    """A conversation, and what is held in it at last."""

    def __init__(self) -> None:
        self.state = State(conversation=CONVERSATION)
        self.now_ms = START_MS
        self.hold_id = ""
        self.events: list[ev.Event] = []
        self.last: list[ev.Event] = []
        started = ev.ConversationStarted(customer="u_robin")
        self.commit([ev.New(CUSTOMER, started)])
        self.says("I want my money back")

    @property
    def hold(self) -> Hold:
        """What is held, as it is now."""
        return self.state.holds[self.hold_id]

    @property
    def seen(self) -> Seen:
        """As it is shown now."""
        return Seen(self.hold_id, self.hold.revision, self.hold.digest)

    @property
    def changed(self) -> ev.HoldChanged:
        """The last change of it, of the last commit."""
        (changed,) = [
            event.data
            for event in self.last
            if isinstance(event.data, ev.HoldChanged) and event.data.hold == self.hold_id
        ]
        return changed

    @property
    def types(self) -> list[str]:
        """The types of the last commit."""
        return [event.type for event in self.last]

    def commit(self, new: Sequence[ev.New]) -> None:
        """Append, as the log does."""
        self.state, self.last = stamp(self.state, new, self.now_ms)
        self.events += self.last

    def does(self, decide: Callable[..., list[ev.New]], **how: Any) -> None:
        """Decide and commit; raises `Refused`."""
        self.commit(decide(self.state, None, **how))

    def decides(
        self, decide: Callable[..., list[ev.New]], person: Person = DANA, **how: Any
    ) -> None:
        """A person decides on what they see now."""
        self.does(decide, **{"seen": self.seen, "person": person, "now_ms": self.now_ms} | how)

    def says(self, text: str) -> None:
        """The customer writes; a draft gives way."""
        said = ev.CustomerSaid(id=f"m{self.state.seq}", text=text)
        withdrawn = ownership.withdraw_drafts(self.state, by=CUSTOMER)
        self.commit([*withdrawn, ev.New(CUSTOMER, said)])

    def holds(self, held: ev.Held, *, by: ev.By = ADA) -> None:
        """Something is held from now on."""
        self.hold_id = held.hold
        self.commit([ev.New(by, held)])

    def replies(self) -> None:
        """The assistant's turn ends with a reply."""
        assert self.state.turn is not None
        turn, upto = self.state.turn.n, self.state.turn.upto
        said = ev.AssistantSaid(text="One moment.", turn=turn)
        ended = ev.TurnEnded(turn=turn, outcome="replied", upto=upto)
        self.commit([ev.New(ADA, said), ev.New(ADA, ended)])

    def drafts(self, text: str = "You may keep it.") -> None:
        """The assistant's turn ends with a draft."""
        assert self.state.turn is not None
        turn, upto = self.state.turn.n, self.state.turn.upto
        held = draft(text, step=self.state.steps + 1)
        ended = ev.TurnEnded(turn=turn, outcome="drafted", upto=upto)
        self.hold_id = held.hold
        self.commit([ev.New(ADA, held), ev.New(ADA, ended)])

    def taken_over(self, person: Person = SAM) -> None:
        """A person has the conversation from now on."""
        self.commit(ownership.take_over(self.state, None, person, assistant=ADA))

    def asked(self, to: str = "customer", person: Person = DANA) -> None:
        """Something is asked before it is decided."""
        question = ev.Question(to=to, text="Which parcel?")  # type: ignore[arg-type]
        self.decides(decisions.ask, person, question=question)

    def answered(self, to: str = "customer", by: ev.By = CUSTOMER, text: str = "the red") -> None:
        """What was asked is answered."""
        self.does(decisions.answer, hold=self.hold_id, by=by, to=to, text=text, expires_at=LATER)

    def passes(self, seconds: float) -> None:
        """Time goes by."""
        self.now_ms += round(seconds * 1000)

    def rings(self, settings: HoldsSettings = SETTINGS) -> None:
        """The timer of its expiry goes off."""
        self.does(deadlines.expire, hold=self.hold_id, now_ms=self.now_ms, settings=settings)


def held() -> Story:
    """A refund waits; the assistant has said so."""
    story = Story()
    story.holds(refund())
    story.replies()
    return story


def drafted() -> Story:
    """A reply waits to be seen."""
    story = Story()
    story.drafts()
    return story


def at(status: ev.HoldStatus) -> Story:
    """A refund in a status, brought there as people and the server do."""
    story = held()
    for act in _TO[status]:
        act(story)
    assert story.hold.status == status
    return story


def _begins(story: Story) -> None:
    story.commit(holds.begin(story.state, story.hold_id))


def _ends(outcome: holds.Outcome) -> Callable[[Story], None]:
    def end(story: Story) -> None:
        due = story.now_ms + 10_000
        reconcile_at = ev.iso(due) if outcome == "unknown" else UNSET
        story.commit(holds.finish(story.state, story.hold_id, outcome, reconcile_at=reconcile_at))

    return end


def _approved(story: Story) -> None:
    story.decides(decisions.approve)


_RUNNING: list[Callable[[Story], None]] = [_approved, _begins]
_TO: dict[str, list[Callable[[Story], None]]] = {
    "held": [],
    "needs_info": [lambda story: story.asked()],
    "approved": [_approved],
    "executing": _RUNNING,
    "succeeded": [*_RUNNING, _ends("succeeded")],
    "failed": [*_RUNNING, _ends("failed")],
    "unknown": [*_RUNNING, _ends("unknown")],
    "rejected": [lambda story: story.decides(decisions.reject, reason="no")],
    "withdrawn": [
        lambda story: story.does(decisions.withdraw, hold=story.hold_id, by=CUSTOMER)
    ],
    "expired": [
        lambda story: story.passes(EXPIRES_IN_S), lambda story: story.rings(OPEN_ENDED),
    ],
}  # fmt: skip
