"""The namespace `/customer`: what a customer's browser may do, and what it is sent."""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import uuid4

import msgspec

from conversation import events as ev
from conversation.errors import Refused, Unavailable
from conversation.events import iso
from conversation.feed import Delivery, Frame, Said, Signal, Snapshot, Watch, snapshot_of
from conversation.log import Decide
from conversation.plan import Once, once
from conversation.public import public
from conversation.reply import Reply
from conversation.state import NOBODY, State
from gateway.client import Client
from gateway.opening import open_conversation, visitor_of
from gateway.pace import Pace
from gateway.payload import (
    ID_CHARACTERS,
    TEXT_CHARACTERS,
    TYPING_TTL_S,
    flag,
    number,
    text_of,
    uuid_of,
    whole,
)
from gateway.reception import Reception
from gateway.sockets import Json
from gateway.tokens import Identity
from handoff import decisions, ownership

WORKING_TTL_S = 60
FOLLOW_WITHIN_S = 2.0
ANSWER_WITHIN_S = 4.0
"""How long a customer waits for a Redis that hangs; their page sends the same words again."""


async def accept(desk: Reception, client: Client, auth: Json) -> CustomerConnection:
    """Let a browser in; raises `Refused`."""
    after = whole(auth, "after", default=0)
    token = auth.get("token")
    identity = None if token is None else await desk.tokens.identify(token)
    if identity is None and not desk.visitors.anonymous:
        raise Refused("unauthorized", "a token is needed here")
    conversation = await desk.find(identity, auth.get("resume"))
    return CustomerConnection(desk, client, identity, conversation, after)


