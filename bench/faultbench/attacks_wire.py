"""Attacks on the wire: what may be sent that nobody well-behaved sends, and by whom.

After each the gateways must be the processes they were, have failed at nothing they had to tell of,
and have kept no more memory than they may.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from uuid import uuid4

from aiohttp import WSServerHandshakeError

from bench.faultbench.hostile_frames import foreign_origins, fuzzed_frames, reserved_events
from bench.faultbench.house import PASSWORD, House
from bench.faultbench.people import Customer
from bench.faultbench.raw_wire import PATH, Json, Wire
from bench.faultbench.scenario import Verdict, row
from gateway import accounts
from gateway.customer import CustomerConnection
from gateway.staff import StaffConnection

NAMESPACES = ("/customer", "/staff")
AT_ONCE = 8
MEMORY_MIB = 160.0
"""How much more memory a gateway may hold when an attack is over; the load goes on meanwhile.

Two passwords being verified, which rows that run beside this one may send, take 128 of them.
"""
CLOSED_WITHIN_S = 5.0
DEPTH = 10_000
ATTACHMENTS = 1_000
FAILED = (b"_failed", b"Traceback")
"""How a gateway's log tells of what it could not do."""


# Frames


@row(
    "reserved Socket.IO events, 100 forms in each namespace",
    full=100,
    quick=20,
    batch=100,
    group="wire",
)
async def reserved(house: House, times: int) -> Verdict:
    """Each form is refused when it asks for an answer, and changes nothing when it does not."""
    auths = await _auths(house)

    async def attack(findings: list[str]) -> None:
        for namespace in NAMESPACES:
            forms = reserved_events(namespace)
            async with Wire(house.url, house.http) as wire:
                await wire.enter(namespace, auths[namespace])
                findings += [
                    f"a reserved event closed its socket in {namespace}"
                    for frame in forms[:: len(forms) // times]
                    if not await wire.survives(namespace, frame)
                ]
                answers = [one for one in wire.heard if one.startswith(f"43{namespace},9[")]
                asked = [one for one in forms if one.startswith(f"42{namespace},9[")]
                if times == len(forms) and len(answers) != len(asked):
                    findings.append(f"{len(answers)} answers to {len(asked)} events")
                if any('"code":"bad_request"' not in answer for answer in answers):
                    findings.append(f"a reserved event was carried out in {namespace}")

    return await _attacked(house, times, attack)


@row("fuzzed frames: 0 crashes, memory bounded", full=100_000, quick=400, batch=2_000, group="wire")
async def fuzzed(house: House, times: int) -> Verdict:
    """Every frame closes its own socket or is passed over; the gateway answers what follows."""
    seed, auths = time.time_ns(), await _auths(house)

    async def attack(findings: list[str]) -> None:
        async with asyncio.TaskGroup() as group:
            for n in range(AT_ONCE):
                share = times // AT_ONCE + (n < times % AT_ONCE)
                group.create_task(_fuzz(house, seed + n, share, auths, findings))

    return await _attacked(house, times, attack)


async def _fuzz(
    house: House, seed: int, times: int, auths: dict[str, Json], findings: list[str]
) -> None:
    namespace = NAMESPACES[seed % 2]
    url = house.gateways[seed // 2 % len(house.gateways)].url
    left = islice(fuzzed_frames(namespace, seed), times)
    frame = next(left, None)
    while frame is not None:
        async with Wire(url, house.http) as wire:
            if not await wire.enter(namespace, auths[namespace]):
                findings.append(f"nobody is let in to {namespace} any more")
                return
            alive = True
            while alive and frame is not None:
                try:
                    alive = await wire.survives(namespace, frame)
                except TimeoutError:
                    alive = False
                    findings.append(f"neither an answer nor an end, seed {seed}")
                frame = next(left, None)


@row(f"JSON nested {DEPTH:,} deep", full=100, quick=8, batch=50, group="wire")
async def deep_json(house: House, times: int) -> Verdict:
    """It closes its socket, wherever it stands in a packet."""
    lists = "[" * DEPTH + "]" * DEPTH
    objects = '{"a":' * DEPTH + "1" + "}" * DEPTH
    heads = ('42{}["sync",', '42{}7["sync",{{"after":', "40{}", "43{}7[", "41{}", "42{}")
    frames = [head.format("/customer,") + deep for head in heads for deep in (lists, objects)]

    async def attack(findings: list[str]) -> None:
        for n in range(times):
            async with Wire(house.url, house.http) as wire:
                await wire.enter("/customer", {})
                if await wire.survives("/customer", frames[n % len(frames)][:65_000]):
                    findings.append(f"a deep frame was passed over: {frames[n % len(frames)][:12]}")

    return await _attacked(house, times, attack)


@row(f"{ATTACHMENTS:,} binary attachments declared", full=100, quick=8, batch=50, group="wire")
async def attachments(house: House, times: int) -> Verdict:
    """The packet that declares them closes its socket; none of them is waited for."""
    places = ",".join(f'{{"_placeholder":true,"num":{n}}}' for n in range(ATTACHMENTS))

    async def attack(findings: list[str]) -> None:
        for n in range(times):
            kind = ("451000-/customer,7", "451000-/customer,", "461000-/customer,7")[n % 3]
            async with Wire(house.url, house.http) as wire:
                await wire.enter("/customer", {})
                await wire.send(f'{kind}["say",{places}]')
                if not await wire.closes(within_s=CLOSED_WITHIN_S):
                    findings.append("a packet with attachments was taken")

    return await _attacked(house, times, attack)


# Who may be there


@row("sockets that prove nothing are closed in 5 s", full=1_000, quick=50, batch=100, group="wire")
async def unauthenticated(house: House, times: int) -> Verdict:
    """Some are silent, some pong, some are refused and stay, some leave what they never entered."""
    openings: tuple[tuple[str, ...], ...] = (
        (),
        ("3", "3"),
        ('40/staff,{"token":"forged"}',),
        ('40/customer,{"resume":"forged"}', '40/staff,{"token":null}'),
        ("40/nothing,", "40"),
        ("41/customer,", "41"),
    )
    closed_after_s: list[float] = []

    async def one(n: int, findings: list[str]) -> None:
        url = house.gateways[n % len(house.gateways)].url
        async with Wire(url, house.http) as wire:
            opened_at = time.monotonic()
            for frame in openings[n % len(openings)]:
                await wire.send(frame)
            await wire.closes(within_s=2 * CLOSED_WITHIN_S)
            after_s = time.monotonic() - opened_at
        closed_after_s.append(after_s)
        if after_s > CLOSED_WITHIN_S:
            findings.append(f"a socket that proved nothing was kept for {after_s:.1f} s")

    async def attack(findings: list[str]) -> None:
        await asyncio.gather(*(one(n, findings) for n in range(times)))

    verdict = await _attacked(house, times, attack)
    return Verdict(times, verdict.findings, {**verdict.figures, "closed after s": closed_after_s})


@row("foreign Origins, 100 forms", full=100, quick=20, batch=100, group="wire")
async def origins(house: House, times: int) -> Verdict:
    """Each is refused at the handshake; none, and the house's own, are let in."""

    async def attack(findings: list[str]) -> None:
        forms = foreign_origins("https://shop.example")
        for origin in forms[:: len(forms) // times]:
            try:
                socket = await house.http.ws_connect(house.url + PATH, origin=origin)
            except WSServerHandshakeError as refused:
                if refused.status != 403:
                    findings.append(f"{refused.status} for a foreign Origin")
            else:
                await socket.close()
                findings.append(f"let in: {origin}")
        for own in (None, house.url):
            await (await house.http.ws_connect(house.url + PATH, origin=own)).close()

    return await _attacked(house, times, attack)


@row(
    "every event of every role on a foreign conversation: 0 leaks",
    full=1_200,
    quick=130,
    batch=400,
    group="wire",
)
async def foreign(house: House, times: int) -> Verdict:
    """Commands name somebody else's conversation and hold; nothing of it is shown or changed."""
    victim = await house.customer()
    await victim.say(f"refund {victim.order()} 60")
    (hold,) = await victim.hold("held")
    kim = await house.staff("kim")
    await kim.do("takeover", conversation=victim.conversation)
    roles = await _roles(house)
    commands = sorted(StaffConnection.commands | CustomerConnection.commands)
    cells = [(role, command) for command in commands for role in sorted(roles)]

    async def attack(findings: list[str]) -> None:
        wires: dict[str, Wire] = {}
        for n in range(times):
            role, command = cells[n % len(cells)]
            namespace, auth, any_conversation = roles[role]
            if role not in wires:
                wire = await Wire(house.url, house.http).__aenter__()
                if not await wire.enter(namespace, auth):
                    await wire.__aexit__()
                    continue
                wires[role] = wire
            if command in any_conversation:
                continue
            before = (await house.log.head(victim.conversation)).seq
            answer = await wires[role].ask(namespace, command, _payload(victim, hold))
            if (await house.log.head(victim.conversation)).seq != before:
                findings.append(f"{role} changed a foreign conversation by {command}")
            if role != "agent" and _tells(wires[role], victim, hold):
                findings.append(f"{role} was shown a foreign conversation by {command}")
            wires[role].heard.clear()
            if answer is None:
                await wires.pop(role).__aexit__()
        for wire in wires.values():
            await wire.__aexit__()

    return await _attacked(house, times, attack)


Role = tuple[str, Json, frozenset[str]]
"""A namespace, what connects to it, and the commands that may be about any conversation."""


async def _roles(house: House) -> dict[str, Role]:
    none: frozenset[str] = frozenset()
    ended = {}
    for name in ("disabled", "signed-out"):
        email = f"{name}-{uuid4().hex[:8]}@bench.test"
        await accounts.add(
            house.store.writes, email=email, name=name, role="admin", password=PASSWORD
        )
        ended[name] = await _token(house, email)
        if name == "disabled":
            await accounts.disable(house.store.writes, email)
        else:
            header = {"Authorization": f"Bearer {ended[name]}"}
            await house.http.delete(f"{house.url}/api/v1/session", headers=header)
    other = await house.customer()
    await other.say("chat 3")
    # an agent may look at every conversation, leave a note and be seen to type
    seen = frozenset({"watch", "unwatch", "note", "typing", "seen", "sync", "presence", "answer"})
    return {
        "visitor": ("/customer", {}, none),
        "customer": ("/customer", other._auth(), none),  # noqa: SLF001 - as it connects itself
        "agent": ("/staff", {"token": await _token(house, "sam@bench.test")}, seen),
        **{name: ("/staff", {"token": token}, none) for name, token in ended.items()},
    }


def _payload(victim: Customer, hold: str) -> Json:
    """A payload that is whole for every command, about somebody else's conversation."""
    return {
        "conversation": victim.conversation, "hold": hold, "id": str(uuid4()), "text": "words",
        "revision": 1, "digest": "d", "decision": "reject", "reason": "no", "on": True, "seq": 1,
        "level": "blocked", "status": "away", "outcome": "succeeded", "reference": "r",
        "tool": "issue_refund", "arguments": {"order_id": victim.order(), "amount": 1},
    }  # fmt: skip


def _tells(wire: Wire, victim: Customer, hold: str) -> bool:
    return any(word in frame for frame in wire.heard for word in (victim.sub, hold))


# What is left of the gateways


async def _attacked(
    house: House, times: int, attack: Callable[[list[str]], Awaitable[None]]
) -> Verdict:
    """Attack, and look at what became of the gateways."""
    findings: list[str] = []
    more_mib: list[float] = []
    async with _watched(house, findings, more_mib):
        await attack(findings)
    return Verdict(times, findings, {"gateway MiB more": more_mib})


@asynccontextmanager
async def _watched(house: House, findings: list[str], more_mib: list[float]) -> AsyncIterator[None]:
    pids = [gateway.pid for gateway in house.gateways]
    before_mib = [_resident_mib(pid) for pid in pids]
    logs = [house.folder / f"{gateway.name}.log" for gateway in house.gateways]
    read = [log.stat().st_size for log in logs]
    yield
    if pids != [gateway.pid for gateway in house.gateways if gateway.runs]:
        findings.append("a gateway ended")
        return
    findings += _failures(logs, read)
    for pid, before in zip(pids, before_mib, strict=True):
        more_mib.append(_resident_mib(pid) - before)
        if more_mib[-1] > MEMORY_MIB:
            findings.append(f"a gateway holds {more_mib[-1]:.0f} MiB more")


def _failures(logs: Sequence[Path], read: Sequence[int]) -> list[str]:
    """Lines of the gateways' logs, since they were read so far, that tell of a failure."""
    return [
        f"{log.stem}: {line[:200].decode('utf-8', 'replace')}"
        for log, from_ in zip(logs, read, strict=True)
        for line in log.read_bytes()[from_:].splitlines()
        if any(word in line for word in FAILED)
    ]


def _resident_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 2**20


async def _auths(house: House) -> dict[str, Json]:
    """What lets an attacker in to each namespace."""
    return {"/customer": {}, "/staff": {"token": await _token(house, "kim@bench.test")}}


async def _token(house: House, email: str) -> str:
    body = json.dumps({"email": email, "password": PASSWORD})
    async with house.http.post(f"{house.url}/api/v1/session", data=body) as answer:
        answer.raise_for_status()
        return str((await answer.json())["token"])
