"""What staff decide on what is held: the commands `decide`, `answer` and `settle`."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, cast
from uuid import uuid4

from msgspec import Struct

from conversation import events as ev
from conversation.errors import Refused
from conversation.ids import conversation_of, is_draft
from conversation.log import Decide, Log
from conversation.plan import once
from conversation.reply import Reply
from conversation.state import State
from gateway.payload import (
    ID_CHARACTERS,
    TEXT_CHARACTERS,
    number,
    one_of,
    text_of,
    uuid_of,
    written,
)
from handoff import decisions
from handoff.decisions import Seen
from handoff.judgement import Judgement
from handoff.judging import Judge
from handoff.lowering import Lowering
from handoff.ownership import Person

Json = dict[str, Any]

REFERENCE_CHARACTERS = 200


class Decisions(Struct, frozen=True, kw_only=True):
    """Takes decisions of people; an edit is judged as the assistant's own call was."""

    log: Log
    judge: Judge
    lowering: Lowering

    async def decide(self, person: Person, payload: Json) -> Json:
        """Approve, edit, reject or ask, on exactly what was seen; raises `Refused`."""
        seen = Seen(
            hold=text_of(payload, "hold", at_most=ID_CHARACTERS),
            revision=number(payload, "revision"),
            digest=text_of(payload, "digest", at_most=ID_CHARACTERS),
        )
        decide = await self._decision(person, seen, payload)
        committed = await self.log.commit(
            conversation_of(seen.hold),
            decide,
            own=ev.HoldChanged,
            once=once(f"{person.id}/decide/{uuid4()}"),
            with_reply=is_draft(seen.hold),
        )
        now = committed.state.holds[seen.hold]
        return {
            "seq": committed.seq,
            "status": now.status,
            "revision": now.revision,
            "digest": now.digest,
        }

    async def answer(self, person: Person, payload: Json) -> Json:
        """Answer a question to a colleague; the same id again answers what was said then."""
        id_ = uuid_of(payload)
        hold = text_of(payload, "hold", at_most=ID_CHARACTERS)
        text = text_of(payload, "text", at_most=TEXT_CHARACTERS)
        committed = await self.log.commit(
            conversation_of(hold),
            partial(
                decisions.answer,
                hold=hold,
                by=person.by,
                to="agent",
                text=text,
                expires_at=self.judge.expires_at(),
            ),
            once=once(f"{person.id}/{id_}", ["answer", hold, text]),
        )
        return {"seq": committed.seq}

    async def settle(self, person: Person, payload: Json) -> Json:
        """Say what became of a call of which nobody could tell."""
        hold = text_of(payload, "hold", at_most=ID_CHARACTERS)
        outcome = one_of(payload, "outcome", ("succeeded", "failed"))
        reference = text_of(payload, "reference", at_most=REFERENCE_CHARACTERS)
        committed = await self.log.commit(
            conversation_of(hold),
            partial(
                decisions.settle,
                hold=hold,
                outcome=cast("Literal['succeeded', 'failed']", outcome),
                reference=reference,
                person=person,
            ),
            once=once(f"{person.id}/settle/{uuid4()}"),
        )
        return {"seq": committed.seq, "status": committed.state.holds[hold].status}

    async def _decision(self, person: Person, seen: Seen, payload: Json) -> Decide:
        who: Json = {"seen": seen, "person": person, "now_ms": self.log.clock()}
        match one_of(payload, "decision", ("approve", "edit", "reject", "ask")):
            case "approve":
                return partial(decisions.approve, **who)
            case "reject":
                reason = text_of(payload, "reason", at_most=TEXT_CHARACTERS)
                return partial(decisions.reject, **who, reason=reason)
            case "ask":
                return partial(decisions.ask, **who, question=_question(payload.get("question")))
        if "text" in payload:
            text = text_of(payload, "text", at_most=TEXT_CHARACTERS)
            return partial(decisions.reword, **who, text=text)
        return await self._edit(person, seen, written(payload, "arguments"))

    async def _edit(self, person: Person, seen: Seen, arguments: str) -> Decide:
        """Judge other arguments, from the state that was seen; the commit refuses when it moved."""
        now_ms = self.log.clock()
        state = await self.log.head(conversation_of(seen.hold))
        before = decisions.editable(state, seen, person, now_ms=now_ms)
        now = await self.judge.edited(state, before, arguments)
        if isinstance(now, Judgement):
            raise Refused("bad_request", now.because or "the rules deny this")
        lowered = self.lowering.only(before.held, now)

        def decide(state: State, reply: Reply | None) -> list[ev.New]:
            return decisions.edit(
                state, reply, seen=seen, person=person, now_ms=now_ms, now=now, lowered=lowered
            )

        return decide


def _question(asked: object) -> ev.Question:
    if not isinstance(asked, dict):
        raise Refused("bad_request", "question is an object")
    to = one_of(asked, "to", ("customer", "agent"))
    text = text_of(asked, "text", at_most=TEXT_CHARACTERS)
    return ev.Question(to=cast("Literal['customer', 'agent']", to), text=text)
