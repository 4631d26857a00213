"""What is written is what is read; what is not known is refused, never guessed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation import events as ev
from conversation.errors import Newer
from tests.conversation.made_up import EXAMPLES, event, plainly, struct

BY = ev.By("staff", name="Ann", id="u_ann")
moments_ms = st.integers(0, 4_102_444_800_000)
NOTE = ev.encode(event(ev.NoteAdded(id="m1", text="a note"), BY))


@pytest.mark.parametrize("name", ev.TYPES)
@given(draw=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_an_event_is_read_as_it_was_written(name: str, draw: st.DataObject) -> None:
    data = draw.draw(struct(ev.TYPES[name], lambda _: plainly))
    by = draw.draw(struct(ev.By, lambda _: plainly))
    raw = ev.encode(event(data, by))
    assert ev.decode(raw) == event(data, by)
    assert ev.encode(ev.decode(raw)) == raw


def test_an_event_on_the_wire_has_the_fields_of_the_contract() -> None:
    assert msgspec.json.decode(NOTE) == {
        "conversation": "c_1",
        "seq": 7,
        "v": 1,
        "type": "note_added",
        "at": "2026-01-02T03:04:05.678Z",
        "by": {"role": "staff", "name": "Ann", "id": "u_ann"},
        "epoch": 3,
        "data": {"id": "m1", "text": "a note"},
    }


def test_an_owner_changed_says_from_where() -> None:
    data = ev.OwnerChanged(from_="line", to="assistant", epoch=4, cause="returned")
    assert b'"from":"line","to":"assistant"' in ev.encode(event(data, BY))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"type":"note_added"', '"type":"note_burned"'),
        ('"text":"a note"', '"text":"a note","colour":"red"'),
        ('"id":"m1",', ""),
        ('"seq":7', '"seq":"7"'),
        ('"epoch":3', '"epoch":3,"mood":"calm"'),
        ('"role":"staff"', '"role":"ghost"'),
        ("}}", "}"),
    ],
)
def test_what_is_no_event_is_refused(old: str, new: str) -> None:
    changed = NOTE.decode().replace(old, new)
    assert changed.encode() != NOTE
    with pytest.raises(ev.UnreadableEvent):
        ev.decode(changed.encode())


@pytest.mark.parametrize(
    "more",
    ["", '"type":"note_burned",', '"mood":"calm",', '"data":[],', '"by":null,', '"at":0,'],
)
def test_an_event_of_a_newer_version_is_a_newer_processes(more: str) -> None:
    """Whatever it looks like but for its `v`."""
    newer = NOTE.decode().replace('"v":1', f'{more}"v":2')
    with pytest.raises(Newer):
        ev.decode(newer.encode())


def test_the_bytes_of_a_result_are_kept() -> None:
    result = b'{ "amount": 40.00,\n "big": 123456789012345678901234567890, "e": 1e400 }'
    data = ev.ToolFinished(call="call_1", key=None, outcome="succeeded", result=msgspec.Raw(result))
    read = ev.decode(ev.encode(event(data, BY))).data
    assert isinstance(read, ev.ToolFinished)
    assert bytes(read.result) == result  # type: ignore[arg-type]


@given(moments_ms)
@settings(max_examples=30, deadline=None)
def test_a_moment_is_the_same_after_it_was_written_and_read(at_ms: int) -> None:
    assert ev.milliseconds(ev.iso(at_ms)) == at_ms


@given(moments_ms, moments_ms)
@settings(max_examples=30, deadline=None)
def test_moments_sort_as_their_texts_do(one_ms: int, other_ms: int) -> None:
    assert (one_ms < other_ms) == (ev.iso(one_ms) < ev.iso(other_ms))
