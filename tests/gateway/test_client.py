from __future__ import annotations

import pytest

from gateway.client import Client


@pytest.fixture
def written() -> list[str]:
    """What was written to the socket, in order."""
    return []


@pytest.fixture
def client(written: list[str]) -> Client:
    async def write(packet: str) -> None:
        written.append(packet)

    return Client("/staff", write=write, hang_up=lambda: None)


async def test_the_state_comes_before_what_happened_meanwhile(
    client: Client, written: list[str]
) -> None:
    await client.send("staff", {"id": 1})
    await client.send("event", {"seq": 8})
    assert written == []
    await client.send("state", {"seq": 7})
    await client.send("event", {"seq": 9})
    assert written == [
        '2/staff,["state",{"seq":7}]',
        '2/staff,["staff",{"id":1}]',
        '2/staff,["event",{"seq":8}]',
        '2/staff,["event",{"seq":9}]',
    ]


async def test_an_answer_with_a_state_comes_before_what_happened_since(
    client: Client, written: list[str]
) -> None:
    await client.send("state", {"seq": 7})
    client.hold()
    await client.send("event", {"seq": 8})
    await client.answered(3, {"ok": True})
    await client.send("event", {"seq": 9})
    assert written[1:] == [
        '3/staff,3[{"ok":true}]',
        '2/staff,["event",{"seq":8}]',
        '2/staff,["event",{"seq":9}]',
    ]


async def test_nothing_is_held_when_no_answer_was_asked_for(
    client: Client, written: list[str]
) -> None:
    await client.send("state", {"seq": 7})
    client.hold()
    await client.send("event", {"seq": 8})
    await client.answered(None, {"ok": True})
    assert written[1:] == ['2/staff,["event",{"seq":8}]']


async def test_an_answer_before_the_state_sends_nothing_else(
    client: Client, written: list[str]
) -> None:
    await client.send("event", {"seq": 8})
    await client.answered(3, {"ok": True})
    assert written == ['3/staff,3[{"ok":true}]']


async def test_later_states_keep_their_place(client: Client, written: list[str]) -> None:
    await client.send("state", {"seq": 7})
    client.hold()
    await client.send("event", {"seq": 8})
    await client.send("state", {"seq": 8})
    await client.answered(3, {"ok": True})
    assert [packet[:16] for packet in written[2:]] == ['2/staff,["event"', '2/staff,["state"']
