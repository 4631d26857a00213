"""Fragments as servers send them; each case is a list of `tool_calls` entries, one a chunk."""

import json
from typing import Any

import pytest

from agent.assembly import Assembly, ModelCall, Usage
from agent.sse import Malformed


def chunk(**delta: Any) -> bytes:
    return json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode()


def fragment(name: str | None = None, arguments: Any = None, **place: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return place | {"function": {key: part for key, part in function.items() if part is not None}}


def assemble(*fragments: dict[str, Any]) -> tuple[ModelCall, ...]:
    answer = Assembly()
    answer.take([chunk(tool_calls=[each]) for each in fragments])
    return answer.calls


def test_fragments_of_one_index_are_one_call() -> None:
    calls = assemble(
        fragment("find", "", index=0, id="a"),
        fragment(arguments='{"q":', index=0),
        fragment(arguments=" 1}", index=0),
    )

    assert calls == (ModelCall("a", "find", '{"q": 1}'),)


def test_calls_written_in_turns_stay_apart() -> None:
    calls = assemble(
        fragment("find", '{"q"', index=0, id="a"),
        fragment("pay", '{"sum"', index=1, id="b"),
        fragment(arguments=": 1}", index=0),
        fragment(arguments=": 2}", index=1),
    )

    assert calls == (ModelCall("a", "find", '{"q": 1}'), ModelCall("b", "pay", '{"sum": 2}'))


def test_a_new_id_opens_a_new_call_even_at_the_same_index() -> None:
    calls = assemble(
        fragment("pay", '{"sum": 1}', index=0, id="a"),
        fragment("pay", '{"sum": ', index=0, id="b"),
        fragment(arguments="2}", index=0),
    )

    assert calls == (ModelCall("a", "pay", '{"sum": 1}'), ModelCall("b", "pay", '{"sum": 2}'))


def test_an_id_and_a_name_repeated_in_every_fragment_change_nothing() -> None:
    calls = assemble(
        fragment("pay", '{"sum": ', index=0, id="a"),
        fragment("pay", "2}", index=0, id="a"),
    )

    assert calls == (ModelCall("a", "pay", '{"sum": 2}'),)


def test_an_empty_id_goes_on_with_the_call() -> None:
    calls = assemble(
        fragment("pay", '{"sum": ', index=0, id="a"), fragment(None, "2}", index=0, id="")
    )

    assert calls == (ModelCall("a", "pay", '{"sum": 2}'),)


def test_two_calls_may_share_an_id_at_different_indexes() -> None:
    calls = assemble(
        fragment("pay", '{"sum": 1}', index=0, id="a"),
        fragment("pay", '{"sum": 1}', index=1, id="a"),
    )

    assert calls == (ModelCall("a", "pay", '{"sum": 1}'), ModelCall("a", "pay", '{"sum": 1}'))


def test_a_name_in_pieces_is_joined() -> None:
    calls = assemble(
        fragment("find_", index=0, id="a"),
        fragment("order", index=0),
        fragment(None, "{}", index=0),
    )

    assert calls == (ModelCall("a", "find_order", "{}"),)


def test_without_an_index_the_id_tells_the_calls_apart() -> None:
    calls = assemble(
        fragment("find", '{"q": ', id="a"),
        fragment("pay", '{"sum": ', id="b"),
        fragment(None, "1}", id="a"),
        fragment(None, "2}", id="b"),
    )

    assert calls == (ModelCall("a", "find", '{"q": 1}'), ModelCall("b", "pay", '{"sum": 2}'))


def test_without_index_and_id_a_name_opens_a_call() -> None:
    calls = assemble(fragment("find", '{"q": '), fragment(None, "1}"), fragment("find", '{"q": 2}'))

    assert calls == (ModelCall(None, "find", '{"q": 1}'), ModelCall(None, "find", '{"q": 2}'))


def test_without_ids_a_name_after_whole_arguments_opens_a_call_at_the_same_index() -> None:
    calls = assemble(
        fragment("find", '{"q": 1}', index=0),
        fragment("find", '{"q": ', index=0),
        fragment("find", "2}", index=0),
    )

    assert calls == (ModelCall(None, "find", '{"q": 1}'), ModelCall(None, "find", '{"q": 2}'))


def test_arguments_sent_as_an_object_keep_their_text() -> None:
    calls = assemble(fragment("pay", {"sum": 2}, index=0, id="a"))

    assert calls == (ModelCall("a", "pay", '{"sum": 2}'),)


def test_null_arguments_are_none() -> None:
    answer = Assembly()
    answer.take([b'{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":null}}]}}]}'])

    assert answer.calls == (ModelCall(None, "", ""),)


def test_the_older_function_call_is_a_call_without_id() -> None:
    answer = Assembly()
    answer.take(
        [
            chunk(function_call={"name": "find", "arguments": '{"q"'}),
            chunk(function_call={"arguments": ": 1}"}),
        ]
    )

    assert answer.calls == (ModelCall(None, "find", '{"q": 1}'),)


def test_text_is_kept_byte_for_byte_and_null_content_is_none() -> None:
    answer = Assembly()
    texts = [answer.take([chunk(content=piece)]) for piece in ("", None, "  a\n", "\tb  ")]

    assert texts == ["", "", "  a\n", "\tb  "]
    assert answer.text == "  a\n\tb  "


def test_other_choices_than_the_first_are_left_aside() -> None:
    answer = Assembly()
    answer.take(
        [b'{"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "stop"}]}']
    )

    assert answer.text == ""
    assert not answer.ended


def test_the_token_count_may_come_in_a_chunk_without_choices() -> None:
    answer = Assembly()
    answer.take([b'{"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7}}'])
    answer.take([b'{"choices": [], "usage": null}'])

    assert answer.usage == Usage(prompt_tokens=11, completion_tokens=7)


def test_whole_calls_of_one_message_stay_apart_even_with_the_same_id() -> None:
    same = {"id": "a", "type": "function", "function": {"name": "pay", "arguments": "{}"}}
    message = {"role": "assistant", "content": "hm", "tool_calls": [same, same]}
    answer = Assembly()
    text = answer.take_whole(
        json.dumps({"choices": [{"message": message, "finish_reason": "tool_calls"}]}).encode()
    )

    assert text == "hm"
    assert answer.calls == (ModelCall("a", "pay", "{}"), ModelCall("a", "pay", "{}"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"42",
        b"[]",
        b'{"choices": [{"delta": {"content": "a',
        b'{"choices": [{"delta": {"content": 7}}]}',
        b'{"choices": [{"delta": {"content": "\xff"}}]}',
        b'{"choices": [{"delta": {"content": "\\ud83d!"}}]}',
        b'{"choices": ' + b"[" * 100_000,
        b'{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"\xff"}}]}}]}',
    ],
)
def test_what_is_no_chunk_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        Assembly().take([data])
