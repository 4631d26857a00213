"""Held calls, from the request to its outcome: run once, as approved, and told truthfully."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from msgspec import UNSET, Raw

from agent.execution import BROKE_OFF, CHANGED, TOO_LATE, UNREAD
from agent.job_log import ATTEMPTS
from agent.worker import Running
from conversation import events as ev
from conversation.errors import LeaseLost, Refused
from conversation.ids import call_id
from conversation.jobs import Job, Jobs
from handoff.ownership import Person
from handoff.settings import RuleSettings
from tests.agent.scene import ORDER, Scene, calls
from tests.agent.shop import refunds, shop
from tests.agent.talk import DANA, SAM, Talk
from tests.agent.test_turn_calls import REFUND_20, REFUND_60, answers
from tests.conftest import Clock
from tests.conversation.work import silence, worker
from tests.doubles.model import Text, Wait, say
from tests.doubles.tools import Asked, Break, Ok, Status
from tests.doubles.tools import Wait as Slow

CLOSED = ORDER.replace(b"false", b"true")
CHEAPER = ORDER.replace(b"80.00", b"70.00")
REFUND_70 = ("issue_refund", '{"order_id": "W1", "amount": 70}')
KIM = Person("p_kim", "Kim", "supervisor")


def statuses(talk: Talk) -> list[str]:
    """What a hold came to, step by step."""
    return [changed.status for changed in talk.all(ev.HoldChanged)]


def told(scene: Scene, request: int = -1) -> list[dict[str, Any]]:
    """The outcomes the model was told."""
    shown = [m["content"] for m in scene.messages(request) if m["role"] == "system"]
    return [json.loads(content) for content in shown if content.startswith("{")]


async def held(scene: Scene, talk: Talk) -> ev.Held:
    """The customer asks for a refund that waits, and is told so."""
    await talk.says("A refund, please")
    await talk.turn_ended()
    return await talk.held()


async def working(scene: Scene, *then: list[Any], **changes: Any) -> Talk:
    """A worker whose model asks for a refund of $60 and says what it is told."""
    scene.answers(calls(REFUND_60), say("It waits."), *(then or [say("You have it.")]))
    await scene.work(**changes)
    return await scene.talk()


async def test_a_held_call_answers_held_and_does_not_run(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)

    assert answers(scene.messages()) == {
        hold.call: f'{{"status":"held","hold":"{hold.hold}","note":"not done; do not re-issue"}}'
    }
    assert talk.said == ["It waits."]
    assert scene.tools.calls() == []
    called, held_at = talk.types.index("assistant_called"), talk.types.index("held")
    assert held_at == called + 1
    assert [one.hold for one in (await talk.state()).open_holds] == [hold.hold]


async def test_an_approved_call_runs_once_and_the_assistant_tells_it(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Ok(b'{"refund": "R1", "amount": 60.00}'))
    talk = await working(scene)
    hold = await held(scene, talk)
    await talk.approves(hold)
    await talk.turn_ended(2)

    assert statuses(talk) == ["approved", "executing", "succeeded"]
    assert [effect.key for effect in scene.tools.ledger] == [hold.call]
    assert scene.tools.ledger[0].arguments == {"order_id": "W1", "amount": 60}
    (outcome,) = [m["content"] for m in scene.messages() if m["role"] == "system"]
    assert outcome == (
        f'{{"hold":"{hold.hold}","status":"succeeded",'
        '"result":{"refund": "R1", "amount": 60.00}}'
    )
    assert talk.said == ["It waits.", "You have it."]
    assert scene.header("Turn") == ["1", "1", "2"]
    assert talk.lines == []
    types = talk.types[talk.types.index("hold_changed") :]
    assert types[:5] == [
        "hold_changed", "tool_started", "hold_changed", "tool_finished", "hold_changed",
    ]  # fmt: skip


async def test_the_decision_says_who_and_the_execution_is_the_servers(scene: Scene) -> None:
    talk = await working(scene)
    await talk.approves(await held(scene, talk))
    await talk.turn_ended(2)

    approved, executing, succeeded = [e for e in talk.events if e.type == "hold_changed"]
    assert (approved.by, executing.by, succeeded.by) == (DANA.by, *[ev.By("system")] * 2)
    changed = talk.all(ev.HoldChanged)[0]
    assert (changed.decision, changed.approvers) == ("approve", ev.Approvers(1, 1))


async def test_evidence_is_read_afresh_before_an_approved_call_runs(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    assert len(scene.tools.calls(purpose="evidence")) == 1
    await talk.approves(hold)
    await talk.turn_ended(2)

    order = [(one.tool, one.purpose) for one in scene.tools.asked]
    assert order == [
        ("get_order", "evidence"), ("get_order", "evidence"), ("issue_refund", "call"),
    ]  # fmt: skip


async def test_a_rejection_is_told_with_its_reason_and_nothing_runs(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    await talk.rejects(hold, "The parcel is still on its way.")
    await talk.turn_ended(2)

    (outcome,) = told(scene)
    reason = {"reason": "The parcel is still on its way."}
    assert outcome == {"hold": hold.hold, "status": "rejected", "result": reason}
    assert scene.tools.calls() == []
    assert (await talk.state()).open_holds == []


async def test_a_request_that_is_withdrawn_opens_no_turn_and_cannot_be_approved(
    scene: Scene,
) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    await talk.withdraws(hold)
    with pytest.raises(Refused, match="this is withdrawn already"):
        await talk.approves(hold)
    assert (await talk.state()).turn is None
    await talk.says("Never mind")
    await talk.turn_ended(2)

    assert told(scene) == [{"hold": hold.hold, "status": "withdrawn", "result": None}]
    assert scene.tools.calls() == []


async def test_two_approvals_run_it_once(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    await asyncio.gather(talk.approves(hold), talk.approves(hold))
    with pytest.raises(Refused, match="already"):
        await talk.approves(hold, KIM)
    await talk.turn_ended(2)

    assert statuses(talk) == ["approved", "executing", "succeeded"]
    assert len(scene.tools.calls("issue_refund")) == 1


async def test_two_supervisors_at_once_are_one_approval(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    both = await asyncio.gather(
        talk.approves(hold, DANA), talk.approves(hold, KIM), return_exceptions=True
    )
    await talk.turn_ended(2)

    assert sorted(isinstance(one, Refused) for one in both) == [False, True]
    assert len(scene.tools.ledger) == 1


async def test_an_agent_cannot_approve_and_an_old_revision_is_nothing(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    with pytest.raises(Refused, match="a supervisor decides"):
        await talk.approves(hold, SAM)

    assert statuses(talk) == []


async def test_the_same_request_again_meets_the_hold_and_another_amount_takes_its_place(
    scene: Scene,
) -> None:
    scene.answers(calls(REFUND_60), say("It waits."), calls(REFUND_60, REFUND_70), say("Wait."))
    await scene.work()
    talk = await scene.talk()
    hold = await held(scene, talk)
    await talk.says("And now?")
    await talk.turn_ended(2)

    first, again, other = talk.calls
    assert (again.verdict, again.hold) == ("hold", hold.hold)
    _, instead = talk.all(ev.Held)
    assert (other.verdict, other.hold) == ("hold", instead.hold)
    assert instead.supersedes == hold.hold
    replies = answers(scene.messages())
    assert json.loads(replies[first.call]) == json.loads(replies[again.call])
    assert json.loads(replies[other.call])["hold"] == instead.hold
    assert [one.hold for one in (await talk.state()).open_holds] == [instead.hold]


async def test_a_request_whose_facts_cannot_be_read_waits_again_and_says_so(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    scene.tools.answers("get_order", Status(404))
    await talk.approves(hold)
    again = await talk.hold("held")

    assert isinstance(again.rule, str)
    assert again.rule.endswith(f"; {UNREAD}")
    assert again.evidence == Raw(b"{}")
    assert scene.tools.calls() == []


async def test_a_request_whose_facts_changed_waits_again_as_a_new_revision(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    scene.tools.answers("get_order", Ok(CHEAPER))
    await talk.approves(hold)
    again = await talk.hold("held")

    assert again.revision == 2
    assert again.digest not in (UNSET, hold.digest)
    assert again.rule == f"over $50; {CHANGED}"
    assert again.approvers == ev.Approvers(1, 0)
    assert isinstance(again.evidence, Raw)
    assert json.loads(bytes(again.evidence))["order"]["paid"] == 70
    assert scene.tools.calls() == []
    with pytest.raises(Refused, match="changed since you saw it"):
        await talk.approves(hold, KIM)
    await talk.approves(again)
    await talk.turn_ended(2)
    assert statuses(talk) == ["approved", "held", "approved", "executing", "succeeded"]
    assert [effect.key for effect in scene.tools.ledger] == [hold.call]


async def test_a_request_whose_facts_keep_changing_waits_each_time(scene: Scene) -> None:
    talk = await working(scene)
    waiting: ev.Held | ev.HoldChanged = await held(scene, talk)
    for revision, paid in enumerate((b"70.00", b"75.00", b"77.00"), start=2):
        scene.tools.answers("get_order", Ok(ORDER.replace(b"80.00", paid)))
        await talk.approves(waiting)
        waiting = await talk.until_changed(2 * (revision - 1))
        assert (waiting.status, waiting.revision) == ("held", revision)
    await talk.approves(waiting)
    await talk.hold("succeeded")

    assert len(scene.tools.ledger) == 1


async def test_what_was_judged_for_somebody_else_waits_again(scene: Scene) -> None:
    talk, jobs = await scene.talk(), await worker(scene.store)
    _, job = await approved(scene, talk, jobs)
    known = ev.New(
        ev.By("system"), ev.CustomerIdentified(customer="u_alex", level="order", how="tool")
    )

    async def identifies(_asked: Asked) -> None:
        scene.tools.looks = None
        await scene.log.commit(talk.conversation, lambda _s, _r: [known])

    scene.tools.looks = identifies
    async with scene.worker() as at_work:
        await at_work._execution.run(jobs, job)

    again = await talk.hold("held")
    assert (again.revision, again.rule) == (2, f"over $50; {CHANGED}")
    assert scene.tools.calls() == []


async def test_what_two_people_approved_needs_both_again_once_facts_changed(scene: Scene) -> None:
    rule = RuleSettings(when="money.minor > 5000", then="hold", because="over $50", approvers=2)
    tools = shop(scene.tools) | {"issue_refund": refunds(scene.tools, rule)}
    talk = await working(scene, tools=tools)
    hold = await held(scene, talk)
    await talk.approves(hold, DANA)
    scene.tools.answers("get_order", Ok(CHEAPER))
    await talk.approves(hold, KIM)
    again = await talk.until_changed(3)
    assert (again.status, again.revision) == ("held", 2)
    assert again.approvers == ev.Approvers(2, 0)

    await talk.approves(again, KIM)
    assert scene.tools.calls() == []
    await talk.approves(again, DANA)
    await talk.hold("succeeded")
    assert len(scene.tools.ledger) == 1


async def test_what_was_approved_too_long_ago_waits_again(scene: Scene, clock: Clock) -> None:
    talk, jobs = await scene.talk(), await worker(scene.store)
    hold, job = await approved(scene, talk, jobs)
    assert hold.expires_at is not None
    clock.now_ms = ev.milliseconds(hold.expires_at)
    async with scene.worker() as late:
        await late._execution.run(jobs, job)

    again = await talk.hold("held")
    assert (again.revision, again.rule) == (2, f"over $50; {TOO_LATE}")
    assert again.expires_at is not None
    assert again.expires_at > hold.expires_at
    assert again.approvers == ev.Approvers(1, 0)
    assert scene.tools.calls() == []


async def test_what_the_rules_deny_by_now_is_rejected(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    scene.tools.answers("get_order", Ok(CLOSED))
    await talk.approves(hold)
    await talk.turn_ended(2)

    assert statuses(talk) == ["approved", "rejected"]
    rejected = talk.all(ev.HoldChanged)[-1]
    assert rejected.rule == "the order is closed"
    assert [outcome["result"] for outcome in told(scene)] == [{"reason": rejected.reason}]
    assert scene.tools.calls() == []


async def test_facts_that_cannot_be_read_any_more_put_it_back(scene: Scene) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    scene.tools.answers("get_order", Status(404))
    await talk.approves(hold)
    again = await talk.hold("held")

    assert again.revision == 2
    assert scene.tools.calls() == []


async def test_a_tool_that_refuses_is_told_as_failed(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Status(422, b'{"message": "card expired"}'))
    talk = await working(scene)
    hold = await held(scene, talk)
    await talk.approves(hold)
    await talk.turn_ended(2)

    assert statuses(talk) == ["approved", "executing", "failed"]
    error = {"error": {"message": "card expired"}}
    assert told(scene) == [{"hold": hold.hold, "status": "failed", "result": error}]
    assert (await talk.state()).open_holds == []


async def test_an_outcome_nobody_knows_stays_open_and_goes_to_a_person(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Break(done=True))
    talk = await working(scene)
    hold = await held(scene, talk)
    await talk.approves(hold)
    ended = await talk.turn_ended(2)

    assert statuses(talk) == ["approved", "executing", "unknown"]
    assert ended.outcome == "handed_over"
    assert talk.all(ev.HandoverRequested)[-1].reason == "unknown_outcome"
    await talk.until(lambda talk: talk.lines == ["handover", "hold"])
    assert "We cannot tell yet" in talk.all(ev.SystemSaid)[-1].text
    assert {one.key for one in scene.tools.calls("issue_refund")} == {hold.call}
    assert [one.status for one in (await talk.state()).open_holds] == ["unknown"]
    with pytest.raises(Refused, match="under way"):
        await talk.leaves()


@pytest.mark.parametrize("end", ["approved", "rejected", "failed", "unknown"])
async def test_while_a_person_owns_the_conversation_the_server_tells_the_outcome(
    scene: Scene, end: str
) -> None:
    scene.tools.answers(
        "issue_refund",
        {"failed": Status(422), "unknown": Status(500, done=True)}.get(end, Ok()),
    )
    talk = await working(scene)
    hold = await held(scene, talk)
    await talk.taken_over()
    if end == "rejected":
        await talk.rejects(hold, "Not this time.")
    else:
        await talk.approves(hold)
    await talk.until(lambda talk: "hold" in talk.lines)

    assert talk.lines == ["joined", "hold"]
    text = talk.all(ev.SystemSaid)[-1].text
    assert "Refund of $60.00" in text
    assert text.startswith(
        {
            "approved": "Done:",
            "rejected": "This was not approved:",
            "failed": "This could not be done:",
            "unknown": "We cannot tell yet",
        }[end]
    )
    assert (await talk.state()).turn is None
    assert len(scene.model.requests) == 2


async def test_an_outcome_while_people_had_it_is_told_when_the_assistant_is_back(
    scene: Scene,
) -> None:
    talk = await working(scene)
    hold = await held(scene, talk)
    await talk.taken_over()
    await talk.approves(hold)
    await talk.hold("succeeded")
    await talk.says("Is it done?")
    await talk.given_back()
    await talk.turn_ended(2)

    assert [outcome["status"] for outcome in told(scene)] == ["succeeded"]
    assert talk.said == ["It waits.", "You have it."]


async def test_an_outcome_during_a_turn_opens_the_next_one(scene: Scene) -> None:
    gate = Wait()
    talk = await working(scene, [Text("Hm."), gate, *say(" Well.")], say("It is done."))
    hold = await held(scene, talk)
    await talk.says("And?")
    await talk.until(lambda talk: talk.shown(3))
    await talk.approves(hold)
    await talk.hold("succeeded")
    gate.until.set()
    await talk.turn_ended(3)

    assert told(scene, 2) == []
    assert [outcome["status"] for outcome in told(scene, 3)] == ["succeeded"]
    assert talk.said == ["It waits.", "Hm. Well.", "It is done."]


async def test_outcomes_known_together_share_a_turn(scene: Scene) -> None:
    gate = Wait()
    others = [("issue_refund", f'{{"order_id": "W{n}", "amount": 60}}') for n in (1, 2)]
    scene.answers(
        calls(*others), say("They wait."), [Text("Hm."), gate, *say("")], say("Both are done.")
    )
    await scene.work()
    talk = await scene.talk()
    await held(scene, talk)
    await talk.says("And?")
    await talk.until(lambda talk: talk.shown(3))
    for hold in talk.all(ev.Held):
        await talk.approves(hold)
    await talk.until(lambda talk: statuses(talk).count("succeeded") == 2)
    gate.until.set()
    await talk.turn_ended(3)

    assert [outcome["status"] for outcome in told(scene)] == ["succeeded", "succeeded"]
    assert talk.said[-1] == "Both are done."
    assert len(talk.all(ev.TurnEnded)) == 3


async def test_a_takeover_leaves_held_calls_alone_and_they_run_whoever_owns_it(
    scene: Scene,
) -> None:
    slow = Slow()
    scene.tools.answers("issue_refund", slow)
    talk = await working(scene)
    hold = await held(scene, talk)
    await talk.approves(hold)
    await scene.tools.arrived(1, "issue_refund")
    await talk.taken_over()
    slow.until.set()
    await talk.hold("succeeded")

    assert (await talk.state()).owner == SAM.owner
    assert [effect.key for effect in scene.tools.ledger] == [hold.call]
    assert len(scene.model.requests) == 2


async def test_an_allowed_write_and_a_held_one_do_not_touch_each_other(scene: Scene) -> None:
    other = ("issue_refund", '{"order_id": "W2", "amount": 60}')
    scene.answers(calls(REFUND_20, other), say("One is done, one waits."), say("Both."))
    await scene.work()
    talk = await scene.talk()
    hold = await held(scene, talk)
    assert [effect.key for effect in scene.tools.ledger] == [call_id(talk.conversation, 1, 1)]
    await talk.approves(hold)
    await talk.turn_ended(2)

    assert [effect.key for effect in scene.tools.ledger] == [call.call for call in talk.calls]


# Two workers, one of which was away for too long


async def approved(scene: Scene, talk: Talk, jobs: Jobs) -> tuple[ev.Held, Job]:
    """A hold that a person approved, and the job of running it."""
    async with scene.worker() as one:
        await talk.says("A refund, please")
        (turn,) = await jobs.claim(1)
        scene.answers(calls(REFUND_60), say("It waits."))
        await one._run(jobs, Running(turn))
    hold = await talk.held()
    await talk.approves(hold)
    (job,) = await jobs.claim(1)
    assert (job.kind, job.ref) == ("execute", hold.hold)
    return hold, job


async def reclaimed(scene: Scene, job: Job, name: str) -> tuple[Jobs, Job]:
    """Another worker takes the job, whose worker fell silent."""
    await silence(scene.store, job)
    jobs = await worker(scene.store, name)
    (taken,) = await jobs.reclaim(1)
    return jobs, taken


async def test_a_worker_that_was_away_while_judging_runs_nothing(scene: Scene) -> None:
    talk, jobs = await scene.talk(), await worker(scene.store)
    hold, job = await approved(scene, talk, jobs)
    slow = Slow(Ok(ORDER))
    scene.tools.answers("get_order", slow, Ok(ORDER))
    async with scene.worker() as away, scene.worker() as other:
        late = asyncio.create_task(away._execution.run(jobs, job))
        await scene.tools.arrived(2, purpose="evidence")
        await other._execution.run(*await reclaimed(scene, job, "w2"))
        slow.until.set()
        with pytest.raises((Refused, LeaseLost)):
            await late

    assert len(scene.tools.calls("issue_refund")) == 1
    assert [effect.key for effect in scene.tools.ledger] == [hold.call]
    await talk.hold("succeeded")
    assert statuses(talk) == ["approved", "executing", "succeeded"]


async def test_a_call_whose_worker_died_is_repeated_with_its_key(scene: Scene) -> None:
    scene.tools.keyed = {"issue_refund"}
    talk, jobs = await scene.talk(), await worker(scene.store)
    hold, job = await approved(scene, talk, jobs)
    scene.tools.answers("issue_refund", Slow(), Ok(b'{"refund": "R1"}'))
    async with scene.worker() as dying, scene.worker() as other:
        death = asyncio.create_task(dying._execution.run(jobs, job))
        await scene.tools.arrived(1, "issue_refund")
        death.cancel()
        await asyncio.wait([death])
        await other._execution.run(*await reclaimed(scene, job, "w2"))

    assert [one.key for one in scene.tools.calls("issue_refund")] == [hold.call] * 2
    assert len(scene.tools.ledger) == 1
    await talk.hold("succeeded")


async def test_a_call_that_keeps_breaking_off_is_unknown_in_the_end(scene: Scene) -> None:
    talk, jobs = await scene.talk(), await worker(scene.store)
    _, job = await approved(scene, talk, jobs)
    scene.tools.answers("issue_refund", Slow())
    async with scene.worker() as at_work:
        for attempt in range(1, ATTEMPTS + 1):
            assert job.attempt == attempt
            dying = asyncio.create_task(at_work._execution.run(jobs, job))
            await scene.tools.arrived(attempt, "issue_refund")
            dying.cancel()
            await asyncio.wait([dying])
            jobs, job = await reclaimed(scene, job, f"w{attempt}")
        await at_work._execution.run(jobs, job)

    await talk.hold("unknown")
    assert len(scene.tools.calls("issue_refund")) == ATTEMPTS
    assert await jobs.reclaim(1) == []


async def test_a_call_that_workers_gave_back_is_not_given_up(scene: Scene) -> None:
    talk, jobs = await scene.talk(), await worker(scene.store)
    hold, job = await approved(scene, talk, jobs)
    slow = [Slow() for _ in range(ATTEMPTS + 1)]
    scene.tools.keyed = {"issue_refund"}
    scene.tools.answers("issue_refund", *slow, Ok(b'"paid"'))
    async with scene.worker() as at_work:
        for n in range(len(slow)):
            ending = asyncio.create_task(at_work._execution.run(jobs, job))
            await scene.tools.arrived(n + 1, "issue_refund")
            ending.cancel()
            await asyncio.wait([ending])
            await jobs.release(job)
            jobs = await worker(scene.store, f"w{n + 2}")
            (job,) = await jobs.claim(1)
        await at_work._execution.run(jobs, job)

    await talk.hold("succeeded")
    assert {one.key for one in scene.tools.calls("issue_refund")} == {hold.call}
    assert len(scene.tools.ledger) == 1


async def test_a_call_that_never_gets_to_run_waits_for_people_again(scene: Scene) -> None:
    talk, jobs = await scene.talk(), await worker(scene.store)
    hold, job = await approved(scene, talk, jobs)
    for attempt in range(1, ATTEMPTS + 1):
        jobs, job = await reclaimed(scene, job, f"w{attempt}")
    async with scene.worker() as at_work:
        await at_work._execution.run(jobs, job)

    again = await talk.hold("held")
    assert (again.revision, again.digest) == (2, hold.digest)
    assert again.rule == f"over $50; {BROKE_OFF}"
    assert scene.tools.calls("issue_refund") == []
    await talk.approves(again)
    (job,) = await jobs.claim(2)
    async with scene.worker() as at_work:
        await at_work._execution.run(jobs, job)
    await talk.hold("succeeded")
