"""Customers are sent the public types with public fields, and nothing that is for staff."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation import events as ev
from conversation.public import public
from conversation.state import State, fold
from conversation.summary import public_hold
from tests.conversation.acts import PRIVATE, held
from tests.conversation.made_up import EXAMPLES, Leaf, Strategy, event, plainly, struct

SECRET = "\u00a7for staff\u00a7"
SHOWN: dict[str, set[str]] = {
    "conversation_started": {"customer", "channel", "locale", "page", "previous"},
    "customer_said": {"id", "text", "attachments"},
    "assistant_called": {"turn", "attempt", "step", "text"},
    "assistant_said": {"text", "turn", "citations", "partial", "hold", "edited"},
    "staff_said": {"id", "text", "attachments"},
    "system_said": {"text", "code"},
    "held": {"hold", "title", "money", "status", "expires_at"},
    "hold_changed": {"hold", "status", "title", "money", "reason", "question", "expires_at"},
    "handover_requested": {"reason"},
    "owner_changed": {"status", "staff", "epoch"},
    "follow_up_opened": {"contact", "text", "due_at"},
    "conversation_closed": {"resolution"},
    "conversation_reopened": set(),
}
"""The public types, and the fields of theirs that customers may see."""
HIDDEN = {
    "customer_identified",
    "tool_started",
    "tool_finished",
    "staff_called",
    "limited",
    "turn_ended",
    "note_added",
    "assessed",
}
TOLD_OTHERWISE = {"owner_changed": {"name"}}
"""Public fields whose content is told under another name."""


def secretly(_: Strategy) -> Strategy:
    """A text, or any JSON, that customers must not see."""
    return st.just(SECRET)


def leaf_of(name: str, field: str) -> Leaf:
    shown = SHOWN.get(name, set()) | TOLD_OTHERWISE.get(name, set())
    return plainly if field in shown else secretly


@st.composite
def made(draw: st.DrawFn, name: str) -> ev.Event:
    data = draw(struct(ev.TYPES[name], lambda field: leaf_of(name, field)))
    if isinstance(data, ev.OwnerChanged):
        to = draw(st.sampled_from(["assistant", "line", "nobody", f"staff:{SECRET}"]))
        data = msgspec.structs.replace(data, to=to, from_=f"staff:{SECRET}")
    by = draw(struct(ev.By, lambda field: secretly if field == "id" else plainly))
    return event(data, by)


def test_every_type_is_either_public_or_hidden() -> None:
    assert SHOWN.keys() | HIDDEN == ev.TYPES.keys()
    assert not SHOWN.keys() & HIDDEN


@pytest.mark.parametrize("name", sorted(SHOWN))
@given(draw=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_public_event_shows_its_public_fields_only(name: str, draw: st.DataObject) -> None:
    told = draw.draw(made(name))
    shown = public(told)
    assert shown is not None
    assert set(shown["data"]) <= SHOWN[name]
    assert set(shown) == {"conversation", "seq", "v", "type", "at", "by", "epoch", "data"}
    assert set(shown["by"]) <= {"role", "name"}
    assert SECRET not in msgspec.json.encode(shown).decode()


@pytest.mark.parametrize("name", sorted(HIDDEN))
@given(draw=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_hidden_event_is_not_shown_at_all(name: str, draw: st.DataObject) -> None:
    assert public(draw.draw(made(name))) is None


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        ("assistant", {"status": "assistant", "staff": None, "epoch": 3}),
        ("line", {"status": "waiting", "staff": None, "epoch": 3}),
        ("nobody", {"status": "closed", "staff": None, "epoch": 3}),
        ("staff:u_ann", {"status": "human", "staff": {"name": "Ann"}, "epoch": 3}),
    ],
)
def test_customers_are_told_who_has_the_conversation_by_display_name(
    to: str, shown: dict[str, object]
) -> None:
    data = ev.OwnerChanged(from_="line", to=to, epoch=3, cause="accepted", name="Ann", note="rude")
    told = public(event(data, ev.By("staff", name="Ann", id="u_ann")))
    assert told is not None
    assert told["data"] == shown
    assert told["by"] == {"role": "staff", "name": "Ann"}


def test_a_step_is_shown_also_when_its_text_is_empty() -> None:
    told = public(
        event(ev.AssistantCalled(turn=1, attempt=2, step=3, text="", calls=[]), ev.By("assistant"))
    )
    assert told is not None
    assert told["data"] == {"turn": 1, "attempt": 2, "step": 3, "text": ""}


def test_a_hold_is_shown_without_what_staff_see_of_it() -> None:
    told = event(held("h_1", "call_1"), ev.By("assistant"))
    state = fold(State(conversation="c_1", seq=6), told)
    shown = public_hold(state.holds["h_1"])
    assert shown == {
        "hold": "h_1",
        "title": "Refund part of an order",
        "money": {"minor": 4000, "currency": "USD"},
        "status": "held",
        "reason": None,
        "question": None,
        "expires_at": None,
    }
    assert PRIVATE not in str(shown)
