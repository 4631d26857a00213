"""Staff limit or block a customer: the log says who did it, and every process heeds it."""

from __future__ import annotations

from typing import Any, get_args

from msgspec import Struct

from conversation import events as ev
from conversation.errors import Refused
from conversation.events import iso
from conversation.log import Log
from conversation.reply import Reply
from conversation.state import State
from gateway.limits import Level, Limit, Limits
from gateway.opening import visitor_of
from gateway.payload import ID_CHARACTERS, one_of, text_of, whole
from handoff.ownership import Person

Json = dict[str, Any]

REASON_CHARACTERS = 1_000
USUALLY_FOR_S = 24 * 3600
AT_MOST_FOR_S = 366 * 24 * 3600


class Limiting(Struct, frozen=True):
    """Carries out the command `limit`."""

    log: Log
    limits: Limits

    async def limit(self, person: Person, payload: Json) -> Json:
        """Limit the customer of a conversation, or lift their limit; raises `Refused`.

        The log comes first: nobody is limited of whom it is not known who did it. Who is told
        `unavailable` repeats it.
        """
        if not person.at_least("supervisor"):
            raise Refused("forbidden", "only a supervisor may limit a customer")
        conversation = text_of(payload, "conversation", at_most=ID_CHARACTERS)
        level: Level = one_of(payload, "level", get_args(Level))  # type: ignore[assignment]
        for_s = whole(payload, "for_s", default=USUALLY_FOR_S)
        if not 1 <= for_s <= AT_MOST_FOR_S:
            raise Refused("bad_request", f"for_s is from 1 to {AT_MOST_FOR_S}")
        reason = text_of(payload, "reason", at_most=REASON_CHARACTERS, default=None)
        until_ms = 0 if level == "none" else self.log.clock() + for_s * 1000
        until = iso(until_ms) if until_ms else None
        limited = ev.New(person.by, ev.Limited(level=level, until=until, reason=reason))

        def decide(state: State, _reply: Reply | None) -> list[ev.New]:
            if state.customer is None:
                raise Refused("not_found", "there is no such conversation")
            return [limited]

        committed = await self.log.commit(conversation, decide, own=ev.Limited)
        assert committed.state.customer is not None
        limit = Limit(committed.state.customer.id, level, until_ms)
        await self.limits.put(limit, also=[visitor_of(conversation)])
        return {"seq": committed.seq, "level": level, "until": until}
