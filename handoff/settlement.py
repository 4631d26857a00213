"""The hold that an allowed write opens when nobody can tell whether it happened; pure.

It is of kind `settle` and begins `unknown`. A read tool that is asked, or a person with a
reference, says what became of it; whoever is first decides.
"""

from __future__ import annotations

from msgspec import UNSET, Raw, Struct, UnsetType

from conversation import events as ev
from conversation.ids import hold_id
from conversation.state import Calling, State
from handoff import sentences
from handoff.digest import digest
from handoff.hold_steps import tell

NOBODY_KNOWS = "It was begun, and nobody can tell whether it happened"


class Write(Struct, frozen=True, kw_only=True):
    """An allowed write: its call, what it was judged to be, and who wanted it."""

    call: str
    tool: str
    arguments: Raw
    judged: ev.Judged | None
    by: ev.By

    @classmethod
    def of_assistant(cls, call: ev.Call, by: ev.By) -> Write:
        """A call of a model step."""
        judged = None if call.judged is UNSET else call.judged
        return cls(call=call.call, tool=call.tool, arguments=call.arguments, judged=judged, by=by)

    @classmethod
    def of_staff(cls, call: str, calling: Calling) -> Write:
        """A call of a person."""
        return cls(
            call=call,
            tool=calling.tool,
            arguments=calling.arguments,
            judged=calling.judged,
            by=calling.by,
        )


def open_doubt(
    state: State, write: Write, *, reconcile_at: str | UnsetType = UNSET
) -> list[ev.New]:
    """What follows in the commit that records a write as unknown: a hold that people settle.

    `reconcile_at` is when a tool is asked what became of it, if one is.
    """
    judged = write.judged or ev.Judged(title=write.tool, target=write.call, money=None)
    held = ev.Held(
        hold=hold_id(write.call),
        kind="settle",
        call=write.call,
        revision=1,
        digest=digest([write.call, write.tool, bytes(write.arguments).decode(), judged.target]),
        tool=write.tool,
        title=judged.title,
        arguments=write.arguments,
        target=judged.target,
        money=judged.money,
        rule=None,
        risk=None,
        reasons=[ev.Reason("unknown_outcome", 1.0, NOBODY_KNOWS)],
        evidence=Raw(b"{}"),
        reconcile_at=reconcile_at,
    )
    told = sentences.OUTCOME["unknown"].format(title=judged.title)
    return [ev.New(write.by, held), *tell(state, told)]
