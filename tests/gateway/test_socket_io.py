"""Socket.IO v5 from its specification: namespaces, events, acknowledgements, what closes a socket.

Binary attachments are not taken by this gateway: such a packet closes its socket as a malformed one
does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest

from gateway import transport
from tests.gateway.echo import PING_S, echoing
from tests.gateway.wire import Wire

PLACEHOLDERS = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server that says back what it hears."""
    async with echoing() as url:
        yield url


@pytest.fixture
async def session(url: str) -> AsyncIterator[Wire]:
    """A session in no namespace."""
    async with Wire(url) as wire:
        yield wire


@pytest.fixture
async def wire(session: Wire) -> Wire:
    """A session in the main namespace, whose greeting was read."""
    await enter(session, "40")
    return session


async def enter(wire: Wire, packet: str) -> tuple[str, str]:
    """Connect to a namespace; its two answers: the connection, and what it was connected with."""
    await wire.send(packet)
    return await wire.frame(), await wire.frame()


# Connecting


@pytest.mark.parametrize(
    ("packet", "at", "auth"),
    [
        ("40", "", "{}"),
        ("40{}", "", "{}"),
        ('40{"token":"123"}', "", '{"token":"123"}'),
        ("40/custom,", "/custom,", "{}"),
        ("40/custom", "/custom,", "{}"),
        ('40/custom,{"token":"abc"}', "/custom,", '{"token":"abc"}'),
        ('40/custom?token=1,{"a":[1]}', "/custom,", '{"a":[1]}'),
    ],
)
async def test_a_client_connects_to_a_namespace(
    session: Wire, packet: str, at: str, auth: str
) -> None:
    connected, greeting = await enter(session, packet)
    assert connected.startswith(f"40{at}{{")
    answer = json.loads(connected.removeprefix(f"40{at}"))
    assert set(answer) == {"sid"}
    assert isinstance(answer["sid"], str)
    assert answer["sid"] != session.handshake["sid"]
    assert greeting == f'42{at}["auth",{auth}]'


async def test_a_client_has_another_id_in_each_namespace(session: Wire) -> None:
    main, _ = await enter(session, "40")
    custom, _ = await enter(session, "40/custom,")
    assert main.removeprefix("40") != custom.removeprefix("40/custom,")


@pytest.mark.parametrize("namespace", ["/random", "/customs", "/Custom", "/custom/", "/\u00e9"])
async def test_an_unknown_namespace_is_a_connect_error(session: Wire, namespace: str) -> None:
    await session.send(f"40{namespace},")
    assert await session.frame() == f'44{namespace},{{"message":"Invalid namespace"}}'
    assert (await enter(session, "40"))[1] == '42["auth",{}]'


@pytest.mark.parametrize("packet", ["4abc", "4", "40{", "40[", "40/custom,{", "47", "49{}", "4 0"])
async def test_an_invalid_connect_closes_the_connection(session: Wire, packet: str) -> None:
    await session.send(packet)
    await session.closed()


