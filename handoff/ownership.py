"""Who may speak: the decisions that change a conversation's owner, pure.

Each returns the events of one commit. Whatever ends an open turn keeps what was shown as a partial
reply, leaves no allowed call without an answer, and does not touch held calls.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from conversation import events as ev
from conversation.errors import Refused
from conversation.hold import Hold
from conversation.reply import Reply
from conversation.state import ASSISTANT, LINE, NOBODY, State
from handoff import sentences

SYSTEM = ev.By("system")
Role = str
RANK = {"agent": 1, "supervisor": 2, "admin": 3}


class Person(Struct, frozen=True):
    """A member of staff at work: id, display name and role."""

    id: str
    name: str
    role: str

    @property
    def by(self) -> ev.By:
        """As the cause of an event."""
        return ev.By("staff", name=self.name, id=self.id)

    @property
    def owner(self) -> str:
        """As the owner of a conversation."""
        return f"staff:{self.id}"

    def at_least(self, role: Role) -> bool:
        """Each role may do what the one before may."""
        return RANK[self.role] >= RANK[role]


def cut_turn(
    state: State, reply: Reply | None, *, by: ev.By, outcome: ev.TurnOutcome = "cut"
) -> list[ev.New]:
    """End the open turn, if there is one, keeping what was shown."""
    if state.turn is None:
        return []
    events: list[ev.New] = []
    if reply and reply.turn == state.turn.n and reply.text.strip():
        said = ev.AssistantSaid(text=reply.text, turn=state.turn.n, partial=True)
        events.append(ev.New(by, said))
    events += [
        ev.New(SYSTEM, ev.ToolFinished(call=call, key=None, outcome="not_started"))
        for call in state.turn.unfinished
        if call not in state.turn.started
    ]
    upto = max(state.turn.upto, state.cause)
    ended = ev.TurnEnded(turn=state.turn.n, outcome=outcome, upto=upto)
    return [*events, ev.New(SYSTEM, ended)]


def interrupt(state: State, reply: Reply | None, *, assistant: ev.By) -> list[ev.New]:
    """A new message ends the open turn; not while a write of it has begun and has no result.

    The message must follow in the same commit: it opens the turn that answers it, and tells what
    the cut one had yet to tell.
    """
    turn = state.turn
    if turn is None or set(turn.started) & set(state.writing):
        return []
    return cut_turn(state, reply, by=assistant)


def withdraw_drafts(state: State, *, by: ev.By, settled: str | None = None) -> list[ev.New]:
    """Take back what the assistant would have said: a newer message, or a person, comes first."""
    return [
        _withdrawn(hold, by)
        for hold in state.open_holds
        if hold.held.kind == "draft" and hold.hold != settled
    ]


def hand_over(
    state: State,
    *,
    by: ev.By,
    reason: str,
    reasons: Sequence[ev.Reason],
    summary: str | None = None,
    settled: str | None = None,
) -> list[ev.New]:
    """Put the conversation in the line; the turn must have been ended before.

    Open drafts are withdrawn, but for one that the same commit has `settled` otherwise.
    """
    wanted = ev.HandoverRequested(reason=reason, reasons=list(reasons), summary=summary)
    return [
        *withdraw_drafts(state, by=by, settled=settled),
        ev.New(by, wanted),
        _owner(state, LINE, by=SYSTEM, cause=reason),
        ev.New(SYSTEM, ev.SystemSaid(text=sentences.HANDOVER[reason], code="handover")),
        *_tell_untold(state),
    ]


def ask_human(
    state: State, reply: Reply | None, *, by: ev.By, assistant: ev.By, said: str | None
) -> list[ev.New]:
    """The customer asks for a person; nothing happens when one is on the way already."""
    if state.owner == NOBODY:
        raise Refused("conflict", "the conversation has ended")
    if state.owner != ASSISTANT:
        return []
    reason = ev.Reason("asks_for_human", 1.0, "Asked for a person")
    return [
        *cut_turn(state, reply, by=assistant, outcome="handed_over"),
        *hand_over(state, by=by, reason="asks_for_human", reasons=[reason], summary=said),
    ]


def accept(state: State, person: Person) -> list[ev.New]:
    """Take a conversation from the line; who comes second is refused."""
    _known(state)
    if state.owner == person.owner:
        return []
    if state.owner != LINE:
        raise Refused("conflict", "this conversation is not waiting for a person")
    return _join(state, person, cause="accepted")


def take_over(
    state: State, reply: Reply | None, person: Person, *, assistant: ev.By
) -> list[ev.New]:
    """Take a conversation at once, also in the middle of a reply."""
    _known(state)
    if state.owner == person.owner:
        return []
    if state.owner == NOBODY:
        raise Refused("conflict", "the conversation has ended")
    if state.staff is not None and not person.at_least("supervisor"):
        raise Refused("forbidden", "only a supervisor may take over from a colleague")
    return [
        *withdraw_drafts(state, by=person.by),
        *cut_turn(state, reply, by=assistant),
        *_join(state, person, cause="takeover"),
    ]


def give_back(state: State, person: Person, *, brief: str | None, assistant: str) -> list[ev.New]:
    """Return a conversation to the assistant; a turn opens only when the customer spoke last."""
    _owned(state, person)
    return [
        *drop_calls(state),
        ev.New(SYSTEM, ev.SystemSaid(text=sentences.returned(assistant), code="returned")),
        _owner(state, ASSISTANT, by=person.by, cause="returned", brief=brief),
    ]


def close(
    state: State, reply: Reply | None, *, by: ev.By, assistant: ev.By, resolution: str | None
) -> list[ev.New]:
    """End a conversation; what still waits for a decision is withdrawn.

    Refused while an action is under way or its outcome is unknown.
    """
    _known(state)
    if state.owner == NOBODY:
        return []
    if _under_way(state):
        raise Refused("conflict", "an action is still under way")
    return [
        *cut_turn(state, reply, by=assistant),
        *(_withdrawn(hold, by) for hold in state.open_holds),
        _owner(state, NOBODY, by=by, cause="closed"),
        ev.New(by, ev.ConversationClosed(resolution=resolution)),
        ev.New(SYSTEM, ev.SystemSaid(text=sentences.LEFT, code="left")),
        *_tell_untold(state),
    ]


def may_close(state: State, person: Person) -> None:
    """Closing is for the owner, or a supervisor; what is closed may be closed again by anybody."""
    _known(state)
    if state.owner not in (person.owner, NOBODY) and not person.at_least("supervisor"):
        raise Refused("forbidden", "only its owner or a supervisor may close a conversation")


def say(
    state: State,
    reply: Reply | None,
    person: Person,
    said: ev.StaffSaid,
    *,
    takeover: bool,
    assistant: ev.By,
) -> list[ev.New]:
    """Speak to the customer; with `takeover` the conversation is taken in the same commit."""
    _known(state)
    if state.owner == person.owner:
        return [ev.New(person.by, said)]
    if not takeover:
        raise Refused("conflict", "somebody else has this conversation")
    taken = take_over(state, reply, person, assistant=assistant)
    return [*taken, ev.New(person.by, said)]


def may_call(state: State, person: Person) -> list[ev.New]:
    """Only who has a conversation calls tools in it; nothing follows from asking."""
    _owned(state, person)
    return []


def add_note(state: State, note: ev.New) -> list[ev.New]:
    """Keep a note among staff, whoever owns the conversation."""
    _known(state)
    return [note]


def _join(state: State, person: Person, *, cause: str) -> list[ev.New]:
    return [
        *drop_calls(state),
        _owner(state, person.owner, by=person.by, cause=cause, name=person.name),
        ev.New(SYSTEM, ev.SystemSaid(text=sentences.joined(person.name), code="joined")),
        *_tell_untold(state),
    ]


def drop_calls(state: State) -> list[ev.New]:
    """A person who no longer has the conversation starts nothing in it: what waits to begin."""
    return [
        ev.New(SYSTEM, ev.ToolFinished(call=call, key=None, outcome="not_started"))
        for call, calling in state.calling.items()
        if not calling.started
    ]


def _tell_untold(state: State) -> list[ev.New]:
    """Outcomes the assistant had yet to tell are told by the server: the floor is another's."""
    holds = [state.holds[hold] for hold in state.untold]
    told = [_outcome(hold) for hold in holds if hold.held.kind != "draft"]
    return [ev.New(SYSTEM, ev.SystemSaid(text=text, code="hold")) for text in told]


