"""Refunds that wait for a decision, as the assistant's worker would have recorded them."""

from __future__ import annotations

from typing import Any

from conversation import events as ev
from conversation.ids import call_id, hold_id
from tests.conversation.acts import ADA, held
from tests.gateway.house import House

Json = dict[str, Any]


async def hold_refund(house: House, conversation: str, *, step: int = 1) -> str:
    """Let a refund wait; the hold's id."""
    call = call_id(conversation, step, 1)
    waiting = held(hold_id(call), call)
    await house.log.commit(conversation, lambda _s, _r: [ev.New(ADA, waiting)])
    return waiting.hold


async def settle(house: House, conversation: str, hold: str, status: ev.HoldStatus) -> None:
    """Bring a refund to a status, as its execution would."""
    ran: list[ev.HoldStatus] = ["approved", "executing"]
    way = [*ran, status] if status in ("succeeded", "failed", "unknown") else [status]
    steps = [ev.HoldChanged(hold=hold, status=one, revision=1) for one in way]
    await house.log.commit(
        conversation, lambda _s, _r: [ev.New(ev.By("system"), step) for step in steps]
    )


def decision(summary: Json, word: str, **more: Any) -> Json:
    """What a supervisor sends who has read this summary of a hold."""
    return {
        "hold": summary["hold"],
        "revision": summary["revision"],
        "digest": summary["digest"],
        "decision": word,
    } | more
