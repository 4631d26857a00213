"""The figures at /metrics: this gateway's own, and the deployment's as long as Redis answers."""

from __future__ import annotations

import re

import pytest

from conversation.keys import COUNTERS
from gateway import vitals
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House
from tests.redis_server import RedisServer


@pytest.fixture(autouse=True)
def frequent_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The house is looked after as always, more often."""
    monkeypatch.setattr(vitals, "LOOK_EVERY_S", 0.05)


async def figures(house: House) -> dict[str, float]:
    """Every figure, by its name with the prefix left off."""
    text = await (await house.http.get(house.url + "/metrics")).text()
    lines = re.findall(r"^handrail_(\S+) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in lines}


async def test_what_waits_and_who_talks_is_shown(house: House) -> None:
    sam, customer = await house.console("Sam"), await house.customer()
    conversation = (await customer.say())["conversation"]
    other = await house.customer()
    await other.do("ask_human")
    await sam.until(lambda: len({c["conversation"] for c in sam.of("conversation")}) == 2)
    shown = await figures(house)
    assert shown["jobs_waiting"] == 1
    assert shown["jobs_running"] == 0
    assert shown['conversations{status="assistant"}'] == 1
    assert shown['conversations{status="waiting"}'] == 1
    assert shown['conversations{status="human"}'] == 0
    assert shown["sockets"] == 3
    assert shown["redis_up"] == 1
    assert shown['room_bytes{of="memory"}'] > 0

    await sam.do("takeover", conversation=conversation)
    await sam.until(lambda: sam.of("conversation")[-1]["status"] == "human")
    assert (await figures(house))['conversations{status="human"}'] == 1


async def test_what_other_processes_counted_is_shown(open_house: OpenHouse) -> None:
    house = await open_house()
    customer = await house.customer()
    await customer.say()
    counts = {"jobs_reclaimed": 3, "jobs_parked": 2, "commits:fenced": 1}
    await house.store.writes.hset(COUNTERS, mapping=counts)
    shown = await figures(house)
    assert shown["jobs_reclaimed_total"] == 3
    assert shown["jobs_parked_total"] == 2
    assert shown['commits_total{outcome="fenced"}'] == 1


async def test_a_process_that_ends_leaves_its_counts(open_house: OpenHouse) -> None:
    one = await open_house()
    await (await one.customer()).say()
    await one.stop()
    two = await open_house()
    assert (await figures(two))['commits_total{outcome="committed"}'] == 1


async def test_while_redis_is_gone_the_gateways_own_figures_remain(
    own_house: House, own_server: RedisServer
) -> None:
    sam = await own_house.console("Sam")
    own_server.kill()
    await sam.until(lambda: sam.of("notice"))
    shown = await figures(own_house)
    assert shown["redis_up"] == 0
    assert shown["redis_unavailable_total"] == 1
    assert shown['notices{code="redis_unreachable"}'] == 1
    assert "jobs_waiting" not in shown

    own_server.start()
    await sam.until(lambda: len(sam.of("notice")) == 2)
    shown = await figures(own_house)
    assert (shown["redis_up"], shown["redis_unavailable_total"]) == (1, 1)
    assert 'notices{code="redis_unreachable"}' not in shown


async def test_no_words_and_no_names_are_in_the_figures(house: House) -> None:
    customer = await house.customer()
    ack = await customer.say("my card is 4242")
    text = await (await house.http.get(house.url + "/metrics")).text()
    assert "4242" not in text
    assert ack["conversation"] not in text


async def test_what_is_refused_is_counted_by_its_code(house: House) -> None:
    customer = await house.customer()
    await customer.refused("say", id="not a UUID", text="x")
    await customer.refused("withdraw", hold="h_1")
    wire = await house.wire()
    await wire.connect("/customer")
    await wire.send("47")
    await wire.closed()
    shown = await figures(house)
    assert shown['frames_refused_total{code="bad_request"}'] == 1
    assert shown['frames_refused_total{code="not_found"}'] == 1
    assert shown['frames_refused_total{code="malformed"}'] == 1
