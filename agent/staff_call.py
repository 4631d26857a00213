"""Runs a call of a person that was allowed: once, as the assistant's own calls are run.

It begins only while its person still has the conversation; what has begun is recorded whoever has
it by then. It identifies nobody: what a person looks up, the customer has not proved.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from agent.calls import Caller
from agent.http_tool import Outcome
from agent.job_log import JobLog
from agent.writes import Made, Writes, end_write, finish, give_up
from conversation import events as ev
from conversation.state import Calling, State
from handoff.ownership import SYSTEM
from handoff.settlement import Write

BROKE_OFF = Raw(msgspec.json.encode({"error": "It broke off again and again."}))


class StaffCall(Struct, frozen=True):
    """One attempt at one call of a person."""

    at: JobLog
    caller: Caller
    writes: Writes

    async def run(self, state: State) -> None:
        """Bring it to its outcome; raises `LeaseLost` when the job is another's."""
        call = self.at.job.ref
        calling = state.calling[call]
        begun = calling.started
        if not begun:
            committed = await self.at.commit("begin", lambda s: self._begin(s, call))
            state = committed.state
            if call not in state.calling:
                await self.at.drop()
                return
        made = await self._make(state, call, calling, begun=begun)
        await self.at.commit("finish", lambda s: self._end(s, call, made), done=True)

    def _begin(self, state: State, call: str) -> list[ev.New]:
        """Begin it, or say that it will not be made: its person has gone, or it cannot begin."""
        calling = state.calling.get(call)
        if calling is None:
            return []
        gone = state.owner != f"staff:{calling.by.id}" or not self.caller.knows(calling.tool)
        if gone or self.at.worn_out:
            return [give_up(call)]
        key = call if calling.judged else None
        return [ev.New(SYSTEM, ev.ToolStarted(call=call, key=key))]

    async def _make(self, state: State, call: str, calling: Calling, *, begun: bool) -> Made:
        if calling.judged is not None:
            return await self.writes.make(
                call,
                calling.tool,
                calling.arguments,
                conversation=state.conversation,
                customer=state.customer,
                begun=begun,
                give_up=self.at.worn_out,
            )
        if self.at.worn_out or not self.caller.knows(calling.tool):
            return Made(Outcome("failed", error=BROKE_OFF))
        outcome = await self.caller.call(
            calling.tool,
            calling.arguments,
            conversation=state.conversation,
            customer=state.customer,
            key=None,
        )
        return Made(outcome)

    def _end(self, state: State, call: str, made: Made) -> list[ev.New]:
        calling = state.calling.get(call)
        if calling is None:
            return []
        if calling.judged is None:
            return [finish(call, None, made)]
        return end_write(state, Write.of_staff(call, calling), made, writes=self.writes)
