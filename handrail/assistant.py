"""The role `agent`, put together; loads the model client, which no other role needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.calls import Caller
from agent.execution import Execution
from agent.http_tool import HttpTools
from agent.model import Model
from agent.prompt import instructions
from agent.spending import Spending
from agent.turn import Work
from agent.worker import Worker
from conversation import events as ev
from conversation.log import Log
from handoff.judging import Judge
from handoff.monitor import Monitor
from handoff.policy import Policy
from handrail.config import Config


@asynccontextmanager
async def worker(config: Config, log: Log) -> AsyncIterator[Worker]:
    """The assistant's worker; its connections are closed at the end of the block."""
    model = Model(config.model)
    http = HttpTools(config.tools_secret)
    caller = Caller(config.tools, http)
    policy = Policy(config.tools)
    judge = Judge(policy, caller, log=log, holds=config.holds)
    assistant = config.assistant
    work = Work(
        log=log,
        model=model,
        policy=policy,
        caller=caller,
        judge=judge,
        monitor=None if config.monitor is None else Monitor(config.monitor),
        drafts=config.monitor is not None and config.monitor.before_certified == "draft",
        spending=Spending(log, config.limits),
        assistant=ev.By("assistant", name=assistant.name),
        system=instructions(assistant.name, assistant.instructions),
        steps_per_turn=config.limits.steps_per_turn,
    )
    try:
        yield Worker(log.store, work, Execution(log=log, judge=judge, caller=caller))
    finally:
        await model.close()
        await http.close()
