"""The namespace `/staff`: what support agents and supervisors may do, and what they are sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import msgspec

from conversation import events as ev
from conversation.errors import Refused, Unavailable
from conversation.feed import Delivery, Feed, Frame, Said, Signal, Snapshot, Watch
from conversation.headroom import Headroom
from conversation.log import Decide, Log
from conversation.plan import Once, once
from conversation.reply import Reply
from conversation.state import State
from gateway.client import Client
from gateway.decisions import Decisions
from gateway.limiting import Limiting
from gateway.limits import Limits
from gateway.lists import StaffLists
from gateway.notices import Notices
from gateway.payload import (
    ID_CHARACTERS,
    TEXT_CHARACTERS,
    TYPING_TTL_S,
    flag,
    number,
    one_of,
    text_of,
    uuid_of,
    whole,
)
from gateway.roster import Roster
from gateway.sessions import Sessions
from gateway.sockets import Json
from gateway.staff_calls import StaffCalls
from handoff import ownership
from handoff.judging import Judge
from handoff.ownership import Person

WATCH_WITHIN_S = 5.0


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """What the staff's side of the gateway works with."""

    log: Log
    judge: Judge
    decisions: Decisions
    headroom: Headroom
    notices: Notices
    feed: Feed
    lists: StaffLists
    roster: Roster
    sessions: Sessions
    limits: Limits
    assistant: str

    async def __call__(self, client: Client, auth: Json) -> StaffConnection:
        """Accept a console; raises `Refused`."""
        token = auth.get("token")
        person = await self.sessions.person(token)
        cursor = auth.get("cursor")
        if cursor is not None and not isinstance(cursor, str):
            raise Refused("bad_request", "cursor is a string")
        return StaffConnection(self, client, person, token=token, cursor=cursor)


