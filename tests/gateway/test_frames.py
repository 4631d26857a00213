from __future__ import annotations

import asyncio
import json

import pytest

from gateway import transport
from tests.gateway.house import House
from tests.gateway.people import new_id
from tests.gateway.wire import Wire, ignore_answers

FRAME_BYTES = 64 * 1024
MALFORMED = {
    "empty": "",
    "no packet type": "x",
    "unknown packet type": "9",
    "an upgrade nobody offered": "5",
    "no message": "4",
    "unknown message type": "47",
    "message that is no text": "4true",
    "message without content": "4null",
    "broken JSON": '42/customer,["say",{',
    "event without content": "42/customer,",
    "event without a name": "42/customer,[]",
    "event named by a number": "42/customer,[1,{}]",
    "event that is an object": '42/customer,{"say":{}}',
    "event that is a text": '42/customer,"say"',
    "event of a namespace never connected to": '42/staff,["sync",{}]',
    "event of the default namespace": '42["sync",{}]',
    "acknowledgement with an endless number": "42/customer," + "1" * 200 + '["sync",{}]',
    "nested too deeply": "42/customer," + "[" * 30_000,
    "a refusal from a client": '44/customer,{"message":"no"}',
    "binary event": '451-/customer,["say",{"_placeholder":true,"num":0}]',
    "binary event without attachments": '450-/customer,["say",{}]',
    "binary acknowledgement": '461-/customer,1[{"_placeholder":true,"num":0}]',
    "binary in base64": "bAAAA",
}


async def sockets_of(house: House) -> int:
    """How many clients the gateway counts."""
    answer = await house.http.get(f"{house.url}/metrics")
    lines = (await answer.text()).splitlines()
    return int(float(next(line for line in lines if line.startswith("handrail_sockets "))[17:]))


@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_frame_closes_its_socket(house: House, frame: str) -> None:
    bystander = await house.customer()
    wire = await house.wire()
    await wire.connect("/customer")
    assert await sockets_of(house) == 2
    await wire.send(frame)
    await wire.closed()
    assert await sockets_of(house) == 1
    await bystander.say()


async def test_a_binary_frame_closes_its_socket(house: House) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    await wire.socket.send_bytes(b"\x04\x00")
    await wire.closed()
    assert await sockets_of(house) == 0


async def test_what_follows_a_malformed_frame_is_not_carried_out(house: House) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    await wire.send("47")
    await wire.send(f"42/customer,1{json.dumps(['say', {'id': new_id(), 'text': 'hello'}])}")
    await wire.send("40/customer,{}")
    await wire.closed()
    assert await sockets_of(house) == 0
    assert await house.store.reads.keys("*:log") == []


async def test_a_malformed_frame_before_any_connect_closes_the_socket(house: House) -> None:
    wire = await house.wire()
    await wire.send('42/customer,["sync",{}]')
    await wire.closed()


async def test_a_frame_of_64_kib_is_read_and_a_larger_one_closes_with_1009(house: House) -> None:
    head, tail = '42/customer,7["sync",{"filler":"', '"}]'
    filler = "x" * (FRAME_BYTES - len(head) - len(tail))
    wire = await house.wire()
    await wire.connect("/customer")
    await wire.send(head + filler + tail)
    assert (await wire.ack("/customer", 7))["ok"]
    await wire.send(head + filler + "x" + tail)
    assert await wire.closed() == 1009


async def test_a_client_that_does_not_read_is_hung_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "UNREAD_BYTES", 200_000)
    monkeypatch.setattr(transport, "CLOSE_WITHIN_S", 0.1)
    wire = await house.wire()
    await wire.connect("/customer")
    await ignore_answers(wire, 200)
    async with asyncio.timeout(10):
        while await sockets_of(house):
            pass
    await wire.closed()


async def test_frames_are_not_compressed(house: House) -> None:
    wire = await house.wire(compress=15)
    assert wire.socket.compress == 0


async def test_long_polling_is_not_offered(house: House) -> None:
    answer = await house.http.get(f"{house.url}/socket.io/?EIO=4&transport=polling")
    assert answer.status == 400


async def test_a_socket_that_never_connects_is_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN_S", 0.05)
    silent = await house.wire()
    await silent.closed()


async def test_a_socket_that_is_refused_and_stays_is_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN_S", 1.0)
    refused = await house.wire()
    await refused.send("40/staff,{}")
    assert (await refused.refusal("/staff"))["message"] == "unauthorized"
    await refused.closed()


