"""The customers' side of the gateway: who a client is, where it was, what it sees first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import msgspec

from conversation import events as ev
from conversation.errors import Refused, Unavailable
from conversation.feed import Feed, Snapshot
from conversation.headroom import Headroom
from conversation.log import Log
from conversation.public import public
from conversation.reply import Reply
from conversation.state import State
from conversation.summary import public_holds
from gateway.addresses import Openings
from gateway.limits import Limits
from gateway.opening import Visitors, identified, visitor_of
from gateway.sockets import Json
from gateway.tokens import CustomerTokens, Identity, ResumeTokens
from handoff.line import Line, Place


class Reception(msgspec.Struct, frozen=True, kw_only=True):
    """What the customers' side of the gateway works with."""

    log: Log
    headroom: Headroom
    feed: Feed
    line: Line
    tokens: CustomerTokens
    resumes: ResumeTokens
    visitors: Visitors
    expires_at: Callable[[], str]
    """Until when a decision is awaited on what is answered now."""
    limits: Limits
    openings: Openings
    settings: Json
    """What `state.settings` carries."""

    async def find(self, identity: Identity | None, resume: object) -> str | None:
        """The conversation a client comes back to, if any; who is blocked comes back to none."""
        if identity is not None:
            await self.limits.admit([identity.id])
        if resume is None:
            return await self.visitors.current(identity) if identity else None
        conversation = self.resumes.conversation(resume)
        state = await self.log.head(conversation)
        if state.customer is None:
            raise Refused("forbidden", "this conversation cannot be resumed")
        await self.limits.admit({state.customer.id, visitor_of(conversation)})
        if identity is not None and _bind(identity, state, None):
            await self.log.commit(conversation, partial(_bind, identity))
            await self.visitors.remember(identity.id, conversation)
        return conversation

    async def state(self, snapshot: Snapshot | None, *, gap: bool = False) -> Json:
        """What `state` says, of a conversation or of none."""
        state = snapshot.state if snapshot and snapshot.state.seq else None
        return {
            "conversation": state.conversation if state else None,
            "resume": self.resumes.issue(state.conversation) if state else None,
            "seq": state.seq if state else 0,
            "epoch": state.epoch if state else 1,
            "status": state.status if state else "assistant",
            "assistant": {"name": self.visitors.assistant},
            "staff": {"name": state.staff.name} if state and state.staff else None,
            "reply": snapshot.reply if snapshot else None,
            "line": await self._place(state) if state else None,
            "holds": public_holds(state) if state else [],
            "events": [p for e in snapshot.events if (p := public(e))] if snapshot else [],
            "gap": snapshot.gap if snapshot else gap,
            "settings": self.settings,
        }

    async def _place(self, state: State) -> Place | None:
        """Where a waiting customer stands, if it can be told now."""
        if state.status == "waiting":
            with suppress(Unavailable):
                return await self.line.place(state.conversation)
        return None


def _bind(identity: Identity, state: State, _reply: Reply | None) -> list[ev.New]:
    """Give a conversation to the customer who proved to be its writer.

    A token says more than what was proved in the chat, but it makes nobody somebody else.
    """
    known = state.customer
    if known is not None and known.level != "anonymous" and known.id != identity.id:
        raise Refused("forbidden", "this conversation is somebody else's")
    if known is not None and (known.id, known.level) == (identity.id, "token"):
        return []
    return [ev.New(ev.By("system"), identified(identity))]