class StaffConnection:
    """One console of one person."""

    commands = frozenset({
        "presence", "watch", "unwatch", "accept", "takeover", "say", "note", "call",
        "return_to_assistant", "close", "decide", "answer", "settle", "limit", "typing", "seen",
        "sync",
    })  # fmt: skip
    words = frozenset({
        "say", "note", "call", "return_to_assistant", "close", "decide", "answer",
    })  # fmt: skip
    """The commands that need room for what a person says; recording an outcome needs none."""

    def __init__(
        self, office: Office, client: Client, person: Person, *, token: object, cursor: str | None
    ) -> None:
        self._office = office
        self._client = client
        self._token = token
        self._cursor = cursor
        self._watches: dict[str, Watch] = {}
        self._arrived = False
        self._gone = False
        self.person = person

    async def start(self) -> None:
        """Send the lists."""
        self._arrived = True
        await self._office.roster.arrive(self.person.id)
        await self._client.send("state", await self._state(self._cursor))
        for notice in self._office.notices.standing:
            await self._client.send("notice", notice)

    async def close(self) -> None:
        """Stop delivering."""
        self._gone = True
        for conversation in list(self._watches):
            await self._stop(conversation)
        if self._arrived:
            await self._office.roster.leave(self.person.id)

    async def check(self) -> None:
        """Look up again who this is; whose sign-in has ended is shown out."""
        with suppress(Refused):
            await self._recognise()

    async def _recognise(self) -> None:
        """Raise `Refused` for whose sign-in has ended; while nobody can tell, they stay."""
        try:
            self.person = await self._office.sessions.person(self._token)
        except Unavailable:
            raise
        except Refused:
            self._client.hang_up()
            raise

    async def send(self, event: str, payload: Json | msgspec.Raw) -> None:
        """Send what everybody at work is sent."""
        await self._client.send(event, payload)

    async def handle(self, command: str, payload: Json) -> Json:
        """Carry a command out; raises `Refused`, also when there is no room for more words.

        Who may is looked up at each: a sign-in that has ended does nothing more.
        """
        await self._recognise()
        if command in self.words:
            self._office.headroom.require()
        answer: Json = await getattr(self, f"_{command}")(payload)
        return answer

    # Lists and presence

    async def _presence(self, payload: Json) -> Json:
        status = one_of(payload, "status", ("online", "away", "offline"))
        await self._office.roster.set(self.person.id, status)  # type: ignore[arg-type]
        return {}

    async def _sync(self, payload: Json) -> Json:
        cursor = payload.get("cursor")
        self._client.hold()
        return {"state": await self._state(cursor if isinstance(cursor, str) else None)}

    async def _state(self, cursor: str | None) -> Json:
        lists = await self._office.lists.read(cursor)
        me = {"id": self.person.id, "name": self.person.name, "role": self.person.role}
        return {
            "cursor": lists.cursor,
            "full": lists.full,
            "me": me,
            "assistant": {"name": self._office.assistant},
            "staff": await self._office.roster.staff(),
            "queues": [],
            "conversations": lists.conversations,
            "holds": lists.holds,
            "counts": self._office.lists.counts(self.person.owner),
            "tools": self._office.judge.tools,
        }

    # Watching

    async def _watch(self, payload: Json) -> Json:
        conversation = self._named(payload)
        after = whole(payload, "after", default=0)
        await self._stop(conversation)
        first: asyncio.Future[Snapshot] = asyncio.get_running_loop().create_future()
        deliver = partial(self._deliver, conversation, first)
        watch = await self._office.feed.watch(
            conversation, after, deliver, failed=partial(self._lose, first)
        )
        self._watches[conversation] = watch
        if self._gone:  # the client left meanwhile
            await self._stop(conversation)
        try:
            async with asyncio.timeout(WATCH_WITHIN_S):
                snapshot = await first
        except TimeoutError as error:
            raise Unavailable from error
        if snapshot.state.seq == 0:
            await self._stop(conversation)
            raise Refused("not_found", "there is no such conversation")
        state = snapshot.state
        return {
            "state": {
                "conversation": conversation,
                "seq": state.seq,
                "epoch": state.epoch,
                "owner": state.owner,
                "status": state.status,
                "reply": snapshot.reply,
                "events": snapshot.events,
                "gap": snapshot.gap,
            }
        }

    def _lose(self, first: asyncio.Future[Snapshot]) -> None:
        """A watch that breaks off is begun afresh; one that cannot begin leaves the rest alone."""
        if first.done():
            self._client.hang_up()
        else:
            first.set_exception(Unavailable())

    async def _unwatch(self, payload: Json) -> Json:
        await self._stop(self._named(payload))
        return {}

    async def _stop(self, conversation: str) -> None:
        if (watch := self._watches.pop(conversation, None)) is not None:
            await self._office.feed.unwatch(watch)

    async def _deliver(
        self, conversation: str, first: asyncio.Future[Snapshot], delivery: Delivery
    ) -> None:
        match delivery:
            case Snapshot() if not first.done():
                self._client.hold()
                first.set_result(delivery)
            case Snapshot(events=events) | Said(events=events):
                for event in events:
                    await self._client.send("event", event)
            case Frame():
                frame = {"conversation": conversation, **msgspec.to_builtins(delivery)}
                await self._client.send("delta", frame)
            case Signal(kind="typing" | "seen"):
                signal = {"conversation": conversation, **delivery.data}
                await self._client.send(delivery.kind, signal)

    # Taking and giving back

    async def _accept(self, payload: Json) -> Json:
        return await self._commit(
            payload, lambda s, _: ownership.accept(s, self.person), own=ev.OwnerChanged
        )

    async def _takeover(self, payload: Json) -> Json:
        return await self._commit(
            payload,
            lambda s, r: ownership.take_over(s, r, self.person, assistant=self._assistant),
            own=ev.OwnerChanged,
            with_reply=True,
        )

    async def _return_to_assistant(self, payload: Json) -> Json:
        brief = text_of(payload, "brief", at_most=TEXT_CHARACTERS, default=None)
        return await self._commit(
            payload,
            lambda s, _: ownership.give_back(
                s, self.person, brief=brief, assistant=self._office.assistant
            ),
            own=ev.OwnerChanged,
        )

    async def _close(self, payload: Json) -> Json:
        resolution = text_of(payload, "resolution", at_most=TEXT_CHARACTERS, default=None)

        def decide(state: State, reply: Reply | None) -> list[ev.New]:
            ownership.may_close(state, self.person)
            return ownership.close(
                state, reply, by=self.person.by, assistant=self._assistant, resolution=resolution
            )

        return await self._commit(payload, decide, own=ev.ConversationClosed, with_reply=True)

    # Words

    async def _say(self, payload: Json) -> Json:
        id_ = uuid_of(payload)
        text = text_of(payload, "text", at_most=TEXT_CHARACTERS)
        takeover = flag(payload, "takeover")
        said = ev.StaffSaid(id=id_, text=text)
        return await self._commit(
            payload,
            lambda s, r: ownership.say(
                s, r, self.person, said, takeover=takeover, assistant=self._assistant
            ),
            own=ev.StaffSaid,
            once=once(f"{self.person.id}/{id_}", ["say", text]),
            with_reply=takeover,
        )

    async def _note(self, payload: Json) -> Json:
        id_ = uuid_of(payload)
        text = text_of(payload, "text", at_most=TEXT_CHARACTERS)
        note = ev.New(self.person.by, ev.NoteAdded(id=id_, text=text))
        return await self._commit(
            payload,
            lambda s, _: ownership.add_note(s, note),
            own=ev.NoteAdded,
            once=once(f"{self.person.id}/{id_}", ["note", text]),
        )

    async def _typing(self, payload: Json) -> Json:
        data = {"by": self._by, "on": flag(payload, "on"), "ttl_s": TYPING_TTL_S}
        await self._office.feed.signal(self._named(payload), "typing", data)
        return {}

    async def _seen(self, payload: Json) -> Json:
        data = {"by": self._by, "seq": number(payload, "seq")}
        await self._office.feed.signal(self._named(payload), "seen", data)
        return {}

    # Tools

    async def _call(self, payload: Json) -> Json:
        return await StaffCalls(self._office.log, self._office.judge).call(self.person, payload)

    # Decisions

    async def _decide(self, payload: Json) -> Json:
        return await self._office.decisions.decide(self.person, payload)

    async def _answer(self, payload: Json) -> Json:
        return await self._office.decisions.answer(self.person, payload)

    async def _settle(self, payload: Json) -> Json:
        return await self._office.decisions.settle(self.person, payload)

    async def _limit(self, payload: Json) -> Json:
        limiting = Limiting(self._office.log, self._office.limits)
        return await limiting.limit(self.person, payload)

    # How it commits

    async def _commit(
        self,
        payload: Json,
        decide: Decide,
        *,
        own: type[ev.Data],
        once: Once | None = None,
        with_reply: bool = False,
    ) -> Json:
        committed = await self._office.log.commit(
            self._named(payload), decide, own=own, once=once, with_reply=with_reply
        )
        return {"seq": committed.seq}

    def _named(self, payload: Json) -> str:
        conversation: str = text_of(payload, "conversation", at_most=ID_CHARACTERS)
        return conversation

    @property
    def _by(self) -> Json:
        return {"role": "staff", "name": self.person.name, "id": self.person.id}

    @property
    def _assistant(self) -> ev.By:
        return ev.By("assistant", name=self._office.assistant)
