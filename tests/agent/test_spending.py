"""Tokens: told by the log, estimated where nobody counts, and never spent beyond the limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec import UNSET

from agent.assembly import Usage
from agent.settings import LimitsSettings
from agent.spending import estimated, reported
from conversation import events as ev
from conversation.state import LINE
from tests.agent.scene import Scene, calls
from tests.agent.talk import Talk
from tests.agent.test_turn_calls import ORDER_1
from tests.agent.test_turn_replies import handed_over, reasons
from tests.conftest import Clock
from tests.doubles.model import Action, Answer, Bytes, Finish, Text, Wait, chunk, say

A_STEP = 18
"""What the double says a step cost."""
UNCOUNTED: list[Action] = [Text("Hello."), Bytes(chunk({}, "stop") + b"data: [DONE]\n\n")]


def limits(**limits: int) -> LimitsSettings:
    return LimitsSettings(steps_per_turn=100, **limits)


def told(talk: Talk) -> list[Any]:
    """What each step cost, as the log tells it."""
    return [
        event.data.tokens
        for event in talk.events
        if isinstance(event.data, ev.AssistantCalled | ev.TurnEnded)
    ]


async def spent(scene: Scene, talk: Talk) -> int:
    """What was spent on steps of which the log keeps nothing."""
    return int(await scene.store.reads.get(scene.log.keys(talk.conversation).tokens) or 0)


def test_an_estimate_takes_three_bytes_for_a_token_and_rounds_up() -> None:
    assert estimated([["ab"], "c"], "é") == -(-(len('["ab"]') + len('"c"') + 2) // 3)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [(None, 0), (Usage(), 0), (Usage(11, 7), 18), (Usage(11), 11), (Usage(-5, 7), 7)],
)
def test_what_the_endpoint_counted_is_taken(usage: Usage | None, tokens: int) -> None:
    assert reported(usage) == tokens


async def test_each_step_says_what_it_cost_and_the_head_sums_them(scene: Scene) -> None:
    scene.answers(calls(ORDER_1), say("Here it is."), say("Bye."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()
    await talk.says("Thanks")
    await talk.turn_ended(2)

    assert told(talk) == [A_STEP, A_STEP, A_STEP]
    assert (await talk.state()).tokens == 3 * A_STEP


async def test_where_the_endpoint_does_not_count_the_cost_is_estimated(scene: Scene) -> None:
    scene.answers(UNCOUNTED)
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()

    body = scene.model.requests[0].body
    assert told(talk) == [estimated([body["messages"], body["tools"]], "Hello.")]


async def test_a_try_that_broke_off_costs_and_one_that_was_refused_does_not(scene: Scene) -> None:
    refused = [Answer(503, {"error": {}})]
    broken: list[Action] = [Text("He"), Bytes(b"data: nonsense\n\n")]
    scene.tries(refused, broken, say("Hello."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()

    body = scene.model.requests[1].body
    assert told(talk) == [estimated([body["messages"], body["tools"]], "He") + A_STEP]


async def test_at_the_limit_of_a_conversation_people_take_over_before_the_model_is_asked(
    scene: Scene,
) -> None:
    scene.answers(*[calls(ORDER_1)] * 9)
    await scene.work(limits=limits(tokens_per_conversation=2 * A_STEP))
    talk = await scene.talk()
    await talk.says("Hi")

    await handed_over(talk, "token_limit")
    assert len(scene.model.requests) == 2
    (reason,) = reasons(talk)
    assert reason.text == "36 of 36 tokens are spent in this conversation"
    assert told(talk) == [A_STEP, A_STEP, UNSET]


async def test_another_conversation_has_its_own_limit(scene: Scene) -> None:
    await scene.work(limits=limits(tokens_per_conversation=A_STEP))
    for _ in range(2):
        talk = await scene.talk()
        await talk.says("Hi")
        assert (await talk.turn_ended()).outcome == "replied"


async def test_a_customers_limit_is_of_all_their_conversations_and_ends_with_the_day(
    scene: Scene, clock: Clock
) -> None:
    await scene.work(limits=limits(tokens_per_customer=2 * A_STEP))
    for _ in range(2):
        talk = await scene.talk(customer="u_robin")
        await talk.says("Hi")
        assert (await talk.turn_ended()).outcome == "replied"
    over = await scene.talk(customer="u_robin")
    await over.says("Hi")
    await handed_over(over, "token_limit")
    assert reasons(over)[0].text == "36 of 36 tokens are spent for this customer today"

    other = await scene.talk(customer="u_kim")
    await other.says("Hi")
    assert (await other.turn_ended()).outcome == "replied"
    clock.advance(24 * 3600)
    tomorrow = await scene.talk(customer="u_robin")
    await tomorrow.says("Hi")
    assert (await tomorrow.turn_ended()).outcome == "replied"


async def test_a_days_limit_is_of_everybody(scene: Scene) -> None:
    await scene.work(limits=limits(tokens_per_day=A_STEP))
    first = await scene.talk(customer="u_robin")
    await first.says("Hi")
    assert (await first.turn_ended()).outcome == "replied"
    second = await scene.talk(customer="u_kim")
    await second.says("Hi")

    await handed_over(second, "token_limit")
    assert reasons(second)[0].text == "18 of 18 tokens are spent for all customers today"


async def test_counts_of_a_day_go_by_themselves(scene: Scene) -> None:
    await scene.work(limits=limits(tokens_per_day=100, tokens_per_customer=100))
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()

    counts = [key async for key in scene.store.reads.scan_iter(match="*:tokens:*")]
    assert len(counts) == 2
    assert all([await scene.store.reads.ttl(key) > 24 * 3600 for key in counts])


async def test_what_a_cut_turn_cost_counts_towards_the_limit(scene: Scene) -> None:
    hangs: list[Action] = [Text("Let me"), Wait()]
    scene.tries(hangs)
    await scene.work(limits=limits(tokens_per_conversation=100_000))
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.until(lambda talk: talk.frames)
    await talk.taken_over()
    await scene.left()
    async with asyncio.timeout(5):
        while not (cut := await spent(scene, talk)):
            pass

    body = scene.model.requests[0].body
    assert cut == estimated([body["messages"], body["tools"]], "Let me")
    assert (await talk.state()).tokens == 0


async def test_who_keeps_interrupting_comes_to_the_limit_as_well(scene: Scene) -> None:
    scene.tries([Text("Let me"), Wait()])
    await scene.work(limits=limits(tokens_per_conversation=2_000))
    talk = await scene.talk()
    await talk.says("Hi")
    for n in range(1, 40):
        await talk.until(
            lambda talk, n=n: talk.lines or any(frame.turn == n for frame in talk.frames)  # type: ignore[misc]
        )
        if talk.lines:
            break
        await talk.interrupts(f"and {n}")

    await handed_over(talk, "token_limit")
    assert (await talk.state()).owner == LINE


async def test_without_limits_nothing_is_counted_beside_the_log(scene: Scene) -> None:
    scene.answers([Text("Hello."), Finish()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()

    assert [key async for key in scene.store.reads.scan_iter(match="*:tokens*")] == []
