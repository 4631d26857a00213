"""The head is the fold of its log, and the indexes say what the head says, whatever happens."""

from __future__ import annotations

from itertools import count

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conversation import events as ev
from conversation.log import Committed, Log
from conversation.plan import REMINDERS_MS
from conversation.state import ASSISTANT, LINE, NOBODY, State, dump, fold, load
from conversation.store import Store
from conversation.summary import summarise, summarise_hold
from tests.conftest import Clock
from tests.conversation.acts import ALL, Act, Calls, Replies, Returns, Says, TakesOver, Works

_names = count(1)
acts = st.sampled_from(ALL)
ticks_s = st.floats(-100, 100)
SHORT = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking, which takes minutes where every step is a commit."""


async def check_head(log: Log, done: Committed) -> None:
    """The head that was committed, the head that is read, and the fold of the log are one."""
    name = done.state.conversation
    events = await log.read(name)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert events[done.state.seq - len(done.events) : done.state.seq] == done.events
    folded = dump(await log.rebuild(name))
    assert dump(done.state) == folded
    assert dump(await log.head(name)) == folded


async def check_indexes(store: Store, log: Log, state: State) -> None:
    """Lists, timers and jobs follow from the state."""
    name, at = state.conversation, log.keys(state.conversation)
    fields = await store.reads.hgetall(at.head)
    turn = state.turn.n if state.turn else 0
    assert (fields[b"epoch"], fields[b"turn"]) == (b"%d" % state.epoch, b"%d" % turn)

    listed = await store.reads.hget(at.shard.summaries, name)
    wanted = msgspec.json.encode(summarise(state)) if state.owner != NOBODY else None
    assert listed == wanted

    holds = await store.reads.hgetall(at.shard.holds)
    own = {hold: raw for hold, raw in holds.items() if hold.decode() in state.holds}
    assert own == {
        hold.hold.encode(): msgspec.json.encode(summarise_hold(state, hold))
        for hold in state.open_holds
    }

    due = await store.reads.zscore(at.shard.timers, f"{name} waiting")
    if state.owner == LINE and state.reminders < len(REMINDERS_MS):
        assert state.waiting_since is not None
        assert due == ev.milliseconds(state.waiting_since) + REMINDERS_MS[state.reminders]
    else:
        assert due is None

    jobs = [fields for _, fields in await store.reads.xrange(at.shard.jobs)]
    refs = [(job[b"kind"], job[b"ref"]) for job in jobs if job[b"conversation"] == name.encode()]
    assert len(refs) == len(set(refs))
    if state.turn is not None:
        assert (b"turn", b"%d" % state.turn.n) in refs
    for hold in state.open_holds:
        if hold.status == "approved":
            assert (b"execute", hold.hold.encode()) in refs


def check_sense(state: State) -> None:
    """What must be true of every state."""
    assert (state.turn is None) or (state.owner == ASSISTANT)
    assert (state.staff is None) == (not state.owner.startswith("staff:"))
    assert (state.waiting_since is None) == (state.owner != LINE)
    assert (state.closed_at is None) == (state.owner != NOBODY)
    if state.owner == ASSISTANT and state.turn is None:
        assert state.cause <= state.upto, "a cause nobody answers"
    if state.unread:
        assert state.unanswered


@given(script=st.lists(st.tuples(acts, ticks_s), min_size=10, max_size=30))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=SHORT,
)
async def test_after_every_command_head_and_indexes_are_the_fold_of_the_log(
    store: Store, log: Log, clock: Clock, script: list[tuple[Act, float]]
) -> None:
    name = f"c_{next(_names)}"
    await log.commit(name, Says())
    for act, tick_s in script:
        clock.advance(tick_s)
        done = await log.commit(name, act)
        await check_head(log, done)
        await check_indexes(store, log, done.state)
        check_sense(done.state)


@given(script=st.lists(acts, max_size=40))
@settings(max_examples=40, deadline=None, phases=SHORT)
def test_a_state_is_the_same_after_it_was_written_and_read(script: list[Act]) -> None:
    state = State(conversation="c_1")
    for act in (Says(), *script):
        for new in act(state):
            state = _after(state, new)
            assert dump(load(dump(state))) == dump(state)
            assert load(dump(state)) == state


def _after(state: State, new: ev.New) -> State:
    epoch = new.data.epoch if isinstance(new.data, ev.OwnerChanged) else state.epoch
    event = ev.Event(
        conversation=state.conversation,
        seq=state.seq + 1,
        v=ev.VERSION,
        type=ev.NAMES[type(new.data)],
        at="2026-01-02T03:04:05.678Z",
        by=new.by,
        epoch=epoch,
        data=new.data,
    )
    return fold(state, event)


def test_every_answer_of_the_model_counts_as_a_step_and_every_turn_once() -> None:
    state = State(conversation="c_1")
    counted = []
    for act in (Says(), Calls(), Works(), Works(), Replies(), Says(), TakesOver(), Returns()):
        for new in act(state):
            state = _after(state, new)
        counted.append((state.steps, state.turns_ended, state.turn.n if state.turn else None))
    assert counted == [
        (0, 0, 1),  # says
        (1, 0, 1),  # calls a tool
        (1, 0, 1),  # which begins
        (1, 0, 1),  # and ends
        (2, 1, None),  # replies
        (2, 1, 2),  # says
        (2, 2, None),  # is taken over before a word was shown
        (2, 2, 3),  # returned, unanswered
    ]


@pytest.mark.parametrize("seq", [0, 2, 3])
def test_an_event_out_of_its_place_is_refused(seq: int) -> None:
    event = ev.Event(
        conversation="c_1",
        seq=seq,
        v=1,
        type="note_added",
        at="2026-01-02T03:04:05.678Z",
        by=ev.By("staff"),
        epoch=1,
        data=ev.NoteAdded(id="m1", text="a note"),
    )
    with pytest.raises(ValueError, match="does not follow"):
        fold(State(conversation="c_1"), event)
