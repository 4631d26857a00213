"""What has happened in a conversation, as far as words can be held against it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from conversation import events as ev
from conversation.ids import call_of
from conversation.state import LINE
from handoff.promises.claims import Claim, claims
from handoff.promises.clauses import sentences
from handoff.promises.person import Announced
from handoff.promises.phrases import Kind

_WORD = re.compile(r"[a-z]+")
_SIGNS: dict[Kind, re.Pattern[str]] = {
    "refund": re.compile(
        r"refund|reimburs|credit|compensat|certificate|voucher|pay|price|amount|money|cancel|return"
    ),
    "cancellation": re.compile(r"cancel|terminat|close|delet|remov|void|stop|end"),
    "change": re.compile(""),
}
"""How the tool, arguments or result of a write tell that it may have brought this about."""
_TOLD: dict[Kind, re.Pattern[str]] = {
    "refund": re.compile(r"refund(?:ed|s)?|reimburse(?:d|ment)|credit(?:ed|s)?|compensated"),
    "cancellation": re.compile(r"cancel(?:led|ed|lation)"),
    "change": re.compile(
        r"updated|changed|modified|exchanged?|re?booked|rescheduled|(?:up|down)graded|swapped"
        r"|removed|replaced|return(?:ed)?"
    ),
}
"""Words of a read, or of a person, by which a claim only repeats what is known."""
_PERSON = re.compile(r"transfer|human|escalat|handoff|handover")


class Deeds(Struct, frozen=True):
    """What was done (`writes`: tool, arguments and result in lower case) and what was `told`.

    `told` holds the words of results that were read and of staff. `waiting` says that something
    waits for a person's decision, `transferred` that a tool of the operator's own called people in,
    `people` that they have had the conversation.
    """

    writes: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()
    waiting: bool = False
    transferred: bool = False
    people: bool = False

    def bear_out(self, claim: Claim) -> bool:
        """Whether something that happened makes a claim true, or at least may."""
        if any(_SIGNS[claim.kind].search(write) for write in self.writes):
            return True
        return any(_TOLD[claim.kind].fullmatch(word) for word in self.told)

    def bring(self, person: Announced) -> bool:
        """Whether a person who is announced has been called in without us."""
        return self.transferred or (person.done and (self.people or self.waiting))


def deeds_of(events: Sequence[ev.Event]) -> Deeds:
    """The deeds of a whole conversation; what is held, failed or unknown is none."""
    calls = {call.call: call for event in events for call in _calls(event.data)}
    open_: set[str] = set()
    writes: list[str] = []
    told: set[str] = set()
    transferred = people = False
    for event in events:
        match event.data:
            case ev.ToolFinished(outcome="succeeded") as finished if finished.call in calls:
                call = calls[finished.call]
                transferred = transferred or _PERSON.search(call.tool.lower()) is not None
                if finished.key is None:
                    told |= set(_known(finished.result))
                else:
                    writes.append(_words(call, finished.result))
            case ev.StaffSaid(text=text) | ev.OwnerChanged(brief=str(text)):
                told |= {*_WORD.findall(text.lower()), *(claim.kind for claim in _made(text))}
            case ev.Held(hold=hold):
                open_.add(hold)
            case ev.HoldChanged(hold=hold, status=status) if status not in ev.OPEN:
                open_.discard(hold)
                if status == "succeeded" and (settled := calls.get(call_of(hold))) is not None:
                    writes.append(_words(settled, None))
        if isinstance(event.data, ev.OwnerChanged):
            people = people or event.data.to == LINE or event.data.to.startswith("staff:")
    return Deeds(tuple(writes), frozenset(told), bool(open_), transferred, people)


def false_claim(text: str, deeds: Deeds) -> Claim | None:
    """The first claim of a whole reply that nothing bears out."""
    return next((claim for claim in _made(text) if not deeds.bear_out(claim)), None)


def _made(text: str) -> Iterator[Claim]:
    return (claim for sentence in sentences(text) for claim in claims(sentence))


def _calls(data: ev.Data) -> Sequence[ev.Call | ev.StaffCalled]:
    if isinstance(data, ev.AssistantCalled):
        return data.calls
    return [data] if isinstance(data, ev.StaffCalled) else []


def _words(call: ev.Call | ev.StaffCalled, result: Raw | object) -> str:
    raw = bytes(result).decode() if isinstance(result, Raw) else ""
    return f"{call.tool} {bytes(call.arguments).decode()} {raw}".lower()


def _known(result: Raw | object) -> Iterator[str]:
    """The words of a result by which something is so: its texts, and names of what is not empty."""
    if isinstance(result, Raw):
        try:
            yield from _said(msgspec.json.decode(result))
        except (msgspec.DecodeError, RecursionError):
            return


def _said(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield from _WORD.findall(value.lower())
        case list():
            for item in value:
                yield from _said(item)
        case dict():
            for name, item in value.items():
                if item:
                    yield from _WORD.findall(name.lower())
                    yield from _said(item)