async def test_a_connection_without_any_namespace_is_closed(
    session: Wire, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN_S", 0.1)
    async with Wire(url) as silent:
        await silent.closed()
    await enter(session, "40")


async def test_an_idle_connection_is_given_less_than_5_seconds() -> None:
    assert transport.CONNECT_WITHIN_S < 5


async def test_leaving_what_one_was_never_in_gains_no_time(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN_S", 0.5)
    begun = time.monotonic()
    async with Wire(url) as idle:

        async def leave() -> None:
            while not idle.socket.closed:
                await idle.send("41")
                await asyncio.sleep(0.05)

        leaving = asyncio.create_task(leave())
        await idle.closed()
        leaving.cancel()
        await asyncio.wait({leaving})
    assert time.monotonic() - begun < 2


async def test_connecting_twice_closes_the_connection(wire: Wire) -> None:
    await wire.send("40")
    await wire.closed()


async def test_connecting_twice_to_another_namespace_closes_the_connection(wire: Wire) -> None:
    await enter(wire, "40/custom,")
    await wire.send("40/custom,")
    await wire.closed()


async def test_only_a_server_refuses_a_connection(wire: Wire) -> None:
    await wire.send('44{"message":"no"}')
    await wire.closed()


# Disconnecting


async def test_who_leaves_the_main_namespace_still_has_a_connection(wire: Wire) -> None:
    await wire.send("41")
    assert await wire.raw_frame() == "2"
    await wire.send("3")
    assert (await enter(wire, "40"))[1] == '42["auth",{}]'


async def test_who_leaves_one_namespace_stays_in_the_other(wire: Wire) -> None:
    await enter(wire, "40/custom")
    await wire.send("41/custom")
    await wire.send('42["message","message to main namespace"]')
    assert await wire.frame() == '42["message-back","message to main namespace"]'


async def test_an_event_of_a_namespace_that_was_left_closes_the_connection(wire: Wire) -> None:
    await enter(wire, "40/custom")
    await wire.send("41/custom,")
    await wire.send('42/custom,["message"]')
    await wire.closed()


async def test_a_namespace_that_was_left_can_be_entered_again(wire: Wire) -> None:
    for _ in range(3):
        await wire.send("41")
        await enter(wire, "40")
    await wire.send('42["message"]')
    assert await wire.frame() == '42["message-back"]'


# Events and acknowledgements


CARRIED = {
    "values of every kind": '1,"2",{"3":[true]}',
    "nothing": "",
    "null": "null",
    "numbers": "-1,0.5,9007199254740993,1e3",
    "a null character": r'"\u0000"',
    "digits at the front": '"0123"',
    "what looks like a packet": '"42[\\"message\\"]","/custom,"',
    "what looks like an attachment": '{"_placeholder":true,"num":0}',
}


@pytest.mark.parametrize("carried", CARRIED.values(), ids=CARRIED)
@pytest.mark.parametrize("at", ["", "/custom,"])
async def test_an_event_carries_json(wire: Wire, carried: str, at: str) -> None:
    if at:
        await enter(wire, "40/custom,")
    comma = "," if carried else ""
    await wire.send(f'42{at}["message"{comma}{carried}]')
    frame = await wire.frame()
    assert frame.startswith(f"42{at}[")
    expected = json.loads(f'["message-back"{comma}{carried}]')
    assert json.loads(frame.removeprefix(f"42{at}")) == expected


@pytest.mark.parametrize("at", ["", "/custom,"])
@pytest.mark.parametrize("number", ["0", "1", "456", "9007199254740993", "9" * 100])
async def test_an_event_is_acknowledged_under_its_number(wire: Wire, number: str, at: str) -> None:
    if at:
        await enter(wire, "40/custom,")
    await wire.send(f'42{at}{number}["message-with-ack",1,"2",{{"3":[false]}}]')
    assert await wire.frame() == f'43{at}{number}[1,"2",{{"3":[false]}}]'


async def test_acknowledgements_come_in_the_order_of_their_events(wire: Wire) -> None:
    for number in range(200):
        await wire.send(f'42{number}["message-with-ack"]')
    assert [await wire.frame() for _ in range(200)] == [f"43{number}[]" for number in range(200)]


async def test_an_acknowledgement_nobody_asked_for_is_passed_over(wire: Wire) -> None:
    for packet in ("430[]", '437["x"]', "43[]", f"43{'9' * 50}[]"):
        await wire.send(packet)
    await wire.send('42["message"]')
    assert await wire.frame() == '42["message-back"]'


async def test_the_same_number_may_be_used_again(wire: Wire) -> None:
    for _ in range(3):
        await wire.send('427["message-with-ack"]')
        assert await wire.frame() == "437[]"


MALFORMED = {
    "an unknown type": "4abc",
    "an object": "42{}",
    "a text": '42"message"',
    "nothing": "42",
    "an empty list": "42[]",
    "named by a number": '42[1,"message"]',
    "named by nothing": "42[null]",
    "a number that is none": '42abc["message-with-ack",1,"2",{"3":[false]}]',
    "a negative number": '42-1["message"]',
    "an endless number": f'42{"1" * 101}["message"]',
    "broken JSON": '42["message"',
    "two values": '42["message"]["message"]',
    "not a number": '42["message",NaNs]',
    "nested too deeply": "42" + "[" * 10_000 + "]" * 10_000,
    "objects nested too deeply": "42" + '["message",' + '{"a":' * 8_000 + "1" + "}" * 8_000 + "]",
    "a namespace never connected to": '42/custom,["message"]',
    "an unknown namespace": '42/random,["message"]',
    "a binary event": f'452-["message",{PLACEHOLDERS}]',
    "a binary event with an acknowledgement": f'452-789["message-with-ack",{PLACEHOLDERS}]',
    "a binary event without attachments": '450-["message"]',
    "1,000 attachments": '451000-["message"]',
    "endless attachments": f'45{"9" * 60}-["message"]',
    "a binary acknowledgement": f"462-789[{PLACEHOLDERS}]",
}


@pytest.mark.parametrize("packet", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_packet_closes_the_connection(wire: Wire, url: str, packet: str) -> None:
    await wire.send(packet)
    await wire.closed()
    async with Wire(url) as other:
        await enter(other, "40")


async def test_the_main_namespaces_heartbeat_is_the_connections(wire: Wire) -> None:
    await enter(wire, "40/custom,")
    await wire.send("41")
    assert await wire.raw_frame() == "2"
    await wire.send("3")
    assert wire.handshake["pingInterval"] == PING_S * 1000
    await wire.send('42/custom,["message"]')
    assert await wire.frame() == '42/custom,["message-back"]'
