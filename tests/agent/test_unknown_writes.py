"""Writes whose outcome nobody knows: they stay open until a tool or a person can tell."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from agent.job_log import ATTEMPTS
from agent.worker import Running
from conversation import events as ev
from conversation.errors import Refused
from conversation.ids import hold_id
from conversation.jobs import Job, Jobs
from conversation.state import State
from handoff.desk import Desk
from handoff.promises.deeds import deeds_of, false_claim
from handoff.reconciliation import TRIES_AFTER_MS
from handoff.settings import HoldsSettings, HttpSettings, ReconcileSettings, ToolSettings
from tests.agent.scene import Scene, calls
from tests.agent.shop import shop
from tests.agent.talk import ADA, DANA, Talk
from tests.agent.test_execution import reclaimed, told, working
from tests.agent.test_turn_calls import LETTER, REFUND_20, REFUND_60, TO_ROME, outcomes
from tests.agent.test_turn_replies import handed_over
from tests.agent.test_worker import shift
from tests.conftest import Clock
from tests.conversation.work import worker
from tests.doubles.model import say
from tests.doubles.tools import Break, Ok, Status
from tests.doubles.tools import Wait as Slow

DONE, NONE = Ok(b'{"status": "done", "id": "RF-7", "n": 1.50}'), Ok(b'{"status": "none"}')
NOT_YET = Ok(b'{"status": "pending"}')


def looked_up(scene: Scene) -> dict[str, ToolSettings]:
    """The shop's tools; what became of two of them can be asked."""
    tools = shop(scene.tools)
    asks = ReconcileSettings(
        tool="find_write",
        arguments={"key": "key"},
        succeeded='result.status == "done"',
        failed='result.status == "none"',
        reference="result.id",
    )
    find = ToolSettings(
        http=HttpSettings(url=scene.tools.url("find_write")),
        description="Find a write by its key",
        effect="read",
        offer=False,
    )
    return tools | {
        "find_write": find,
        "send_letter": replace(tools["send_letter"], reconcile=asks),
        "issue_refund": replace(tools["issue_refund"], reconcile=asks),
    }


async def a_letter(scene: Scene, *then: list[Any]) -> Talk:
    """A letter of which nobody knows whether it was sent; the find tool knows as it was told."""
    scene.tools.answers("send_letter", Break(done=True))
    scene.answers(calls(LETTER), *then)
    await scene.work(tools=looked_up(scene))
    talk = await scene.talk()
    await talk.says("Write to me")
    await talk.turn_ended()
    return talk


async def time_passes(scene: Scene, clock: Clock, ms: int) -> None:
    """Let the desk act on what is due by then."""
    clock.advance(ms / 1000)
    await Desk(scene.log, holds=HoldsSettings()).run_timers(0)


def settled(state: State, talk: Talk) -> tuple[str, str | None]:
    """How the one hold stands, and by which reference."""
    (hold,) = state.holds.values()
    return hold.status, hold.reference


# The hold


async def test_an_unknown_write_opens_a_hold_with_what_it_was_judged_to_be(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Status(500, done=True))
    scene.answers(calls(REFUND_20))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")
    await talk.turn_ended()

    (call,), (held,) = talk.calls, talk.all(ev.Held)
    assert (held.hold, held.kind, held.call) == (hold_id(call.call), "settle", call.call)
    assert (held.tool, held.title, held.target) == ("issue_refund", "Refund of $20.00", "W1")
    assert held.money == ev.Money(2000, "USD")
    assert isinstance(held.arguments, Raw)
    assert json.loads(bytes(held.arguments)) == {"order_id": "W1", "amount": 20}
    assert (held.expires_at, [one.signal for one in held.reasons]) == (None, ["unknown_outcome"])
    event = next(event for event in talk.events if event.type == "held")
    assert event.by == ADA
    ended = talk.types.index("tool_finished")
    assert talk.types[ended + 1] == "held"
    await handed_over(talk, "unknown_outcome")
    assert [hold.status for hold in (await talk.state()).open_holds] == ["unknown"]


async def test_while_nobody_knows_the_conversation_is_not_closed(scene: Scene) -> None:
    talk = await a_letter(scene)
    with pytest.raises(Refused, match="under way"):
        await talk.leaves()


