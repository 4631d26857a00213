"""How a conversation begins, comes back and is found again."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import UNSET, Struct

from conversation import events as ev
from conversation.errors import Refused
from conversation.keys import current_conversation
from conversation.log import Log
from conversation.state import ASSISTANT, NOBODY, State
from conversation.store import answering
from gateway.tokens import Identity, ResumeTokens


def open_conversation(
    conversation: str,
    *,
    identity: Identity | None,
    by: ev.By,
    assistant: ev.By,
    greeting: str | None,
    previous: str | None,
) -> list[ev.New]:
    """The first events: who writes, and the greeting the customer was shown."""
    customer = identity.id if identity else visitor_of(conversation)
    attributes = identity.attributes if identity else {}
    started = ev.ConversationStarted(
        customer=customer, attributes=attributes, previous=previous or UNSET
    )
    events = [ev.New(by, started)]
    if identity:
        events.append(ev.New(ev.By("system"), identified(identity)))
    if greeting:
        events.append(ev.New(assistant, ev.AssistantSaid(text=greeting)))
    return events


def visitor_of(conversation: str) -> str:
    """What somebody unknown is called who opened a conversation."""
    return f"visitor-{conversation.removeprefix('c_')}"


def identified(identity: Identity) -> ev.CustomerIdentified:
    """A signed token says who the customer is."""
    return ev.CustomerIdentified(
        customer=identity.id, level="token", how="token", attributes=identity.attributes
    )


class Visitors(Struct, frozen=True, kw_only=True):
    """What holds for everybody who writes."""

    log: Log
    resumes: ResumeTokens
    assistant: str
    greeting: str | None
    anonymous: bool
    reopen_within_s: float
    interrupt: bool = False
    """Whether a message cuts the turn that is open."""

    async def current(self, identity: Identity) -> str | None:
        """The open conversation of a known customer, if any."""
        last = await self._last(identity)
        return last.conversation if last and last.seq and last.owner != NOBODY else None

    async def next(self, identity: Identity) -> str:
        """Where a known customer's words go: the open conversation, or the one they open.

        It is the same in all tabs, also before its first event.
        """
        last = await self._last(identity)
        if last is None:
            return self.resumes.conversation_of(identity.id, "")
        if last.owner == NOBODY:
            return self.resumes.conversation_of(identity.id, last.conversation)
        return last.conversation

    async def _last(self, identity: Identity) -> State | None:
        key = current_conversation(identity.id)
        with answering():
            raw = await self.log.store.reads.get(key)
        return None if raw is None else await self.log.head(raw.decode())

    async def remember(self, customer: str, conversation: str) -> None:
        """Note which conversation a known customer is in; written before its first event."""
        with answering():
            await self.log.store.writes.set(current_conversation(customer), conversation)

    def reopen(self, state: State, *, by: ev.By) -> list[ev.New]:
        """Bring a closed conversation back, if it closed not too long ago."""
        closed_at = datetime.fromisoformat(state.closed_at or state.at)
        now = datetime.fromtimestamp(self.log.clock() / 1000, UTC)
        if (now - closed_at).total_seconds() > self.reopen_within_s:
            raise Refused("conflict", "this conversation has ended; start a new one")
        changed = ev.OwnerChanged(
            from_=NOBODY, to=ASSISTANT, epoch=state.epoch + 1, cause="reopened"
        )
        return [ev.New(by, ev.ConversationReopened()), ev.New(ev.By("system"), changed)]
