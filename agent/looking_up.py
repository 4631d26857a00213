"""Asks again what became of a write whose outcome nobody knows."""

from __future__ import annotations

import structlog
from msgspec import UNSET

from agent.job_log import JobLog
from agent.writes import Writes
from conversation.errors import Refused
from conversation.hold import Hold
from conversation.state import State
from handoff import holds
from handoff.reconciliation import Finding

log_line = structlog.get_logger(__name__)

FAILED_FROM = 2
"""The first timed look whose "it did not happen" counts: what did may show late in a read."""


async def look_up(at: JobLog, state: State, hold: Hold, writes: Writes) -> None:
    """Ask the tool that its operator names, and commit what it says or when it is asked next.

    A person who has settled it meanwhile was first; after the last look only a person can, which
    is told. Raises `LeaseLost`.
    """
    tool, arguments = hold.held.action
    found = None
    if not at.worn_out:
        found = await writes.look_up(
            hold.call,
            tool,
            arguments,
            conversation=state.conversation,
            customer=state.customer,
        )
    early = hold.reconciles < FAILED_FROM
    if found is None or (found.outcome == "failed" and early):
        found = Finding("unknown", tool)
    due = writes.next_look(tool, hold.reconciles)
    try:
        await at.commit(
            f"reconcile/{hold.reconciles}",
            lambda s: holds.reconciled(
                s,
                hold.hold,
                found.outcome,
                reference=found.reference or UNSET,
                reconcile_at=due,
            ),
            done=True,
        )
    except Refused as error:
        if error.code != "conflict":
            raise
        await at.drop()
        return
    if found.outcome == "unknown" and due is UNSET:
        log_line.warning("write.left_unknown", hold=hold.hold, tool=tool)
        at.log.counters.add("outcomes_left")
