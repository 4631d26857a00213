"""An amount that counts against limits, and what the log of its conversation says of it; pure.

An amount is reserved before the call is committed, and nothing is atomic across slots. So an entry
may be of a call that was never committed, and only the log can tell.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from conversation import events as ev
from conversation.hold import Hold
from conversation.ids import hold_id
from conversation.state import State, fold
from handoff.digest import digest

IN_FLIGHT_MS = 60_000
"""How long a reservation counts before its call stands in the log."""
_NOT_DONE = frozenset({"rejected", "withdrawn", "expired", "failed", "not_started"})


class Entry(Struct, frozen=True, kw_only=True):
    """One reservation as it is kept; `since` is when it was first made, `at` when last (ms).

    `settled` says that the money has moved, so that the log need not be read again.
    """

    call: str
    revision: int
    currency: str
    at: int
    since: int
    minor: int
    settled: bool
    conversation: str
    target: str

    @property
    def id(self) -> str:
        """Its field: the same call and revision counts once in a currency."""
        return f"{self.call}:{self.revision}:{self.currency}"

    @property
    def told(self) -> str:
        """What a script keeps of it unread."""
        return f"{self.conversation} {self.target}"

    def text(self) -> str:
        """As it is kept, see `lua/reserve.lua`."""
        return f"{self.at} {self.since} {self.minor} {self.settled:d} {self.told}"


def read_entry(id_: str, text: str) -> Entry:
    """The inverse of `Entry.id` and `Entry.text`."""
    call, revision, currency = id_.rsplit(":", 2)
    at, since, minor, settled, conversation, target = text.split(" ")
    return Entry(
        call=call,
        revision=int(revision),
        currency=currency,
        at=int(at),
        since=int(since),
        minor=int(minor),
        settled=settled == "1",
        conversation=conversation,
        target=target,
    )


def target_mark(target: str) -> str:
    """A target as entries and keys name it: by its digest, for it may be personal."""
    return digest(target)


class _Call(Struct, frozen=True):
    """What the log says of a call: what it is, and what became of it (None: nothing yet)."""

    tool: str
    target: str
    money: ev.Money | None
    revision: int
    became: str | None


class Account:
    """What a conversation's log says of the calls that moved money, or may."""

    def __init__(self, conversation: str, events: Sequence[ev.Event]) -> None:
        state = State(conversation=conversation)
        self._known = bool(events)
        self._allowed: dict[str, _Call] = {}
        for event in events:
            state = fold(state, event)
            match event.data:
                case ev.AssistantCalled(calls=calls):
                    for call in calls:
                        self._note(call)
                case ev.StaffCalled() as call:
                    self._note(call)
                case ev.ToolFinished(call=id_, outcome=outcome) if id_ in self._allowed:
                    self._allowed[id_] = replace(self._allowed[id_], became=outcome)
                case _:
                    pass
        self._holds = state.holds

    def _note(self, call: ev.Call | ev.StaffCalled) -> None:
        if call.judged is not UNSET:
            judged = call.judged
            self._allowed[call.call] = _Call(call.tool, judged.target, judged.money, 1, None)

    def waits(self, entry: Entry) -> bool:
        """Whether nobody has decided on it yet."""
        hold = self._holds.get(hold_id(entry.call))
        return hold is not None and hold.status in ev.WAITING

    def now(
        self, entry: Entry, *, tool: str, now_ms: int, beside: Collection[str], of_target: bool
    ) -> Entry | None:
        """The entry as it must count from now on; None when it must not.

        `beside` are the ids of all entries of its place: an older revision counts for a newer one
        that has none. At the place `of_target` only what acts on that one counts; elsewhere an
        attempt that was overtaken may have named another than the log does.
        """
        if not self._known:
            return entry
        call = self._call(entry.call)
        if call is None or call.revision < entry.revision:
            return entry if now_ms - entry.at < IN_FLIGHT_MS else None
        if call.tool != tool or call.money is None:
            return None
        current = replace(entry, revision=call.revision).id
        if call.revision > entry.revision and current in beside:
            return None
        target = target_mark(call.target)
        if call.money.currency != entry.currency or (of_target and target != entry.target):
            return None
        if call.became in _NOT_DONE:
            return None
        settled = call.became == "succeeded"
        return replace(entry, minor=call.money.minor, settled=settled, target=target)

    def _call(self, id_: str) -> _Call | None:
        hold = self._holds.get(hold_id(id_))
        return self._allowed.get(id_) if hold is None else _held(hold)


def _held(hold: Hold) -> _Call:
    held = hold.held
    return _Call(held.tool or "", held.target, held.money, hold.revision, hold.status)
