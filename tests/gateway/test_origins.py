from __future__ import annotations

import pytest
from aiohttp import WSServerHandshakeError

from tests.gateway.house import House

FOREIGN = {
    "another site": "https://evil.example",
    "no site at all": "null",
    "another scheme": "http://shop.example",
    "another port": "https://shop.example:8443",
    "a name that begins alike": "https://shop.example.evil.example",
    "a part of it": "https://shop",
    "empty": "",
}


@pytest.mark.parametrize("origin", FOREIGN.values(), ids=FOREIGN)
async def test_pages_of_other_sites_are_refused_at_the_handshake(house: House, origin: str) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.wire(headers={"Origin": origin})
    assert refused.value.status == 403


async def test_forwarded_headers_let_nobody_in(house: House) -> None:
    headers = {
        "Origin": "https://evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.wire(headers=headers)
    assert refused.value.status == 403


async def test_a_name_that_only_the_host_header_vouches_for_lets_nobody_in(house: House) -> None:
    port = house.url.rsplit(":", 1)[1]
    headers = {"Origin": f"http://evil.example:{port}", "Host": f"evil.example:{port}"}
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.wire(headers=headers)
    assert refused.value.status == 403


async def test_listed_pages_may_connect(house: House) -> None:
    wire = await house.wire(headers={"Origin": "https://shop.example"})
    await wire.connect("/customer")


async def test_the_gateways_own_pages_may_connect(house: House) -> None:
    wire = await house.wire(headers={"Origin": house.url})
    await wire.connect("/staff", {"token": await house.sign_in("Sam")})


async def test_clients_that_are_no_browsers_may_connect(house: House) -> None:
    wire = await house.wire()
    await wire.connect("/customer")
