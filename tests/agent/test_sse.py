from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sse import EventReader, Malformed


def read(*pieces: bytes) -> list[bytes]:
    reader = EventReader()
    return [event for piece in pieces for event in reader.feed(piece)]


def test_several_events_in_one_piece_come_in_order() -> None:
    assert read(b"data: one\n\ndata: two\n\n") == [b"one", b"two"]


def test_an_event_without_its_empty_line_has_not_come_yet() -> None:
    assert read(b"data: one\n") == []


def test_carriage_returns_before_newlines_are_no_data() -> None:
    assert read(b"data: one\r\n\r\n", b"data: two\r", b"\n\r\n") == [b"one", b"two"]


def test_comments_and_other_fields_are_skipped() -> None:
    assert read(b": alive\n\nevent: message\nid: 7\nretry: 10\ndata: one\n\n\n") == [b"one"]


def test_data_lines_of_one_event_are_joined_by_newlines() -> None:
    assert read(b'data: {"a":\ndata: 1}\n\n') == [b'{"a":\n1}']


def test_only_one_space_after_the_colon_belongs_to_the_form() -> None:
    assert read(b"data:one\n\ndata:  two\n\n") == [b"one", b" two"]


def test_an_event_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(Malformed):
        read(*[b"x" * 16384] * 200)


@given(st.lists(st.integers(min_value=0, max_value=60)))
def test_where_the_network_cuts_the_stream_makes_no_difference(cuts: list[int]) -> None:
    stream = b': hi\r\n\r\ndata: {"a": "\xc3\xa9"}\r\n\r\ndata: 1\ndata: 2\n\ndata: [DONE]\n\n'
    edges = [0, *sorted(cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]

    assert read(*pieces) == [b'{"a": "\xc3\xa9"}', b"1\n2", b"[DONE]"]
