"""Whatever a socket sends, the gateway goes on for everybody else and keeps nothing of it.

A short form: the larger counts are rows of the fault bench.
"""

from __future__ import annotations

import asyncio
import gc
import json
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.faultbench.hostile_frames import foreign_origins, fuzzed_frames, reserved_events
from conversation.errors import Refused
from gateway import payload, transport
from gateway.client import Client
from gateway.unread import Unread
from tests.gateway.house import House
from tests.gateway.people import new_id
from tests.gateway.wire import Wire

MIB = 1024 * 1024
NAMESPACES = ("/customer", "/staff")


async def entered(house: House, namespace: str) -> Wire:
    """A socket in a namespace."""
    wire = await house.wire()
    auth = {"token": await house.sign_in("Sam")} if namespace == "/staff" else {}
    await wire.connect(namespace, auth)
    return wire


async def survives(wire: Wire, namespace: str, frame: str) -> bool:
    """Send a frame; whether its socket still answers, and answers in order."""
    await wire.send(frame)
    await wire.send(f'42{namespace},424242["nothing of the kind"]')
    return await wire.answers(f"43{namespace},424242[")


def resident_bytes() -> int:
    """What this process, which the gateway is part of, holds of the machine's memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def kept(kind: type) -> int:
    """How many objects of a kind are alive."""
    gc.collect()
    return sum(isinstance(thing, kind) for thing in gc.get_objects())


# Events


@pytest.mark.parametrize("namespace", NAMESPACES)
async def test_100_forms_of_reserved_events_are_bad_requests(house: House, namespace: str) -> None:
    wire = await entered(house, namespace)
    forms = reserved_events(namespace)
    assert len(set(forms)) == 100
    for frame in forms:
        await wire.send(frame)
        if frame.startswith(f"42{namespace},9["):
            answer = await wire.ack(namespace, 9)
            assert (answer["ok"], answer["error"]["code"]) == (False, "bad_request")
    assert (await wire.ask(namespace, "sync", {}))["ok"]
    assert await house.store.reads.keys("*:log") == []


async def test_an_event_that_its_namespace_has_not_is_no_method(house: House) -> None:
    wire = await entered(house, "/customer")
    for name in ("__init__", "__class__", "start", "send", "heed", "customers", "_commit", "close"):
        answer = await wire.ask("/customer", name, {})
        assert answer["error"]["code"] == "bad_request"


VALUES: list[object] = [
    None,
    True,
    7,
    -1,
    0.5,
    2**70,
    "",
    "text",
    "\0",
    [],
    [[]],
    {"a": {}},
    "x" * 60_000,
]
COMMANDS = {
    "say": ("id", "text", "new"),
    "ask_human": ("id", "reason"),
    "withdraw": ("hold",),
    "sync": ("after",),
    "typing": ("on",),
    "seen": ("seq",),
}


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_field_may_hold_anything(house: House, command: str) -> None:
    wire = await entered(house, "/customer")
    await wire.ask("/customer", "say", {"id": new_id(), "text": "hello"})
    whole = {"id": new_id(), "text": "hello", "on": True, "seq": 1, "hold": "h_1"}
    for field in COMMANDS[command]:
        for value in VALUES:
            answer = await wire.ask("/customer", command, whole | {field: value, "id": new_id()})
            if not answer["ok"]:
                assert answer["error"]["code"] in ("bad_request", "too_large", "not_found")


async def test_half_a_character_is_refused_and_a_null_character_kept(house: House) -> None:
    wire = await entered(house, "/customer")
    for text in (r"\ud83d", r"a\udc00", r"\ud83d\ud83d"):
        await wire.send(f'42/customer,1["say",{{"id":"{new_id()}","text":"{text}"}}]')
        assert (await wire.ack("/customer", 1))["error"]["code"] == "bad_request"
    for field in ("hold", "reason", "id"):
        await wire.send(f'42/customer,1["ask_human",{{"{field}":"\\udc00"}}]')
        await wire.ack("/customer", 1)
    answer = await wire.ask("/customer", "say", {"id": new_id(), "text": "a\0b"})
    (said,) = [e for e in await house.log.read(answer["conversation"]) if e.type == "customer_said"]
    assert said.data.text == "a\0b"  # type: ignore[attr-defined]


async def test_deep_json_is_refused_in_its_place(house: House) -> None:
    bystander = await house.customer()
    for depth, whole in ((100, True), (10_000, False), (30_000, False)):
        for opened, closed in (("[", "]"), ('{"a":', "}")):
            deep = (opened * depth + "1" + closed * depth)[:60_000]
            wire = await entered(house, "/customer")
            alive = await survives(wire, "/customer", f'42/customer,["sync",{{"after":{deep}}}]')
            assert alive == whole
    await bystander.say()


async def test_1000_attachments_close_the_socket_that_declares_them(house: House) -> None:
    bystander = await house.customer()
    wire = await entered(house, "/customer")
    places = ",".join(f'{{"_placeholder":true,"num":{n}}}' for n in range(1_000))
    await wire.send(f'451000-/customer,1["say",{places}]')
    await wire.closed()
    await bystander.say()


async def test_numbers_without_end_are_answered_and_kept_by_nobody(house: House) -> None:
    wire = await entered(house, "/customer")
    for n in range(800):
        await wire.send(f'42/customer,{10**18 + n}["nonsense"]')
    for n in range(800):
        assert (await wire.ack("/customer", 10**18 + n))["error"]["code"] == "bad_request"


# Frames


@pytest.mark.parametrize("namespace", NAMESPACES)
async def test_fuzzed_frames_close_their_socket_or_are_passed_over(
    house: House, namespace: str
) -> None:
    bystander = await house.customer()
    sockets = kept(Unread)
    alive, wire, closed = True, await entered(house, namespace), 0
    for frame in islice(fuzzed_frames(namespace, seed=20_260_101), 300):
        if not alive:
            await wire.__aexit__()
            wire = await entered(house, namespace)
        alive = await survives(wire, namespace, frame)
        closed += not alive
    assert 100 < closed < 300
    await bystander.say()
    await wire.__aexit__()
    await house.calm(sockets=1)
    assert kept(Unread) <= sockets + 2
    assert kept(Client) <= 2


async def test_memory_stays_where_it_was_under_fuzzed_frames(house: House) -> None:
    frames = fuzzed_frames("/customer", seed=7)

    async def attack(times: int) -> int:
        for frame in islice(frames, times):
            wire = await entered(house, "/customer")
            await survives(wire, "/customer", frame)
            await wire.__aexit__()
        return resident_bytes()

    before = await attack(100)
    after = await attack(200)
    assert after - before < 32 * MIB


@settings(derandomize=True, max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames=st.lists(st.text(st.characters(codec="utf-8"), max_size=200), max_size=5))
async def test_any_text_is_survived(house: House, frames: list[str]) -> None:
    wire = await entered(house, "/customer")
    for frame in frames:
        await wire.send(frame)
    await wire.__aexit__()
    assert (await house.http.get(f"{house.url}/healthz")).status == 200


@settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    event=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
async def test_any_event_is_answered_or_closes_its_socket(house: House, event: object) -> None:
    wire = await entered(house, "/customer")
    await survives(wire, "/customer", f"42/customer,1{json.dumps(event)}")
    await wire.__aexit__()
    assert (await house.http.get(f"{house.url}/healthz")).status == 200


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@settings(derandomize=True)
@given(value=anything)
def test_a_field_is_read_or_refused(value: object) -> None:
    for read in (
        lambda given: payload.text_of(given, "field", at_most=10),
        lambda given: payload.number(given, "field"),
        lambda given: payload.flag(given, "field"),
        lambda given: payload.one_of(given, "field", ("a", "b")),
        lambda given: payload.uuid_of({"id": given["field"]}),
    ):
        with suppress(Refused):
            read({"field": value})


async def test_a_frame_that_declares_a_gigabyte_closes_before_it_is_read(house: House) -> None:
    before = resident_bytes()
    for _ in range(20):
        wire = await entered(house, "/customer")
        wire.write(b"\x81\xff" + (2**30).to_bytes(8, "big") + bytes(4) + b"4" * 70_000)
        assert await wire.closed() == 1009
    assert resident_bytes() - before < 16 * MIB


async def test_a_message_in_endless_fragments_closes_with_1009(house: House) -> None:
    wire = await entered(house, "/customer")
    piece = b"\xfe" + (30_000).to_bytes(2, "big") + bytes(4) + b"4" * 30_000
    wire.write(b"\x01" + piece + 3 * (b"\x00" + piece))
    assert await wire.closed() == 1009


# Who may open a socket


async def test_100_foreign_origins_are_refused(house: House) -> None:
    origins = foreign_origins("https://shop.example")
    assert len(set(origins)) == 100
    for origin in origins:
        with pytest.raises(WSServerHandshakeError) as refused:
            await house.wire(headers={"Origin": origin})
        assert refused.value.status == 403
    await house.wire(headers={"Origin": "https://shop.example"})


async def test_many_sockets_that_prove_nothing_are_closed_in_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CONNECT_WITHIN_S", 1.0)

    async def idle() -> None:
        await (await house.wire()).closed()

    async def refused() -> None:
        wire = await house.wire()
        await wire.send('40/staff,{"token":"forged"}')
        assert (await wire.refusal("/staff"))["message"] == "unauthorized"
        await wire.closed()

    await asyncio.gather(*(act() for act in (idle, refused) for _ in range(20)))
