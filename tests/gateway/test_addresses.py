from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from gateway import addresses
from gateway.addresses import address_of
from tests.gateway.house import House, token
from tests.gateway.people import Customer, new_id


def seen(peer: str | None, forwarded: str | None = None) -> str:
    """The address of a client whose connection comes from `peer`."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = make_mocked_request("GET", "/", headers=CIMultiDict(headers))
    return address_of(request.clone(remote=peer) if peer else request)


def test_a_client_without_a_proxy_has_its_own_address() -> None:
    assert seen("8.8.8.8") == "8.8.8.8"
    assert seen("2a00:1450::1") == "2a00:1450::1"


def test_a_client_in_the_open_names_nobody_else() -> None:
    assert seen("8.8.8.8", "9.9.9.9") == "8.8.8.8"


@pytest.mark.parametrize("proxy", ["127.0.0.1", "::1", "10.0.0.1", "172.17.0.1", "192.168.1.1"])
def test_a_proxy_names_the_client_it_saw(proxy: str) -> None:
    assert seen(proxy, "9.9.9.9") == "9.9.9.9"


def test_of_several_the_one_counts_that_the_proxy_has_seen_itself() -> None:
    assert seen("10.0.0.1", "1.1.1.1, forged, 9.9.9.9") == "9.9.9.9"


def test_a_process_of_this_machine_has_none() -> None:
    assert seen("127.0.0.1") == ""
    assert seen("127.0.0.1", "127.0.0.1") == ""
    assert seen("::1") == ""


def test_a_proxy_that_names_nonsense_is_the_client() -> None:
    assert seen("10.0.0.1", "nonsense") == "10.0.0.1"


@given(forwarded=st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_whatever_is_named_there_is_some_address(forwarded: str) -> None:
    assert isinstance(seen("10.0.0.1", forwarded), str)


async def stranger(house: House, address: str | None, **auth: object) -> Customer:
    """A customer behind a proxy."""
    customer = Customer(house.url)
    headers = {} if address is None else {"X-Forwarded-For": address}
    await customer.connect(auth, **headers)
    return customer


async def test_strangers_open_so_many_conversations_a_minute_from_one_address(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "OPENINGS_A_MINUTE", 2)
    here, there = "198.51.100.7", "203.0.113.9"
    people = [await stranger(house, here) for _ in range(3)]
    await people[0].say()
    await people[1].do("ask_human")
    said = {"id": new_id(), "text": "hello"}
    assert await people[2].refused("say", **said) == "rate_limited"
    assert await people[2].refused("ask_human") == "rate_limited"
    await people[0].say("one more")
    assert await people[0].refused("say", **said, new=True) == "rate_limited"
    others = [
        await stranger(house, there),
        await stranger(house, here, token=token()),
        *[await stranger(house, None) for _ in range(4)],
    ]
    for other in others:
        await other.say()
    for key in await house.store.reads.keys("{address:*"):
        assert here.encode() not in key
        assert 0 < await house.store.reads.ttl(key) <= 60
    for person in (*people, *others):
        await person.leave()