async def test_a_re_issue_is_denied_while_nobody_knows(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Status(500, done=True))
    scene.answers(calls(REFUND_20), calls(REFUND_20, REFUND_60), say("I cannot."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")
    await talk.turn_ended()
    await talk.taken_over()
    await talk.says("Again!")
    await talk.given_back()
    await talk.turn_ended(2)

    assert [call.verdict for call in talk.calls] == ["allow", "deny", "deny"]
    assert len(scene.tools.ledger) == 3  # the three tries of one key, at a tool that keeps none
    assert len({effect.key for effect in scene.tools.ledger}) == 1


async def test_a_death_in_mid_write_opens_the_hold_from_the_log_alone(scene: Scene) -> None:
    scene.tools.answers("send_letter", Slow())
    scene.answers(calls(LETTER, TO_ROME))
    talk = await scene.talk()
    await talk.says("Write, and send it to Rome")
    async with shift(scene, "w1") as first:
        await scene.tools.arrived(1)
        await first.dies()
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.turn_ended()
    (held,) = talk.all(ev.Held)
    assert (held.kind, held.title) == ("settle", "Send letter")


async def test_a_turn_given_up_in_mid_write_opens_the_hold_without_reading_the_log(
    scene: Scene,
) -> None:
    scene.tools.answers("change_address", Slow())
    scene.answers(calls(TO_ROME))
    talk = await scene.talk()
    await talk.says("Rome")
    async with shift(scene, "w1") as one:
        await scene.tools.arrived(1)
        await one.dies()
        async with shift(scene, "w2", one) as two:
            await scene.tools.arrived(2)
            await two.dies()
            async with shift(scene, "w3", two) as three:
                await scene.tools.arrived(3)
                await three.dies()
                async with shift(scene, "w4", three) as four:
                    await four.ends()

    await talk.turn_ended()
    (held,) = talk.all(ev.Held)
    assert (held.kind, held.title) == ("settle", "Change address")
    assert set(outcomes(talk).values()) == {"unknown"}


async def test_after_a_takeover_the_server_says_that_nobody_knows(scene: Scene) -> None:
    scene.tools.answers("send_letter", Slow(Break(done=True)))
    scene.answers(calls(LETTER))
    talk = await scene.talk()
    await talk.says("Write")
    async with shift(scene, "w1") as first:
        await scene.tools.arrived(1)
        await talk.taken_over()
        await first.dies()
        async with shift(scene, "w2", first) as second:
            await second.ends()

    await talk.until(lambda talk: "hold" in talk.lines)
    (held,) = talk.all(ev.Held)
    assert (held.kind, held.title) == ("settle", "Send letter")
    assert talk.all(ev.SystemSaid)[-1].text.startswith("We cannot tell yet")


async def test_what_breaks_off_again_and_again_after_a_takeover_is_unknown_in_the_end(
    scene: Scene,
) -> None:
    scene.tools.answers("change_address", Slow())
    scene.answers(calls(TO_ROME))
    talk = await scene.talk()
    await talk.says("Rome")
    async with AsyncExitStack() as stack:
        at_work = await stack.enter_async_context(shift(scene, "w0"))
        await scene.tools.arrived(1)
        await talk.taken_over()
        await at_work.dies()
        for attempt in range(1, ATTEMPTS):
            at_work = await stack.enter_async_context(shift(scene, f"w{attempt}", at_work))
            await scene.tools.arrived(attempt + 1)
            await at_work.dies()
        at_work = await stack.enter_async_context(shift(scene, "w", at_work))
        await at_work.ends()

    assert set(outcomes(talk).values()) == {"unknown"}
    assert len(scene.tools.calls()) == ATTEMPTS
    assert [held.kind for held in talk.all(ev.Held)] == ["settle"]
    assert await scene.store.reads.xlen("{s0}:jobs") == 0


# Asking what became of it


async def test_a_tool_that_finds_it_at_once_makes_it_a_success(scene: Scene) -> None:
    scene.tools.answers("find_write", DONE)
    talk = await a_letter(scene, say("It is sent."))

    (call,) = talk.calls
    assert outcomes(talk) == {call.call: "succeeded"}
    assert talk.all(ev.Held) == []
    assert talk.said == ["It is sent."]
    (found,) = [m["content"] for m in scene.messages() if m["role"] == "tool"]
    assert found == (
        '{"found_by":"find_write","reference":"RF-7",'
        '"result":{"status":"done","id":"RF-7","n":1.50}}'
    )
    (asked,) = scene.tools.calls("find_write", purpose="reconcile")
    assert (asked.arguments, asked.key) == ({"key": call.call}, None)


async def test_soon_after_nothing_counts_as_not_done(scene: Scene, clock: Clock) -> None:
    """At once the write may still be on its way, and a read may lag behind it for a while."""
    scene.tools.answers("find_write", NONE)
    talk = await a_letter(scene)
    assert set(outcomes(talk).values()) == {"unknown"}
    assert len(talk.all(ev.Held)) == 1
    await talk.until(lambda talk: "handover" in talk.lines)

    await time_passes(scene, clock, TRIES_AFTER_MS[0])
    await talk.until_changed(2)
    assert settled(await talk.state(), talk) == ("unknown", None)
    await time_passes(scene, clock, TRIES_AFTER_MS[1])
    failed = await talk.hold("failed")
    await talk.until(lambda talk: "hold" in talk.lines)
    assert failed.decision == "settle"
    assert talk.all(ev.SystemSaid)[-1].text.startswith("This could not be done: Send letter")
    assert (await talk.state()).open_holds == []


async def test_what_shows_late_in_a_read_is_found(scene: Scene, clock: Clock) -> None:
    scene.tools.answers("find_write", NONE, NONE, DONE)
    talk = await a_letter(scene)
    await talk.until(lambda talk: "handover" in talk.lines)
    for tries, ms in enumerate(TRIES_AFTER_MS[:2], start=1):
        await time_passes(scene, clock, ms)
        await talk.until_changed(2 * tries)

    assert settled(await talk.state(), talk) == ("succeeded", "RF-7")


async def test_it_is_not_asked_while_the_write_may_be_under_way(scene: Scene, clock: Clock) -> None:
    """A worker that only seemed dead waits for its answer as long as the tool may take."""
    scene.tools.answers("send_letter", Break(done=True))
    scene.answers(calls(LETTER))
    tools = looked_up(scene)
    slow = HttpSettings(url=tools["send_letter"].http.url, timeout_s=45)
    await scene.work(tools=tools | {"send_letter": replace(tools["send_letter"], http=slow)})
    talk = await scene.talk()
    await talk.says("Write to me")
    assert (await talk.held()).reconcile_at == ev.iso(clock.now_ms + 45_000)


async def test_it_is_asked_again_and_again_until_the_tries_are_over(
    scene: Scene, clock: Clock
) -> None:
    scene.tools.answers("find_write", NOT_YET)
    talk = await a_letter(scene)
    await talk.until(lambda talk: "handover" in talk.lines)
    for tries, ms in enumerate(TRIES_AFTER_MS, start=1):
        due = (await talk.state()).open_holds[0].reconcile_at
        assert due == ev.iso(clock.now_ms + ms)
        await time_passes(scene, clock, ms - 1)
        assert len(scene.tools.calls("find_write", purpose="reconcile")) == tries
        await time_passes(scene, clock, 1)
        await talk.until_changed(2 * tries)
        assert len(scene.tools.calls("find_write", purpose="reconcile")) == tries + 1

    (hold,) = (await talk.state()).open_holds
    assert (hold.status, hold.reconciles, hold.reconcile_at) == ("unknown", 3, None)
    assert len(scene.tools.ledger) == 1
    await jobs_are_done(scene)
    await scene.close()
    assert (await scene.log.counters.read())["outcomes_left"] == 1


async def test_what_is_found_later_is_told_by_who_has_the_conversation(
    scene: Scene, clock: Clock
) -> None:
    scene.tools.answers("find_write", NOT_YET, DONE)
    talk = await a_letter(scene, say("It was sent."))
    await talk.taken_over()
    await talk.staff_says("We are looking into it.")
    await talk.given_back()
    await time_passes(scene, clock, TRIES_AFTER_MS[0])
    await talk.turn_ended(2)

    assert settled(await talk.state(), talk) == ("succeeded", "RF-7")
    (call,) = talk.calls
    assert told(scene)[-1] == {
        "call": call.call,
        "hold": hold_id(call.call),
        "status": "succeeded",
        "result": {"reference": "RF-7"},
    }
    assert talk.said == ["It was sent."]


async def test_what_was_settled_may_be_said(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Status(500, done=True))
    scene.answers(calls(REFUND_20))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Refund")
    await talk.turn_ended()
    words = "I have refunded your $20."
    assert false_claim(words, deeds_of(talk.events)) is not None

    await talk.settles(talk.all(ev.Held)[0], "succeeded", "RF-7")
    await talk.hold("succeeded")
    assert false_claim(words, deeds_of(talk.events)) is None


async def test_a_person_who_settles_it_first_wins(scene: Scene, clock: Clock) -> None:
    slow = Slow(NONE)
    scene.tools.answers("find_write", NOT_YET, slow)
    talk = await a_letter(scene)
    await talk.until(lambda talk: "handover" in talk.lines)
    await time_passes(scene, clock, TRIES_AFTER_MS[0])
    await scene.tools.arrived(2, "find_write", purpose="reconcile")
    await talk.settles(talk.all(ev.Held)[0], "succeeded", "told by post", DANA)
    slow.until.set()
    await jobs_are_done(scene)

    assert settled(await talk.state(), talk) == ("succeeded", "told by post")


async def test_a_held_call_is_asked_about_as_well(scene: Scene, clock: Clock) -> None:
    scene.tools.keyed = {"issue_refund"}
    scene.tools.answers("issue_refund", Break(done=True))
    scene.tools.answers("find_write", NOT_YET, DONE)
    talk = await working(scene, tools=looked_up(scene))
    await talk.says("A refund, please")
    await talk.turn_ended()
    await talk.approves(await talk.held())
    unknown = await talk.hold("unknown")
    assert unknown.reconcile_at == ev.iso(clock.now_ms + TRIES_AFTER_MS[0])
    await talk.turn_ended(2)
    await time_passes(scene, clock, TRIES_AFTER_MS[0])
    found = await talk.hold("succeeded")

    assert found.reference == "RF-7"
    assert len(scene.tools.ledger) == 1
    await talk.until(lambda talk: talk.lines[-1] == "hold")
    assert talk.all(ev.SystemSaid)[-1].text.startswith("Done: Refund of $60.00")


async def test_a_held_call_found_at_once_has_its_reference(scene: Scene) -> None:
    scene.tools.answers("issue_refund", Status(500, done=True))
    scene.tools.answers("find_write", DONE)
    talk = await working(scene, tools=looked_up(scene))
    await talk.says("A refund, please")
    await talk.turn_ended()
    await talk.approves(await talk.held())
    found = await talk.hold("succeeded")
    await talk.turn_ended(2)

    assert found.reference == "RF-7"
    assert [one["result"]["found_by"] for one in told(scene)] == ["find_write"]


async def test_asking_that_breaks_off_is_asked_by_the_next_worker(
    scene: Scene, clock: Clock
) -> None:
    talk, jobs, job = await due(scene, clock)
    scene.tools.answers("find_write", Slow(), DONE)
    async with scene.worker(tools=looked_up(scene)) as at_work:
        dying = asyncio.create_task(at_work._execution.run(jobs, job))
        await scene.tools.arrived(2, "find_write", purpose="reconcile")
        dying.cancel()
        await asyncio.wait([dying])
        await at_work._execution.run(*await reclaimed(scene, job, "w2"))

    assert settled(await talk.state(), talk) == ("succeeded", "RF-7")


async def test_asking_that_always_breaks_off_waits_for_its_next_time(
    scene: Scene, clock: Clock
) -> None:
    talk, jobs, job = await due(scene, clock)
    for attempt in range(1, ATTEMPTS + 1):
        jobs, job = await reclaimed(scene, job, f"w{attempt}")
    asked = len(scene.tools.calls("find_write", purpose="reconcile"))
    async with scene.worker(tools=looked_up(scene)) as at_work:
        await at_work._execution.run(jobs, job)

    assert len(scene.tools.calls("find_write", purpose="reconcile")) == asked
    (hold,) = (await talk.state()).open_holds
    assert (hold.status, hold.reconcile_at) == ("unknown", ev.iso(clock.now_ms + TRIES_AFTER_MS[1]))
    assert await scene.store.reads.xlen("{s0}:jobs") == 0


async def due(scene: Scene, clock: Clock) -> tuple[Talk, Jobs, Job]:
    """A letter nobody knows of, and the job of asking about it for the first time by timer."""
    scene.tools.answers("send_letter", Break(done=True))
    scene.tools.answers("find_write", NOT_YET)
    scene.answers(calls(LETTER))
    talk, jobs = await scene.talk(), await worker(scene.store)
    await talk.says("Write to me")
    (turn,) = await jobs.claim(1)
    async with scene.worker(tools=looked_up(scene)) as at_work:
        await at_work._run(jobs, Running(turn))
    await time_passes(scene, clock, TRIES_AFTER_MS[0])
    (job,) = await jobs.claim(1)
    assert (job.kind, job.ref) == ("execute", talk.all(ev.Held)[0].hold)
    return talk, jobs, job


async def jobs_are_done(scene: Scene) -> None:
    """Wait until no job is left."""
    while await scene.store.reads.xlen("{s0}:jobs"):
        pass
