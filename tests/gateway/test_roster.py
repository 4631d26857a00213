"""Who is at work, as colleagues and customers are told."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from typing import Any

import pytest

from conversation.store import Store
from gateway import accounts, roster
from gateway.roster import Roster
from handoff.presence import Presence
from tests.conftest import Clock
from tests.gateway.conftest import OpenHouse
from tests.gateway.people import Console, Customer

Json = dict[str, Any]
NEVER_S = 3600.0
SOON_S = 0.02


def told(console: Console, of: Console) -> list[str]:
    """The statuses of somebody, as a console was told them one by one."""
    someone = of.state["me"]["id"]
    return [person["status"] for person in console.of("staff") if person["id"] == someone]


async def until_told(console: Console, of: Console, *statuses: str) -> None:
    """Wait for exactly these statuses, in this order."""
    await console.until(lambda: len(told(console, of)) >= len(statuses))
    assert told(console, of) == list(statuses)


async def until_here(customer: Customer, here: int) -> None:
    await customer.until(lambda: {"here": here, "until": None} in customer.of("people"))


@pytest.fixture
def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told is told at once, or never."""
    monkeypatch.setattr(roster, "LOOK_EVERY_S", NEVER_S)


@pytest.mark.usefixtures("nobody_looks")
async def test_every_change_is_told_at_once(open_house: OpenHouse) -> None:
    house = await open_house()
    kim = await house.console("Kim")
    sam = await house.console("Sam")
    for status in ("online", "away", "online"):
        await sam.do("presence", status=status)
    await until_told(kim, sam, "away", "online", "away", "online")
    assert told(sam, sam)[-3:] == ["online", "away", "online"]


@pytest.mark.usefixtures("nobody_looks")
async def test_who_leaves_and_comes_back_is_away_until_they_say_otherwise(
    open_house: OpenHouse,
) -> None:
    house = await open_house()
    kim = await house.console("Kim")
    sam = await house.console("Sam")
    await sam.do("presence", status="online")
    await sam.leave()
    await until_told(kim, sam, "away", "online", "offline")
    again = await house.console("Sam")
    await until_told(kim, sam, "away", "online", "offline", "away")
    assert {person["name"]: person["status"] for person in again.state["staff"]}["Sam"] == "away"
    await again.do("presence", status="online")
    await until_told(kim, sam, "away", "online", "offline", "away", "online")


@pytest.mark.usefixtures("nobody_looks")
async def test_a_second_console_changes_nothing(open_house: OpenHouse) -> None:
    house = await open_house()
    kim = await house.console("Kim")
    sam = await house.console("Sam")
    await sam.do("presence", status="online")
    second = await house.console("Sam")
    await second.leave()
    await sam.do("presence", status="away")
    await until_told(kim, sam, "away", "online", "away")


@pytest.mark.usefixtures("nobody_looks")
async def test_customers_are_told_how_many_are_here(open_house: OpenHouse) -> None:
    house = await open_house()
    customer = await house.customer()
    sam = await house.console("Sam")
    await sam.do("presence", status="online")
    await until_here(customer, 1)
    await sam.leave()
    await until_here(customer, 0)


async def test_another_process_is_told_soon(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "LOOK_EVERY_S", SOON_S)
    here, there = await open_house(), await open_house()
    kim = await there.console("Kim")
    sam = await here.console("Sam")
    await kim.until(lambda: told(kim, sam)[-1:] == ["away"])
    await sam.do("presence", status="online")
    await kim.until(lambda: told(kim, sam)[-1:] == ["online"])


def is_last(console: Console, of: Console, status: str) -> bool:
    """Whether a console was told this last of somebody."""
    return told(console, of)[-1:] == [status]


async def test_consoles_in_two_processes_show_what_was_said_last(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "LOOK_EVERY_S", SOON_S)
    monkeypatch.setattr(roster, "RENEW_EVERY_S", SOON_S)
    here, there = await open_house(), await open_house()
    kim = await here.console("Kim")
    one, two = await here.console("Sam"), await there.console("Sam")
    for screen, status in ((one, "online"), (two, "away"), (one, "online")):
        await screen.do("presence", status=status)
        await kim.until(partial(is_last, kim, one, status))
    await kim.do("presence", status="away")
    await one.leave()
    await kim.do("presence", status="online")
    await two.leave()
    await kim.until(lambda: told(kim, one)[-1:] == ["offline"])
    statuses = told(kim, one)
    assert statuses[statuses.index("away") :] == ["away", "online", "away", "online", "offline"]


async def test_a_place_that_fell_silent_holds_nobody_at_work(store: Store, clock: Clock) -> None:
    killed, other = Presence(store, clock=clock), Presence(store, clock=clock)
    await killed.set("p_sam", "online")
    clock.advance(30)
    await other.renew("p_sam")
    await other.leave("p_sam")
    assert await other.read() == {"p_sam": "online"}
    clock.advance(16)
    assert await other.read() == {"p_sam": "offline"}
    await other.renew("p_sam")
    assert await other.read() == {"p_sam": "away"}


@pytest.fixture
async def sam(store: Store) -> str:
    account = await accounts.add(
        store.writes, email="sam@shop.example", name="Sam", role="agent", password="12345678"
    )
    return account.id


async def test_what_is_told_slowly_is_not_overtaken(store: Store, clock: Clock, sam: str) -> None:
    heard: list[str] = []
    hearing, may_hear = asyncio.Event(), asyncio.Event()

    async def hear(changed: list[Json]) -> None:
        hearing.set()
        await may_hear.wait()
        heard.extend(person["status"] for person in changed)

    async def count(_here: int) -> None: ...

    presence = Presence(store, clock=clock)
    people = Roster(store, presence, loads=Counter, changed=hear, here=count)
    arriving = asyncio.create_task(people.arrive(sam))
    await hearing.wait()
    hearing.clear()
    leaving = asyncio.create_task(people.leave(sam))
    while (await presence.read())[sam] != "offline":
        assert not hearing.is_set()
    may_hear.set()
    await asyncio.gather(arriving, leaving)
    assert heard == ["away", "offline"]