class CustomerConnection:
    """One browser tab of a customer."""

    commands = frozenset({
        "say", "ask_human", "answer", "withdraw", "leave", "sync", "typing", "seen",
    })  # fmt: skip
    words = frozenset({"say", "ask_human", "answer"})
    """The commands that need room for what a person says."""

    def __init__(
        self,
        desk: Reception,
        client: Client,
        identity: Identity | None,
        conversation: str | None,
        after: int,
    ) -> None:
        self._desk = desk
        self._client = client
        self._identity = identity
        self._conversation = conversation
        self._after = after
        self._watch: Watch | None = None
        self._gone = False
        self._pace = Pace()
        self._customer: str | None = None
        """Who the customer is, as far as it was delivered."""
        self._staff: str | None = None
        """The id of the person who owns the conversation, as far as it was delivered."""
        self._quiet = False
        self._opens = False
        self._working = False

    async def start(self) -> None:
        """Send the state, and from then on what happens.

        Who is known and in no conversation hears of the one that opens in another tab.
        """
        if self._conversation is not None:
            await self._follow(self._conversation, self._after)
            return
        await self._client.send("state", await self._desk.state(None, gap=self._after > 0))
        if self._identity is not None:
            self._quiet = True
            await self._follow(await self._desk.visitors.next(self._identity), 0)

    async def close(self) -> None:
        """Stop delivering."""
        self._gone = True
        await self._stop()

    @property
    def customers(self) -> set[str]:
        """Every id this customer goes by."""
        ids = {self._customer, self._identity.id if self._identity else None}
        ids.add(visitor_of(self._conversation) if self._conversation else None)
        return {id_ for id_ in ids if id_ is not None}

    async def heed(self) -> None:
        """Tell that the limit of this customer changed; who is blocked is shown out."""
        limit = await self._desk.limits.of(self.customers)
        level = limit.level if limit else "none"
        until = iso(limit.until_ms) if limit else None
        await self._client.send("limited", {"level": level, "until": until})
        if level == "blocked":
            self._client.hang_up()

    async def send(self, event: str, payload: Json | msgspec.Raw) -> None:
        """Send what concerns everybody."""
        await self._client.send(event, payload)

    async def handle(self, command: str, payload: Json) -> Json:
        """Carry a command out; raises `Refused`, also when there is no room for more words.

        Words are counted of somebody limited, and not taken of somebody blocked.
        """
        self._pace.keep()
        async with asyncio.timeout(ANSWER_WITHIN_S):
            if command in self.words:
                self._desk.headroom.require()
                await self._desk.limits.count(self.customers)
            answer: Json = await getattr(self, f"_{command}")(payload)
            return answer

    # Commands

    async def _say(self, payload: Json) -> Json:
        id_ = uuid_of(payload)
        text = text_of(payload, "text", at_most=TEXT_CHARACTERS)
        if payload.get("attachments"):
            raise Refused("bad_request", "attachments are not taken here")
        said = ev.CustomerSaid(id=id_, text=text)
        new = flag(payload, "new")
        conversation = await self._choose(id_, text, new=new)
        previous = self._conversation if conversation != self._conversation else None
        return await self._commit(
            conversation,
            partial(self._decide_say, said, previous),
            opens=new or self._conversation is None,
            own=ev.CustomerSaid,
            once=once(f"customer/{id_}", text),
            with_reply=self._desk.visitors.interrupt,
        )

    async def _ask_human(self, payload: Json) -> Json:
        id_ = uuid_of(payload) if "id" in payload else str(uuid4())
        reason = text_of(payload, "reason", at_most=TEXT_CHARACTERS, default=None)
        return await self._commit(
            await self._choose(id_, reason or ""),
            partial(self._decide_ask, reason),
            opens=self._conversation is None,
            own=ev.HandoverRequested,
            once=once(f"customer/{id_}", ["ask_human", reason]),
            with_reply=True,
        )

    async def _answer(self, payload: Json) -> Json:
        id_ = uuid_of(payload)
        hold = text_of(payload, "hold", at_most=ID_CHARACTERS)
        text = text_of(payload, "text", at_most=TEXT_CHARACTERS)
        expires_at = self._desk.expires_at()
        committed = await self._desk.log.commit(
            self._here(),
            partial(
                decisions.answer,
                hold=hold, by=self._by, to="customer", text=text, expires_at=expires_at,
            ),
            once=once(f"customer/{id_}", ["answer", hold, text]),
        )  # fmt: skip
        return {"seq": committed.seq}

    async def _withdraw(self, payload: Json) -> Json:
        hold = text_of(payload, "hold", at_most=ID_CHARACTERS)
        decide = partial(decisions.withdraw, hold=hold, by=self._by)
        committed = await self._desk.log.commit(self._here(), decide, once=once(f"withdraw/{hold}"))
        return {"seq": committed.seq}

    async def _leave(self, _payload: Json) -> Json:
        committed = await self._desk.log.commit(
            self._here(),
            lambda state, reply: ownership.close(
                state, reply, by=self._by, assistant=self._assistant, resolution="left"
            ),
            own=ev.ConversationClosed,
            with_reply=True,
        )
        return {"seq": committed.seq}

    async def _sync(self, payload: Json) -> Json:
        after = whole(payload, "after", default=0)
        if self._conversation is None:
            return {"state": await self._desk.state(None, gap=after > 0)}
        self._client.hold()
        snapshot = await snapshot_of(self._desk.log, self._conversation, after)
        return {"state": await self._desk.state(snapshot)}

    async def _typing(self, payload: Json) -> Json:
        if self._conversation is not None:
            by = {"role": "customer"}
            data = {"by": by, "on": flag(payload, "on"), "ttl_s": TYPING_TTL_S}
            await self._desk.feed.signal(self._conversation, "typing", data)
        return {}

    async def _seen(self, payload: Json) -> Json:
        if self._conversation is not None:
            data = {"by": {"role": "customer"}, "seq": number(payload, "seq")}
            await self._desk.feed.signal(self._conversation, "seen", data)
        return {}

    # Decisions

    def _decide_say(
        self, said: ev.CustomerSaid, previous: str | None, state: State, reply: Reply | None
    ) -> list[ev.New]:
        message = ev.New(self._by, said)
        if state.seq == 0:
            return [*self._opening(state, previous), message]
        if state.owner == NOBODY:
            return [*self._desk.visitors.reopen(state, by=self._by), message]
        withdrawn = ownership.withdraw_drafts(state, by=self._by)
        if self._desk.visitors.interrupt:
            cut = ownership.interrupt(state, reply, assistant=self._assistant)
            return [*withdrawn, *cut, message]
        return [*withdrawn, message]

    def _decide_ask(self, said: str | None, state: State, reply: Reply | None) -> list[ev.New]:
        opening = self._opening(state, None) if state.seq == 0 else []
        asked = ownership.ask_human(state, reply, by=self._by, assistant=self._assistant, said=said)
        return [*opening, *asked]

    def _opening(self, state: State, previous: str | None) -> list[ev.New]:
        return open_conversation(
            state.conversation,
            identity=self._identity,
            by=self._by,
            assistant=self._assistant,
            greeting=self._desk.visitors.greeting,
            previous=previous,
        )

    # What it is sent

    async def _deliver(self, delivery: Delivery) -> None:
        match delivery:
            case Snapshot():
                await self._deliver_snapshot(delivery)
            case Said():
                await self._deliver_events(delivery)
            case Frame():
                await self._client.send("delta", delivery)
            case Signal(kind="line"):
                await self._client.send("line", delivery.data)
            case Signal():
                await self._deliver_signal(delivery)

    async def _deliver_snapshot(self, snapshot: Snapshot) -> None:
        """Send the state; of a conversation about to be opened only what happens counts."""
        if self._quiet and snapshot.state.seq == 0:
            return
        self._quiet = False
        self._conversation = self._conversation or snapshot.state.conversation
        await self._client.send("state", await self._desk.state(snapshot))
        await self._note(snapshot.state)

    async def _deliver_events(self, said: Said) -> None:
        if self._conversation is None and not self._opens:
            await self._deliver_snapshot(Snapshot(said.state, said.events, None, gap=False))
            return
        self._quiet = False
        for event in said.events:
            if (shown := public(event)) is not None:
                await self._client.send("event", shown)
        await self._note(said.state)

    async def _deliver_signal(self, signal: Signal) -> None:
        """Typing and seen of the person who owns the conversation; others only look on."""
        by = signal.data["by"]
        if by["role"] == "staff" and by["id"] == self._staff:
            shown = {**signal.data, "by": {"role": "staff", "name": by["name"]}}
            await self._client.send(signal.kind, shown)

    async def _note(self, state: State) -> None:
        """Keep who owns the conversation; the assistant "types" until it has answered."""
        self._staff = state.staff.id if state.staff else None
        self._customer = state.customer.id if state.customer else None
        if state.answering == self._working:
            return
        self._working = state.answering
        by = {"role": "assistant", "name": self._desk.visitors.assistant}
        typing = {"by": by, "on": self._working, "ttl_s": WORKING_TTL_S}
        await self._client.send("typing", typing)

    # Where it is

    async def _choose(self, first: str, words: str, *, new: bool = False) -> str:
        """The conversation a message belongs to; a known customer may be in one elsewhere.

        Of somebody unknown the words count beside the message's own id: who repeats another's id
        by chance or guess is not let into what that one has said.
        """
        if self._conversation is not None and not new:
            return self._conversation
        if self._identity is None:
            return self._desk.resumes.conversation_of("", f"{first} {words}")
        if new:
            return self._desk.resumes.conversation_of(self._identity.id, first)
        return await self._desk.visitors.next(self._identity)

    async def _commit(
        self,
        conversation: str,
        decide: Decide,
        *,
        opens: bool,
        own: type[ev.Data],
        once: Once,
        with_reply: bool = False,
    ) -> Json:
        """Commit to a conversation, following it first when it opens."""
        self._opens = opens
        try:
            if opens and self._identity is None:
                await self._desk.openings.count(self._client.address)
            if opens:
                await self._move(conversation)
            committed = await self._desk.log.commit(
                conversation, decide, own=own, once=once, with_reply=with_reply
            )
        except Refused:
            if self._conversation not in (None, conversation):
                await self._follow(self._conversation, 0)
            raise
        finally:
            self._opens = False
        self._conversation = conversation
        answer: Json = {"conversation": conversation, "seq": committed.seq}
        if opens:
            answer["resume"] = self._desk.resumes.issue(conversation)
        return answer

    async def _move(self, conversation: str) -> None:
        """Follow a conversation from before its first event, so that none is missed."""
        if self._identity is not None:
            await self._desk.visitors.remember(self._identity.id, conversation)
        watch = self._watch
        if watch is None or watch.conversation != conversation:
            self._quiet = True
            watch = await self._follow(conversation, 0)
        try:
            async with asyncio.timeout(FOLLOW_WITHIN_S):
                await watch.started()
        except TimeoutError as error:
            raise Unavailable from error

    async def _follow(self, conversation: str, after: int) -> Watch:
        await self._stop()
        watch = self._watch = await self._desk.feed.watch(
            conversation, after, self._deliver, failed=self._client.hang_up
        )
        if self._gone:  # the client left meanwhile
            await self._stop()
        return watch

    async def _stop(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            await self._desk.feed.unwatch(watch)

    def _here(self) -> str:
        if self._conversation is None:
            raise Refused("not_found", "there is no conversation yet")
        return self._conversation

    @property
    def _by(self) -> ev.By:
        name = self._identity.attributes.get("name") if self._identity else None
        return ev.By("customer", name=name if isinstance(name, str) else None)

    @property
    def _assistant(self) -> ev.By:
        return ev.By("assistant", name=self._desk.visitors.assistant)