def _withdrawn(hold: Hold, by: ev.By) -> ev.New:
    data = ev.HoldChanged(
        hold=hold.hold,
        status="withdrawn",
        decision="withdraw",
        by=by,
        revision=hold.revision,
        money=hold.held.money,
    )
    return ev.New(by, data)


def _outcome(hold: Hold) -> str:
    title = hold.held.title
    if hold.status == "rejected":
        return sentences.REJECTED.format(title=title, reason=hold.reason or "")
    return sentences.OUTCOME[hold.status].format(title=title)


def _owner(
    state: State,
    to: str,
    *,
    by: ev.By,
    cause: str,
    name: str | None = None,
    brief: str | None = None,
) -> ev.New:
    data = ev.OwnerChanged(
        from_=state.owner, to=to, epoch=state.epoch + 1, cause=cause, name=name, brief=brief
    )
    return ev.New(by, data)


def _under_way(state: State) -> bool:
    moving = {"approved", "executing", "unknown"}
    held = any(hold.status in moving for hold in state.open_holds)
    return held or bool(state.writing or state.calling)


def _known(state: State) -> None:
    if state.seq == 0:
        raise Refused("not_found", "there is no such conversation")


def _owned(state: State, person: Person) -> None:
    _known(state)
    if state.owner != person.owner:
        raise Refused("conflict", "somebody else has this conversation")
