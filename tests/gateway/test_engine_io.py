"""Engine.IO v4 over a websocket, from its specification: handshake, heartbeat, packets, close."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from tests.gateway.echo import PING_S, echoing
from tests.gateway.wire import PATH, Wire

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server that says back what it hears."""
    async with echoing() as url:
        yield url


@pytest.fixture
async def wire(url: str) -> AsyncIterator[Wire]:
    """An open session, in no namespace yet."""
    async with Wire(url) as wire:
        yield wire


async def stays_open(wire: Wire) -> None:
    """The session still answers."""
    await wire.send("40")
    assert (await wire.frame()).startswith('40{"sid":')


# Handshake


async def test_a_session_opens_with_what_the_client_must_know(wire: Wire) -> None:
    assert set(wire.handshake) == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
    assert isinstance(wire.handshake["sid"], str)
    assert wire.handshake["upgrades"] == []
    assert wire.handshake["pingInterval"] == PING_S * 1000
    assert wire.handshake["pingTimeout"] == PING_S * 1000
    assert wire.handshake["maxPayload"] == 64 * 1024


async def test_every_session_has_its_own_id(url: str) -> None:
    async with Wire(url) as one, Wire(url) as other:
        assert one.handshake["sid"] != other.handshake["sid"]


BAD_QUERIES = {
    "no version": "transport=websocket",
    "a version that is no number": "EIO=abc&transport=websocket",
    "version 3": "EIO=3&transport=websocket",
    "version 5": "EIO=5&transport=websocket",
    "two versions": "EIO=4&EIO=3&transport=websocket",
    "no transport": "EIO=4",
    "an unknown transport": "EIO=4&transport=abc",
    "a transport that begins alike": "EIO=4&transport=websockets",
    "webtransport": "EIO=4&transport=webtransport",
    "long polling": "EIO=4&transport=polling",
    "long polling by script": "EIO=4&transport=polling&j=0",
    "a script number that is none": "EIO=4&transport=websocket&j=x",
    "a session nobody opened": "EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAAAAAA",
    "nothing": "",
}


@pytest.mark.parametrize("query", BAD_QUERIES.values(), ids=BAD_QUERIES)
async def test_a_handshake_with_bad_parameters_is_refused(url: str, query: str) -> None:
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError) as refused:
            await session.ws_connect(f"{url}/socket.io/?{query}")
    assert refused.value.status == 400


async def test_a_websocket_is_asked_for_as_one(url: str) -> None:
    async with ClientSession() as session:
        answer = await session.get(url + PATH)
    assert answer.status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD"])
async def test_a_session_opens_by_no_other_method(url: str, method: str) -> None:
    async with ClientSession() as session:
        answer = await session.request(method, url + PATH, headers=UPGRADE)
    assert answer.status in (400, 405)


@pytest.mark.parametrize("transport", ["polling", "websocket"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_requests_with_the_id_of_an_open_session_do_not_reach_it(
    url: str, wire: Wire, method: str, transport: str
) -> None:
    stolen = f"{url}/socket.io/?EIO=4&transport={transport}&sid={wire.handshake['sid']}"
    async with ClientSession() as session:
        answer = await session.request(method, stolen, data=b"41" if method == "POST" else None)
    assert answer.status == 400
    await stays_open(wire)


async def test_a_second_websocket_with_the_id_of_an_open_session_is_refused(
    url: str, wire: Wire
) -> None:
    stolen = f"{url}{PATH}&sid={wire.handshake['sid']}"
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError) as refused:
            await session.ws_connect(stolen)
    assert refused.value.status == 400
    await stays_open(wire)


# Heartbeat


async def test_the_server_pings_and_a_client_that_pongs_stays(wire: Wire) -> None:
    await wire.send("40")
    assert (await wire.raw_frame()).startswith("40")
    assert await wire.raw_frame() == '42["auth",{}]'
    begun = time.monotonic()
    for n in (1, 2, 3):
        assert await wire.raw_frame() == "2"
        assert time.monotonic() - begun > 0.9 * n * PING_S
        await wire.send("3")


async def test_a_client_that_does_not_pong_is_closed(wire: Wire) -> None:
    await wire.send("40")
    begun = time.monotonic()
    await wire.closed()
    assert PING_S <= time.monotonic() - begun <= 3 * PING_S + 1


async def test_pongs_nobody_asked_for_are_passed_over(wire: Wire) -> None:
    for _ in range(100):
        await wire.send("3")
    await wire.send("3probe")
    await stays_open(wire)


# Packets


async def test_a_client_may_close_its_session(wire: Wire) -> None:
    await wire.send("1")
    await wire.closed()


NOT_FOR_CLIENTS = {
    "open": '0{"sid":"x"}',
    "ping": "2",
    "probe": "2probe",
    "upgrade": "5",
    "noop": "6",
    "unknown": "7",
    "no type": "abc",
    "base64": "bAQIDBA==",
    "empty": "",
    "white space": " 40",
    "a null character": "\0",
    "several packets at once": "40\x1e40/custom,",
    "a payload of version 3": "2:40",
}


@pytest.mark.parametrize("packet", NOT_FOR_CLIENTS.values(), ids=NOT_FOR_CLIENTS)
async def test_a_packet_that_clients_do_not_send_closes_the_session(
    wire: Wire, packet: str
) -> None:
    await wire.send(packet)
    await wire.closed()


async def test_a_binary_frame_closes_the_session(wire: Wire) -> None:
    await wire.socket.send_bytes(bytes([1, 2, 3, 4]))
    await wire.closed()


async def test_a_text_that_is_not_utf_8_closes_the_session_with_1007(wire: Wire) -> None:
    wire.write(b"\x81\x82" + bytes(4) + b"4\xff")
    assert await wire.closed() == 1007


async def test_a_message_comes_whole_from_its_fragments(wire: Wire) -> None:
    await wire.send("40")
    await wire.frame()
    await wire.frame()
    masked = bytes(4)
    wire.write(b"\x01\x87" + masked + b'42["mes' + b"\x80\x87" + masked + b'sage"] ')
    assert await wire.frame() == '42["message-back"]'


async def test_many_sessions_are_told_apart(url: str) -> None:
    async def converse(n: int) -> str:
        async with Wire(url) as wire:
            await wire.send(f'40{{"n":{n}}}')
            await wire.frame()
            return await wire.frame()

    heard = await asyncio.gather(*map(converse, range(20)))
    assert heard == [f'42["auth",{{"n":{n}}}]' for n in range(20)]
