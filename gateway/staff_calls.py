"""Tools that the person who has a conversation calls; they are judged as the assistant's are."""

from __future__ import annotations

from functools import partial
from typing import Any

from msgspec import UNSET, Struct

from conversation import events as ev
from conversation.errors import Unavailable
from conversation.ids import staff_call_id
from conversation.log import Log
from conversation.plan import Once, once
from conversation.reply import Reply
from conversation.state import State
from gateway.payload import ID_CHARACTERS, text_of, uuid_of, written
from handoff import ownership
from handoff.judging import Judge, Ruled
from handoff.ownership import Person

Json = dict[str, Any]

TRIES = 5
"""How often a call is judged again because what it was judged on changed meanwhile."""


class _Moved(Exception):
    """What a call was judged on is not so any more."""


class StaffCalls(Struct, frozen=True):
    """Takes calls of people; what may run is run by a worker."""

    log: Log
    judge: Judge

    async def call(self, person: Person, payload: Json) -> Json:
        """Judge a call and record it; the same id again answers what was said then.

        Raises `Refused`, also for who does not have the conversation.
        """
        conversation = text_of(payload, "conversation", at_most=ID_CHARACTERS)
        id_ = uuid_of(payload)
        tool = text_of(payload, "tool", at_most=ID_CHARACTERS)
        arguments = written(payload, "arguments")
        name = once(f"{person.id}/{id_}", ["call", tool, payload.get("arguments")])
        for _ in range(TRIES):
            state, known = await self._now(conversation, person, name)
            if known is not None:
                return await self._told(conversation, known)
            call = staff_call_id(conversation, person.id, id_)
            ruled = await self.judge.one(
                state, call=call, tool=tool, arguments=arguments, by=person.by
            )
            record = partial(
                _record, person=person, on=state, called=_called(call, tool, ruled), ruled=ruled
            )
            try:
                committed = await self.log.commit(
                    conversation, record, own=ev.StaffCalled, once=name
                )
            except _Moved:
                continue
            return await self._told(conversation, committed.seq)
        raise Unavailable("too many changes at once, try again")

    async def _now(self, conversation: str, person: Person, name: Once) -> tuple[State, int | None]:
        """The conversation as this person has it, or where this very call was recorded."""
        looked = await self.log.commit(
            conversation, lambda state, _: ownership.may_call(state, person), once=name
        )
        return looked.state, looked.seq if looked.duplicate else None

    async def _told(self, conversation: str, seq: int) -> Json:
        """The acknowledgement, from the log."""
        event = (await self.log.read(conversation, seq - 1))[0]
        called = event.data
        assert isinstance(called, ev.StaffCalled)
        told: Json = {
            "seq": seq,
            "call": called.call,
            "verdict": called.verdict,
            "because": called.because,
        }
        return told if called.hold is UNSET else told | {"hold": called.hold}


def _called(call: str, tool: str, ruled: Ruled) -> ev.StaffCalled:
    return ev.StaffCalled(
        call=call,
        tool=tool,
        arguments=ruled.arguments,
        verdict=ruled.verdict,
        because=ruled.because,
        hold=ruled.hold or UNSET,
        judged=ruled.judged,
    )


def _record(
    state: State,
    _reply: Reply | None,
    *,
    person: Person,
    on: State,
    called: ev.StaffCalled,
    ruled: Ruled,
) -> list[ev.New]:
    """The call and what it brings, if it was judged on what is so; else raises `_Moved`."""
    ownership.may_call(state, person)
    if (state.customer, state.open_holds) != (on.customer, on.open_holds):
        raise _Moved
    return [ev.New(person.by, called), *ruled.events]
