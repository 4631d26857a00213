"""Clients whose connections break, who come back all at once, who leave, and who never read."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from uuid import uuid4

from bench.faultbench.history import Said
from bench.faultbench.house import House
from bench.faultbench.model import PIECE_S, Answer, Asked
from bench.faultbench.people import Customer
from bench.faultbench.scenario import Verdict, row
from conversation import events as ev

CLOSED_WITHIN_S = 1.0
DEAF_WITHIN_S = 5.0
LOGGED_WITHIN_S = 10.0
LOOK_EVERY_S = 0.005
AT_ONCE = 10
ARRIVE_TOGETHER = 100
RETURNS_WITHIN_S = 180.0
RETURNING = {"quick": 100, "usual": 2000, "full": 2000}
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing sends a reset."""


async def endless(_asked: Asked, answer: Answer) -> None:
    """`endless`: a reply that goes on until nobody listens."""
    while True:
        await answer.text("word ")
        await asyncio.sleep(PIECE_S)


@row("connection reset in mid-send", full=1_000, batch=50, group="calm")
async def reset_in_mid_send(house: House, times: int) -> Verdict:
    """Half a frame arrives; the message is sent again with its id."""
    customers = await _talking(house, min(times, AT_ONCE))

    async def play(customer: Customer, often: int) -> None:
        for _ in range(often):
            said = _written(customer)
            frame = _frame(f'42/customer,9["say",{{"id":"{said.id}","text":"{said.text}"}}]')
            customer.transport.write(frame[: len(frame) // 2])
            _break(customer)
            await customer.come_back()
            await customer.send(said)

    await asyncio.gather(*(play(*share) for share in _shares(customers, times)))
    return Verdict(times)


@row("acknowledgement lost, message sent again with its id", full=1_000, batch=50, group="calm")
async def acknowledgement_lost(house: House, times: int) -> Verdict:
    """The message is in the log and its sender never hears of it."""
    customers = await _talking(house, min(times, AT_ONCE))

    async def play(customer: Customer, often: int) -> list[str]:
        return [await _lose_and_repeat(house, customer) for _ in range(often)]

    found = await asyncio.gather(*(play(*share) for share in _shares(customers, times)))
    return Verdict(times, [finding for some in found for finding in some if finding])


async def _lose_and_repeat(house: House, customer: Customer) -> str:
    said = _written(customer)
    known = (await house.log.head(customer.conversation)).seq
    customer.transport.pause_reading()
    frame = _frame(f'42/customer,9["say",{{"id":"{said.id}","text":"{said.text}"}}]')
    customer.transport.write(frame)
    seq = await _logged(house, customer.conversation, said, after=known)
    _break(customer)
    await customer.come_back()
    again = await customer.send(said)
    return "" if again == seq else f"logged at seq {seq}, acknowledged at {again}"


async def _logged(house: House, conversation: str, said: Said, *, after: int) -> int:
    """Wait until a message is in the log; its seq. Raises TimeoutError."""
    async with asyncio.timeout(LOGGED_WITHIN_S):
        while True:
            for event in await house.log.read(conversation, after):
                if isinstance(event.data, ev.CustomerSaid) and event.data.id == said.id:
                    return event.seq
            await asyncio.sleep(LOOK_EVERY_S)


@row(
    "2,000 clients reconnect at once: all resumed",
    full=1,
    short=f"{RETURNING['quick']} clients",
)
async def reconnect_at_once(house: House, _times: int) -> Verdict:
    """Every gateway dies and comes back, and with it everybody who was connected."""
    customers = await _let_in(house, RETURNING[house.effort])
    await asyncio.gather(*(gateway.kill() for gateway in house.gateways))
    await asyncio.gather(*(gateway.start() for gateway in house.gateways))
    began = time.monotonic()

    async def back(customer: Customer) -> float:
        await customer.until(lambda: not customer.connected)
        try:
            await customer.come_back(within_s=RETURNS_WITHIN_S)
        except TimeoutError:
            return 0.0
        return time.monotonic() - began

    after_s = await asyncio.gather(*map(back, customers))
    lost = sum(not took_s for took_s in after_s)
    found = [f"{lost} of {len(customers)} did not come back"] if lost else []
    return Verdict(1, found, {"all back after s": after_s, "clients": [len(customers)]})


@row(
    "customer leaves in mid-stream: the model's stream is closed within 1 s",
    full=200,
    batch=20,
    group="calm",
)
async def leaves_in_mid_stream(house: House, times: int) -> Verdict:
    """The conversation is closed by `leave` while the model is answering."""
    house.model.plays["endless"] = endless

    async def one() -> tuple[float, float]:
        customer = await house.customer()
        customer.keeps_deltas = True
        await customer.say("endless")
        await customer.until(lambda: customer.deltas)
        began = time.monotonic()
        await customer.do("leave")
        left_s = time.monotonic() - began
        asked = await house.model.until(customer.conversation, lambda asked: asked[-1].ended)
        return left_s, asked[-1].left_at - began

    left_s, closed_s = zip(*await asyncio.gather(*(one() for _ in range(times))), strict=True)
    late = [f"closed after {after_s:.1f} s" for after_s in closed_s if after_s > CLOSED_WITHIN_S]
    return Verdict(times, late, {"left after s": left_s, "closed after s": closed_s})


@row("pub/sub clients killed: nobody is deaf for 5 s", full=100)
async def pubsub_killed(house: House, _times: int) -> Verdict:
    """Redis drops every subscription; a message is heard by the other tab, on another gateway."""
    customers = await _talking(house, AT_ONCE)
    tabs = await asyncio.gather(
        *(house.customer(gateway=1, sub=customer.sub) for customer in customers)
    )
    await asyncio.gather(*(tab.event("assistant_said") for tab in tabs))
    await house.store.writes.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    began = time.monotonic()

    async def deaf_s(customer: Customer, tab: Customer) -> float:
        seq = await customer.say("chat 1")
        await tab.event("assistant_said", after=seq)
        return time.monotonic() - began

    after_s = await asyncio.gather(*map(deaf_s, customers, tabs))
    late = [f"heard after {max(after_s):.1f} s"] if max(after_s) > DEAF_WITHIN_S else []
    return Verdict(1, late, {"heard after s": after_s})


async def _let_in(house: House, number: int) -> list[Customer]:
    """Customers in a conversation; they come little by little."""
    customers: list[Customer] = []
    while len(customers) < number:
        some = await house.customers(min(ARRIVE_TOGETHER, number - len(customers)))
        await asyncio.gather(*(customer.say("chat 1") for customer in some))
        customers += some
    return customers


async def _talking(house: House, number: int) -> list[Customer]:
    """Customers who have been answered once."""
    customers = await house.customers(number)

    async def begin(customer: Customer) -> None:
        await customer.answered(await customer.say("chat 1"))

    await asyncio.gather(*map(begin, customers))
    return customers


def _shares(customers: list[Customer], times: int) -> list[tuple[Customer, int]]:
    """So many times among customers, as evenly as it goes."""
    each, more = divmod(times, len(customers))
    return [(customer, each + (n < more)) for n, customer in enumerate(customers)]


def _written(customer: Customer) -> Said:
    said = Said(str(uuid4()), "chat 1")
    customer.record.said.append(said)
    return said


def _frame(packet: str) -> bytes:
    """A websocket text frame as a client sends it, with the Engine.IO packet `packet`."""
    body, mask = packet.encode(), b"\x01\x02\x03\x04"
    size = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + struct.pack(">H", len(body))
    return b"\x81" + size + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(body))


def _break(customer: Customer) -> None:
    """Reset the connection; what came and was not read is lost."""
    raw: socket.socket = customer.transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    customer.reset()