async def test_a_socket_that_leaves_its_namespace_and_stays_is_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = await house.wire()
    await left.connect("/customer")
    monkeypatch.setattr(transport, "CONNECT_WITHIN_S", 0.05)
    await left.send("41/customer,")
    await left.closed()


async def test_a_socket_that_connects_in_time_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN_S", 1.0)
    wire, silent = await house.wire(), await house.wire()
    await wire.connect("/customer")
    await silent.closed()
    assert (await wire.ask("/customer", "sync", {}))["ok"]


async def test_connecting_twice_to_a_namespace_closes_the_socket(house: House) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    await wire.send("40/customer,{}")
    await wire.closed()
    assert await sockets_of(house) == 0


@pytest.mark.parametrize("namespace", ["/", "/admin", "/customers"])
async def test_an_unknown_namespace_is_refused(house: House, namespace: str) -> None:
    wire = await house.wire()
    await wire.send("40" if namespace == "/" else f"40{namespace},")
    frame = await wire.frame()
    refusal = json.loads(frame[frame.index("{") :])
    assert frame.startswith("44")
    assert refusal["message"] == "not_found"
    assert refusal["data"]["code"] == "not_found"
    await wire.connect("/customer")


async def test_one_socket_may_carry_both_namespaces(house: House) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    await wire.connect("/staff", {"token": await house.sign_in("Sam")})
    assert (await wire.ask("/customer", "sync", {}))["ok"]
    assert (await wire.ask("/staff", "sync", {}))["ok"]


async def test_one_socket_can_try_again_after_a_refusal(house: House) -> None:
    wire = await house.wire()
    await wire.send('40/customer,{"token":"nonsense"}')
    assert (await wire.refusal("/customer"))["message"] == "unauthorized"
    await wire.connect("/customer")


UNKNOWN = ["connect", "disconnect", "connect_error", "nonsense", "handle", "_say", "", "accept"]


@pytest.mark.parametrize("name", UNKNOWN)
async def test_an_event_customers_have_not_is_a_bad_request(house: House, name: str) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    await forget(wire, "/customer", name)


@pytest.mark.parametrize("name", ["connect", "disconnect", "withdraw", "ask_human", "leave", ""])
async def test_an_event_staff_have_not_is_a_bad_request(house: House, name: str) -> None:
    wire = await house.wire()
    await wire.connect("/staff", {"token": await house.sign_in("Sam")})
    await forget(wire, "/staff", name)


LATER = {
    "/customer": ["rate", "contact", "leave_line"],
    "/staff": [
        "decline", "transfer", "reassign", "label", "review", "redact", "tag", "follow_up",
        "audit", "consult", "whisper",
    ],
}  # fmt: skip


@pytest.mark.parametrize("namespace", LATER)
async def test_events_that_are_not_built_are_bad_requests(house: House, namespace: str) -> None:
    auth = {} if namespace == "/customer" else {"token": await house.sign_in("Dana")}
    wire = await house.wire()
    await wire.connect(namespace, auth)
    for name in LATER[namespace]:
        await forget(wire, namespace, name)


async def forget(wire: Wire, namespace: str, name: str) -> None:
    """Send an event the server does not take, with and without asking for an acknowledgement."""
    await wire.send(f"42{namespace},{json.dumps([name, {}])}")
    answer = await wire.ask(namespace, name, {})
    assert answer["ok"] is False
    assert answer["error"]["code"] == "bad_request"
    assert (await wire.ask(namespace, "sync", {}))["ok"]


@pytest.mark.parametrize("payloads", [[None], ["text"], [7], [[]], [{}, {}], [True]])
async def test_an_event_carries_one_object(house: House, payloads: list[object]) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    answer = await wire.ask("/customer", "sync", *payloads)
    assert answer["error"]["code"] == "bad_request"


async def test_a_forged_connect_event_changes_nobody(house: House) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
    own = await wire.ask("/customer", "say", {"id": new_id(), "text": "mine"})
    stranger = await house.customer()
    theirs = await stranger.say("theirs")
    forged = {"token": None, "resume": theirs["resume"]}
    answer = await wire.ask("/customer", "connect", forged)
    assert answer["error"]["code"] == "bad_request"
    state = (await wire.ask("/customer", "sync", {}))["state"]
    assert state["conversation"] == own["conversation"]
