"""A worker's side for tests: claim the turn of a conversation, and let its lease grow old."""

from __future__ import annotations

from conversation.jobs import LEASE_S, Job, Jobs
from conversation.keys import JOB_GROUP, shard
from conversation.log import Log
from conversation.state import State
from conversation.store import Store
from tests.conversation.acts import Says


async def worker(store: Store, name: str = "w1") -> Jobs:
    """A worker of shard 0, its group made."""
    jobs = Jobs(store, 0, name)
    await jobs.prepare()
    return jobs


async def claimed_turn(log: Log, jobs: Jobs, conversation: str = "c_1") -> tuple[Job, State]:
    """The customer writes, and the worker claims the turn that opens."""
    state = (await log.commit(conversation, Says())).state
    (job,) = await jobs.claim(1)
    assert (job.conversation, job.kind, job.ref) == (
        conversation,
        "turn",
        str(state.turns_ended + 1),
    )
    return job, state


async def silence(store: Store, job: Job, *, seconds: float = LEASE_S) -> None:
    """Let the time since a lease was last renewed be `seconds`, as if its worker had died."""
    await store.writes.xclaim(
        shard(0).jobs, JOB_GROUP, job.worker, 0, [job.id], idle=round(seconds * 1000), justid=True
    )


async def show(log: Log, job: Job, state: State, text: str) -> int:
    """Show the next piece of the reply of the open turn's next step; returns its n."""
    turn, step = int(job.ref), state.steps + 1
    reply = await log.replies.read(job.conversation)
    goes_on = reply and (reply.turn, reply.attempt, reply.step) == (turn, job.attempt, step)
    n = reply.n + 1 if reply and goes_on else 0
    await log.replies.show(
        job.conversation, job.fence(), text, turn=turn, step=step, epoch=state.epoch, n=n
    )
    return n
