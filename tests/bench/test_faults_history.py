"""The history check of the fault bench can fail: it finds each kind of fault where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec import Raw, structs

from bench.faultbench.history import (
    KINDS,
    Effect,
    History,
    Kind,
    Record,
    Said,
    faults,
)
from conversation import events as ev
from conversation.state import State, fold

CONVERSATION = "c_1"
CUSTOMER, ASSISTANT, SYSTEM = ev.By("customer"), ev.By("assistant"), ev.By("system")
CALL = ev.Call(
    call="t_1", model_call_id="m", tool="issue_refund", arguments=Raw(b"{}"), verdict="allow"
)


def drafts() -> list[ev.New]:
    """Two messages, each answered; the first after a refund."""
    return [
        ev.New(SYSTEM, ev.ConversationStarted(customer="u")),
        ev.New(CUSTOMER, ev.CustomerSaid(id="one", text="refund")),
        ev.New(ASSISTANT, ev.AssistantCalled(turn=1, attempt=1, step=1, text="", calls=[CALL])),
        ev.New(SYSTEM, ev.ToolStarted(call="t_1", key="t_1")),
        ev.New(SYSTEM, ev.ToolFinished(call="t_1", key="t_1", outcome="succeeded")),
        ev.New(ASSISTANT, ev.AssistantSaid(text="Done.", turn=1)),
        ev.New(SYSTEM, ev.TurnEnded(turn=1, outcome="replied", upto=2)),
        ev.New(CUSTOMER, ev.CustomerSaid(id="two", text="thanks")),
        ev.New(ASSISTANT, ev.AssistantSaid(text="Gladly.", turn=2)),
        ev.New(SYSTEM, ev.TurnEnded(turn=2, outcome="replied", upto=8)),
    ]


PUBLIC = [1, 2, 3, 6, 8, 9]


def logged(new: list[ev.New]) -> tuple[State, list[ev.Event]]:
    """The log as it would stand there if nobody had checked what may follow."""
    state, log = State(conversation=CONVERSATION), []
    for seq, draft in enumerate(new, start=1):
        event = ev.Event(
            conversation=CONVERSATION,
            seq=seq,
            v=ev.VERSION,
            type=ev.NAMES[type(draft.data)],
            at="2026-01-01T00:00:00.000Z",
            by=draft.by,
            epoch=1,
            data=draft.data,
        )
        state = fold(state, event)
        log.append(event)
    return state, log


def whole(new: list[ev.New] | None = None) -> History:
    head, log = logged(drafts() if new is None else new)
    record = Record(
        said=[Said("one", "refund", seq=2), Said("two", "thanks", seq=8)],
        received=list(PUBLIC),
        whole=True,
    )
    effect = Effect(CONVERSATION, "issue_refund", "t_1", "u/1", 2000)
    return History(CONVERSATION, log, head, head, [record], [effect])


def record(**changes: object) -> History:
    history = whole()
    return replace(history, records=[replace(history.records[0], **changes)])  # type: ignore[arg-type]


def lost() -> History:
    return record(said=[Said("one", "refund", seq=2), Said("three", "gone", seq=9)])


def falsely_acknowledged() -> History:
    return record(said=[Said("one", "refund", seq=2), Said("two", "thanks", seq=9)])


def said_twice() -> History:
    again = ev.New(CUSTOMER, ev.CustomerSaid(id="two", text="thanks"))
    return replace(whole([*drafts()[:8], again, *drafts()[8:]]), records=[])


def seq_twice() -> History:
    history = whole()
    return replace(history, log=[*history.log[:9], structs.replace(history.log[9], seq=9)])


def received_twice() -> History:
    return record(received=[1, 2, 2, 3, 6, 8, 9])


def reordered() -> History:
    return record(received=[1, 2, 6, 3, 8, 9])


def acknowledged_in_another_order() -> History:
    return record(said=[Said("two", "thanks", seq=8), Said("one", "refund", seq=2)])


def not_received() -> History:
    return record(received=[1, 2, 6, 8, 9])


def last_not_received() -> History:
    return record(received=PUBLIC[:-1])


def a_delta_after_a_takeover() -> History:
    return record(late_words=1)


def said_after_a_takeover() -> History:
    taken = ev.OwnerChanged(from_="assistant", to="staff:p", epoch=2, cause="takeover")
    return whole([*drafts()[:9], ev.New(SYSTEM, taken), drafts()[8], drafts()[9]])


def paid_twice_by_two_keys() -> History:
    history = whole()
    return replace(history, effects=[*history.effects, replace(history.effects[0], key="t_2")])


def paid_twice_by_one_key() -> History:
    history = whole()
    return replace(history, effects=[*history.effects, replace(history.effects[0], order="u/2")])


def paid_without_a_record() -> History:
    history = whole()
    return replace(history, effects=[replace(history.effects[0], key="t_9")])


def another_head() -> History:
    history = whole()
    return replace(history, head=structs.replace(history.head, unread=7))


def unanswered() -> History:
    return replace(whole(drafts()[:8]), records=[])


def ended_without_a_reply() -> History:
    return replace(whole([*drafts()[:8], drafts()[9]]), records=[])


BROKEN: list[tuple[Callable[[], History], Kind]] = [
    (lost, "acknowledged message lost"),
    (falsely_acknowledged, "false acknowledgement"),
    (said_twice, "duplicate message"),
    (seq_twice, "duplicate or missing seq"),
    (received_twice, "duplicate or missing seq"),
    (reordered, "reordered"),
    (acknowledged_in_another_order, "reordered"),
    (not_received, "received otherwise than logged"),
    (last_not_received, "received otherwise than logged"),
    (a_delta_after_a_takeover, "spoken out of turn"),
    (said_after_a_takeover, "spoken out of turn"),
    (paid_twice_by_two_keys, "double effect"),
    (paid_twice_by_one_key, "double effect"),
    (paid_without_a_record, "effect without a record"),
    (another_head, "head differs from its log"),
    (unanswered, "message left unanswered"),
    (ended_without_a_reply, "message left unanswered"),
]


def test_nothing_is_found_in_a_history_that_is_whole() -> None:
    assert faults(whole()) == []


@pytest.mark.parametrize(("history", "kind"), BROKEN)
def test_a_broken_history_is_found_out(history: Callable[[], History], kind: Kind) -> None:
    assert kind in {fault.kind for fault in faults(history())}


def test_every_kind_of_fault_can_be_found() -> None:
    assert {kind for _, kind in BROKEN} == set(KINDS)


def test_what_is_still_to_come_is_not_missed_before_the_conversation_is_at_rest() -> None:
    history = replace(unanswered(), at_rest=False)

    assert faults(history) == []


def test_a_client_that_is_behind_is_not_held_against_the_log() -> None:
    history = record(received=PUBLIC[:3], whole=False)

    assert faults(history) == []


def test_a_message_for_people_is_no_matter_for_the_assistant() -> None:
    new = drafts()[:7]
    asked = ev.OwnerChanged(from_="assistant", to="line", epoch=2, cause="asks_for_human")
    history = replace(whole([*new, ev.New(SYSTEM, asked), drafts()[7]]), records=[])

    assert faults(history) == []


def test_what_a_finding_says_holds_no_words_of_anybody() -> None:
    found = [str(fault) for broken, _ in BROKEN for fault in faults(broken())]

    assert not any(word in line for line in found for word in ("thanks", "Gladly"))
