"""What becomes of a reply: said byte for byte, cut with its reason, or handed to people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from aiohttp.test_utils import unused_port

from agent import asking
from agent.turn import ATTEMPTS
from conversation import events as ev
from tests.agent.scene import Scene, calls
from tests.agent.talk import Talk
from tests.doubles.model import Action, Answer, Bytes, Cut, Finish, Text, Wait, say

HANDED_OVER = ["turn_ended", "handover_requested", "owner_changed", "system_said"]
LONG = "".join(f"{n}: a line that is said as it is.\n" for n in range(1_000))[:9_900]
BODY = b'{"error": {"message": "no"}}'


def reasons(talk: Talk) -> list[ev.Reason]:
    (wanted,) = talk.all(ev.HandoverRequested)
    return wanted.reasons


async def handed_over(talk: Talk, reason: str) -> None:
    """People have the conversation: one reason, and one line of the server's own."""
    await talk.until(lambda talk: talk.lines)
    (wanted,) = talk.all(ev.HandoverRequested)
    assert wanted.reason == reason
    assert talk.types[-4:] == HANDED_OVER
    assert talk.lines == ["handover"]
    assert (await talk.state()).status == "waiting"


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "  \n\tIndented, and it ends in white space.  \r\n\n",
        "Zoë 東京 👩‍👩‍👧 \u2028 e\u0301",
        '<script>alert("&amp;")</script>',
        LONG,
    ],
    ids=["short", "white space", "unicode", "markup", "long"],
)
async def test_a_reply_is_streamed_and_said_byte_for_byte(scene: Scene, text: str) -> None:
    half = len(text) // 2
    gate = Wait()
    scene.answers([Text(text[:half]), gate, Text(text[half:]), Finish()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")

    await talk.until(lambda talk: talk.frames)
    assert text.startswith(talk.shown(1))
    gate.until.set()
    assert (await talk.turn_ended()).outcome == "replied"
    assert talk.said == [text]
    assert text.startswith(talk.shown(1))
    (said,) = talk.all(ev.AssistantSaid)
    assert (said.turn, said.partial) == (1, False)
    assert (await talk.state()).status == "assistant"


async def test_the_first_words_are_shown_while_the_model_still_writes(scene: Scene) -> None:
    scene.answers([Text("One moment"), Wait()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")

    await talk.until(lambda talk: talk.frames)
    (frame,) = talk.frames
    assert (frame.text, frame.n, frame.turn, frame.step, frame.attempt, frame.epoch) == (
        "One moment", 0, 1, 1, 1, 1,
    )  # fmt: skip


async def test_what_a_reload_finds_is_what_was_shown(scene: Scene) -> None:
    gate = Wait()
    scene.answers([Text("One moment"), gate, Text(", please."), Finish()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")

    await talk.until(lambda talk: talk.frames)
    reply = await scene.log.replies.read(talk.conversation)
    assert reply is not None
    assert reply.text == talk.shown(1)
    gate.until.set()
    await talk.turn_ended()
    assert await scene.log.replies.read(talk.conversation) is None


@pytest.mark.parametrize(
    "text", ["", "  \n\t ", "\u00a0\u2003"], ids=["nothing", "ascii", "unicode"]
)
async def test_a_reply_of_white_space_is_silence_and_goes_to_people(
    scene: Scene, text: str
) -> None:
    scene.answers([Text(text), Finish()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")

    assert (await talk.turn_ended()).outcome == "silent"
    await handed_over(talk, "silent")
    assert talk.said == []
    assert (await talk.state()).steps == 1


async def test_a_reply_that_is_cut_is_kept_as_far_as_it_came_and_goes_to_people(
    scene: Scene,
) -> None:
    cases: dict[str, tuple[list[Action], str, int]] = {
        "cut by length": ([Finish("length")], "truncated", 1),
        "cut by a filter": ([Finish("content_filter")], "filtered", 1),
        "an early end": ([], "ended_early", ATTEMPTS),
        "a broken line": ([Cut()], "ended_early", ATTEMPTS),
        "nonsense": ([Bytes(b"data: {]\n\n")], "malformed", ATTEMPTS),
        "an error": ([Bytes(b'data: {"error": {"code": 500}}\n\n')], "server_error", ATTEMPTS),
        "an unknown finish": ([Finish("because")], "malformed", ATTEMPTS),
    }
    begun: list[Action] = [Text("Your order "), Text("is")]
    scene.tries_for({text: [[*begun, *ending]] for text, (ending, _, _) in cases.items()})
    await scene.work()

    for text, talk in (await scene.talks(cases)).items():
        assert (await talk.turn_ended()).outcome == "failed"
        await handed_over(talk, "model_failure")
        (said,) = talk.all(ev.AssistantSaid)
        assert (said.text, said.partial) == ("Your order is", True)
        _, detail, requests = cases[text]
        assert [reason.evidence for reason in reasons(talk)] == [detail]
        assert len(scene.requests_of(talk)) == requests


@pytest.mark.parametrize("ending", ["length", "content_filter"])
async def test_calls_of_an_answer_that_was_cut_do_not_run(scene: Scene, ending: str) -> None:
    *wanted, _ = calls(
        ("change_address", '{"order_id": "W1", "to": "Rome"}'), ("get_order", '{"order_id"')
    )
    scene.answers([*wanted, Finish(ending)])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Send it to Rome")

    assert (await talk.turn_ended()).outcome == "failed"
    assert scene.tools.asked == []
    assert talk.calls == []


async def test_what_fails_is_asked_again_as_the_same_step_and_answered_once(
    scene: Scene,
) -> None:
    cases: dict[str, list[Action]] = {
        "500": [Answer(500, BODY)],
        "429": [Answer(429, BODY, {"Retry-After": "0"})],
        "503": [Answer(503, b"<html>")],
        "a broken line": [Text("Hal"), Cut()],
        "an early end": [Text("Hal")],
        "nonsense": [Bytes(b"data: nonsense\n\n")],
    }
    scene.tries_for({text: [fails, fails, say("Hello.")] for text, fails in cases.items()})
    await scene.work()

    for talk in (await scene.talks(cases)).values():
        assert (await talk.turn_ended()).outcome == "replied"
        assert talk.said == ["Hello."]
        assert scene.header("Step", talk) == ["1", "1", "1"]
        assert scene.header("Turn", talk) == ["1", "1", "1"]
        assert scene.header("Attempt", talk) == ["1", "2", "3"]
        assert scene.header("Purpose", talk) == ["reply"] * 3
        assert talk.shown(1, attempt=3) == "Hello."


async def test_frames_of_a_failed_try_are_replaced_by_those_of_the_next(scene: Scene) -> None:
    gate = Wait()
    scene.tries([Text("Hallo"), Cut()], [Text("Hello"), gate, Text("."), Finish()])
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")

    await talk.until(lambda talk: [frame for frame in talk.frames if frame.attempt == 2])
    assert [(frame.attempt, frame.n, frame.text) for frame in talk.frames] == [
        (1, 0, "Hallo"),
        (2, 0, "Hello"),
    ]
    reply = await scene.log.replies.read(talk.conversation)
    assert reply is not None
    assert (reply.attempt, reply.text) == (2, "Hello")
    gate.until.set()
    await talk.turn_ended()
    assert talk.said == ["Hello."]


async def test_what_would_fail_again_goes_to_people_at_once(scene: Scene) -> None:
    cases = {
        "unauthorized": [Answer(401, BODY)],
        "bad_request": [Answer(400, BODY)],
        "rate_limited": [Answer(429, BODY, {"Retry-After": "3600"})],
    }
    scene.tries_for({text: [fails] for text, fails in cases.items()})
    await scene.work()

    for detail, talk in (await scene.talks(cases)).items():
        await talk.turn_ended()
        await handed_over(talk, "model_failure")
        assert reasons(talk)[0].evidence == detail
        assert talk.said == []
        assert len(scene.requests_of(talk)) == 1


async def test_a_model_that_is_not_there_goes_to_people(scene: Scene) -> None:
    await scene.work(model_url=f"http://127.0.0.1:{unused_port()}/v1")
    talk = await scene.talk()
    await talk.says("Hi")

    assert (await talk.turn_ended()).outcome == "failed"
    await handed_over(talk, "model_failure")
    assert reasons(talk)[0].evidence == "unreachable"


async def test_a_model_that_hangs_goes_to_people(scene: Scene) -> None:
    cases: dict[str, list[Action]] = {"at once": [Wait()], "in mid-reply": [Text("Let"), Wait()]}
    scene.tries_for({text: [hangs] for text, hangs in cases.items()})
    await scene.work(timeout_s=0.2)

    for text, talk in (await scene.talks(cases)).items():
        assert (await talk.turn_ended()).outcome == "failed"
        await handed_over(talk, "model_failure")
        assert reasons(talk)[0].evidence == "timeout"
        assert talk.said == ([] if text == "at once" else ["Let"])
    for _ in range(2 * ATTEMPTS):
        await scene.left()


async def test_a_model_that_hung_for_long_is_not_asked_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "WAITS_AT_MOST_S", 0.1)
    scene.tries([Wait()])
    await scene.work(timeout_s=0.2)
    talk = await scene.talk()
    await talk.says("Hi")

    await talk.turn_ended()
    await handed_over(talk, "model_failure")
    assert len(scene.model.requests) == 1


NONSENSE: dict[str, Iterable[Action]] = {
    "no stream": [Answer(200, b"<html>hello</html>", {"Content-Type": "text/html"})],
    "no object": [Bytes(b"data: 1\n\n")],
    "no text": [Bytes(b'data: {"choices": [{"delta": {"content": 1}}]}\n\n'), Finish()],
    "no choices": [Bytes(b'data: {"choices": "x"}\n\n'), Finish()],
    "half a surrogate": [
        Bytes(b'data: {"choices": [{"delta": {"content": "\\ud800"}}]}\n\n'),
        Finish(),
    ],
    "no UTF-8": [Bytes(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'), Finish()],
    "only keep-alives": [Bytes(b": ping\n\n"), Bytes(b"data: [DONE]\n\n")],
    "calls without calls": [Finish("tool_calls")],
    "refused": [Bytes(b'data: {"choices": [{"delta": {"refusal": "no"}}]}\n\n'), Finish()],
}


async def test_a_customer_never_gets_silence_from_nonsense(scene: Scene) -> None:
    scene.tries_for({text: [answer] for text, answer in NONSENSE.items()})
    await scene.work()

    for talk in (await scene.talks(NONSENSE)).values():
        assert (await talk.turn_ended()).outcome == "failed"
        await handed_over(talk, "model_failure")
        assert talk.said == []


async def test_a_failed_turn_is_counted_and_the_next_one_answers(scene: Scene) -> None:
    scene.tries([Answer(400, BODY)], say("Hello again."))
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()
    await talk.taken_over()
    await talk.says("Are you there?")
    await talk.given_back()

    assert (await talk.turn_ended(2)).outcome == "replied"
    assert talk.said == ["Hello again."]
    assert scene.header("Turn") == ["1", "2"]


async def test_steps_and_turns_are_counted_through_the_whole_conversation(scene: Scene) -> None:
    read = calls(("get_order", '{"order_id": "W1"}'))
    scene.answers(read, read, say("One."), read, say("Two."), say("Three."))
    await scene.work()
    talk = await scene.talk()
    for n in (1, 2, 3):
        await talk.says(f"message {n}")
        await talk.turn_ended(n)

    assert scene.header("Step") == ["1", "2", "3", "4", "5", "6"]
    assert scene.header("Turn") == ["1", "1", "1", "2", "2", "3"]
    assert scene.header("Attempt") == ["1"] * 6
    assert talk.said == ["One.", "Two.", "Three."]


async def test_the_model_is_told_who_it_is_and_which_tools_there_are(scene: Scene) -> None:
    await scene.work()
    talk = await scene.talk()
    await talk.says("Hi")
    await talk.turn_ended()

    (asked,) = scene.model.requests
    body: dict[str, Any] = asked.body
    assert body["messages"][0]["content"].startswith("You are Ada")
    assert body["messages"][0]["content"].endswith("Be kind.")
    assert [tool["function"]["name"] for tool in body["tools"]] == [
        "get_order", "get_shipment", "issue_refund", "change_address", "send_letter",
    ]  # fmt: skip
    assert body["stream"] is True
    assert asked.headers["X-Conversation-Id"] == talk.conversation
    assert json.dumps(body["messages"][1:]) == '[{"role": "user", "content": "Hi"}]'
