"""A conversation on the stage goes through its recording once, however often it is asked."""

import json

import pytest

from bench.doubles import has_open_hold, pieces
from bench.recording import Call, Json, Recording, Step, Turn
from bench.stage import END_LINE, HELD_LINE, Performance


def _call(tool: str, *, arguments: Json, result: str, write: bool = False) -> Call:
    return Call("call_1", tool, arguments, True, write, result, None, None)


@pytest.fixture
def performance() -> Performance:
    refund = _call("refund", arguments={"order": "W1", "amount": 40}, result="1", write=True)
    looks = [_call("look", arguments={"order": "W1"}, result=result) for result in ("2", "3")]
    turns = (
        Turn("Refund me", (Step("One moment.", (refund,)), Step(" Done. ", ()))),
        Turn("Look twice", (Step("", tuple(looks)),)),
    )
    return Performance(Recording("r1", "retail", "tau1", "s", None, turns, unspoken=0, empty=0))


def test_a_repeated_step_gets_the_same_answer_again(performance: Performance) -> None:
    first = performance.answer(1, waits=False, spoken=["Refund me"])
    assert performance.answer(1, waits=False, spoken=["Refund me"]) is first
    assert performance.answer(2, waits=False, spoken=["Refund me"]).text == " Done. "


def test_while_a_held_call_waits_the_recording_waits_too(performance: Performance) -> None:
    performance.answer(1, waits=False, spoken=["Refund me"])
    assert performance.answer(2, waits=True, spoken=["Refund me"]).text == HELD_LINE
    assert performance.answer(3, waits=False, spoken=["Refund me"]).text == " Done. "
    assert performance.count(HELD_LINE) == 1


def test_after_the_last_recorded_step_comes_the_fixed_line(performance: Performance) -> None:
    both = ["Refund me", "Look twice"]
    for step, spoken in enumerate([both[:1], both[:1], both], start=1):
        performance.answer(step, waits=False, spoken=spoken)
    assert performance.is_over
    assert performance.answer(4, waits=False, spoken=both).text == END_LINE
    assert not performance.faults


def test_a_prompt_with_other_words_of_the_customer_is_a_fault(performance: Performance) -> None:
    performance.answer(1, waits=False, spoken=["Refund me "])
    assert len(performance.faults) == 1


def test_equal_calls_of_one_step_get_their_results_in_order(performance: Performance) -> None:
    both = ["Refund me", "Look twice"]
    for step, spoken in enumerate([both[:1], both[:1], both], start=1):
        performance.answer(step, waits=False, spoken=spoken)
    taken = [performance.take("look", {"order": "W1"}, key=None) for _ in range(3)]
    assert [call.result for call in taken if call] == ["2", "3", "3"]


def test_the_same_key_is_the_same_call_and_40_is_40_0(performance: Performance) -> None:
    performance.answer(1, waits=False, spoken=["Refund me"])
    first = performance.take("refund", {"amount": 40.0, "order": "W1"}, key="k1")
    assert first is not None
    assert performance.take("refund", {"amount": 40, "order": "W1"}, key="k1") is first
    assert performance.take("refund", {"amount": 41, "order": "W1"}, key="k2") is None


def test_a_hold_is_open_until_a_later_system_message_tells_its_outcome() -> None:
    held = {"role": "tool", "content": json.dumps({"status": "held", "hold": "h_1", "note": "…"})}
    told = {
        "role": "system",
        "content": json.dumps({"hold": "h_1", "status": "succeeded", "result": 1}),
    }
    instructions = {"role": "system", "content": 'Say "hold" in braces {"hold"'}
    assert has_open_hold([instructions, held])
    assert not has_open_hold([instructions, held, told])
    assert has_open_hold([told, held])


def test_an_answer_is_streamed_in_pieces_that_add_up_to_it() -> None:
    text, arguments = " Straße\n" * 40, {"id": "#W1", "note": "ü" * 200}
    lines = b"".join(pieces(Step(text, (_call("look", arguments=arguments, result="1"),))))
    chunks = [json.loads(line[6:]) for line in lines.decode().split("\n\n")[:-2]]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    fragments = [call for delta in deltas for call in delta.get("tool_calls", [])]
    assert "".join(delta.get("content", "") for delta in deltas) == text
    assert json.loads("".join(part["function"]["arguments"] for part in fragments)) == arguments
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert lines.endswith(b"data: [DONE]\n\n")
