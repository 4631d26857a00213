"""Clients who stop reading what they are sent."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from bench.faultbench.house import House
from bench.faultbench.people import Customer
from bench.faultbench.process import Serve
from bench.faultbench.scenario import Verdict, row

TEXT = "\N{SLIGHTLY SMILING FACE}" * 5_000
MESSAGES = 500
"""Some 10 MB in all, for each who does not read."""
RECEIVES = 64 * 1024
"""Bytes the kernel keeps for a client that does not read."""
MIB_A_READER = 4.0
MIB_ANYWAY = 24.0
"""What the gateway's memory may grow by for other reasons meanwhile."""
GONE_WITHIN_S = 10.0


@row("slow reader: memory bounded, then disconnected", full=50, batch=10)
async def slow_reader(house: House, times: int) -> Verdict:
    """Tabs that stop reading a conversation in which much is said come back and have all of it."""
    talker = await house.customer()
    await talker.ask_human()
    gateway, tabs = house.gateways[1], await _not_reading(house, talker, times)
    before_mib = _memory_mib(gateway)
    for _ in range(MESSAGES):
        await talker.say(TEXT)
    grown_mib = _memory_mib(gateway) - before_mib
    for tab in tabs:
        tab.transport.resume_reading()
    found = [finding for finding in await asyncio.gather(*map(_shown_out, tabs)) if finding]
    if grown_mib > MIB_ANYWAY + MIB_A_READER * times:
        found.append(f"the gateway's memory grew by {grown_mib:.0f} MiB for {times} readers")
    return Verdict(times, found, {"grown by MiB a reader": [max(0.0, grown_mib) / times]})


async def _not_reading(house: House, talker: Customer, number: int) -> list[Customer]:
    """More tabs of a customer, on the second gateway, that stop reading."""
    tabs = await asyncio.gather(*(house.customer(gateway=1, sub=talker.sub) for _ in range(number)))
    for tab in tabs:
        await tab.event("owner_changed")
        raw: socket.socket = tab.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVES)
        tab.transport.pause_reading()
    return tabs


async def _shown_out(tab: Customer) -> str:
    """Whether a tab that reads again finds itself disconnected; then it comes back."""
    try:
        await tab.until(lambda: not tab.connected, within_s=GONE_WITHIN_S)
    except TimeoutError:
        return "it was not disconnected"
    await tab.come_back()
    return ""


def _memory_mib(process: Serve) -> float:
    """The memory a process has in use."""
    status = Path(f"/proc/{process.pid}/status").read_text("utf-8").splitlines()
    (line,) = (line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
