"""The recordings are read as they are: what the bench relies on, counted in the data itself."""

from collections import Counter

import jsonschema_rs
import pytest

from bench.recording import Recording, data_folder, recordings, tool_schemas
from bench.sample import KINDS, sample
from bench.shop import STEPS_PER_TURN, WRITES
from bench.stage import END_LINE, HELD_LINE

pytestmark = pytest.mark.skipif(not data_folder().is_dir(), reason="the recordings are not here")


@pytest.fixture(scope="module")
def recorded() -> list[Recording]:
    return recordings()


def test_every_retail_and_airline_conversation_is_read(recorded: list[Recording]) -> None:
    counts = Counter(recording.domain for recording in recorded)
    assert counts == {"retail": 320, "airline": 347}
    assert len({recording.id for recording in recorded}) == 667


def test_a_leading_text_of_the_assistant_is_the_greeting_of_its_whole_environment(
    recorded: list[Recording],
) -> None:
    greetings = {(recording.env, recording.greeting) for recording in recorded}
    assert greetings == {("tau1", None), ("tau2", "Hi! How can I help you today?")}


def test_customer_messages_without_text_and_empty_replies_are_left_out(
    recorded: list[Recording],
) -> None:
    assert sum(recording.unspoken for recording in recorded) == 168
    assert sum(recording.empty for recording in recorded) == 4
    assert all(turn.message for recording in recorded for turn in recording.turns)
    assert all(step.text or step.calls for recording in recorded for step in recording.steps)


def test_only_the_last_turn_may_want_the_fixed_line(recorded: list[Recording]) -> None:
    for recording in recorded:
        for turn in recording.turns[:-1]:
            assert turn.steps
            assert not turn.steps[-1].calls


def test_a_turn_holds_up_to_100_steps_and_a_text_up_to_9892_characters(
    recorded: list[Recording],
) -> None:
    turns = [turn for recording in recorded for turn in recording.turns]
    steps = [step for recording in recorded for step in recording.steps]
    assert max(len(turn.steps) for turn in turns) == 100 < STEPS_PER_TURN
    assert max(len(step.text) for step in steps) == 9_892
    assert max(len(turn.message) for turn in turns) == 2_862


def test_white_space_at_the_ends_of_513_texts_is_kept(recorded: list[Recording]) -> None:
    texts = [step.text for recording in recorded for step in recording.steps]
    assert sum(text != text.strip() for text in texts) == 513
    assert not any(text and not text.strip() for text in texts)


def test_a_step_holds_up_to_20_calls_and_up_to_6_writes(recorded: list[Recording]) -> None:
    steps = [step for recording in recorded for step in recording.steps]
    assert max(len(step.calls) for step in steps) == 20
    assert max(sum(call.write for call in step.calls) for step in steps) == 6


def test_397_calls_move_more_than_100_dollars_to_the_customer(recorded: list[Recording]) -> None:
    held = [call for recording in recorded for call in recording.calls if call.is_held]
    assert len(held) == 397
    assert all(call.write and call.succeeds for call in held)


def test_39_calls_break_their_own_schema_and_none_of_them_writes(recorded: list[Recording]) -> None:
    broken = []
    for domain, env in {(recording.domain, recording.env) for recording in recorded}:
        schemas = {tool["name"]: tool["parameters"] for tool in tool_schemas(domain, env)}
        broken += [
            call
            for recording in recorded
            if (recording.domain, recording.env) == (domain, env)
            for call in recording.calls
            if not jsonschema_rs.is_valid(schemas[call.tool], call.arguments)
        ]
    assert len(broken) == 39
    assert not any(call.write for call in broken)


def test_every_recorded_write_is_configured_as_one(recorded: list[Recording]) -> None:
    writes = {call.tool for recording in recorded for call in recording.calls if call.write}
    assert writes <= WRITES
    for recording in recorded:
        assert all(call.write for call in recording.calls if call.tool in WRITES)


def test_model_call_ids_repeat_within_61_conversations(recorded: list[Recording]) -> None:
    repeating = [r for r in recorded if len({c.model_call_id for c in r.calls}) < len(r.calls)]
    assert len(repeating) == 61


def test_no_recorded_text_is_a_fixed_line(recorded: list[Recording]) -> None:
    texts = {text for recording in recorded for _, text in recording.texts()}
    assert texts.isdisjoint({HELD_LINE, END_LINE})


def test_the_sample_holds_every_kind_in_every_environment(recorded: list[Recording]) -> None:
    chosen = sample(recorded)
    assert all(any(map(kind, chosen)) for kind in KINDS.values())
    assert {r.source for r in chosen} == {r.source for r in recorded}
    assert len(chosen) < 100
