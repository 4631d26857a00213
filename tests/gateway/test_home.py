"""`/` and `/demo/`, which the gateway fetches from the demo shop."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient, AiohttpServer

from gateway.pages import Pages

Client = TestClient[web.Request, web.Application]


async def token(request: web.Request) -> web.Response:
    return web.json_response(
        {"token": request.query["customer"]}, headers={"Cache-Control": "no-store"}
    )


async def page(_request: web.Request) -> web.Response:
    return web.Response(text="<p>shop</p>", content_type="text/html")


@pytest.fixture
async def client(aiohttp_server: AiohttpServer, aiohttp_client: AiohttpClient) -> Client:
    shop = web.Application()
    shop.add_routes([web.get("/", page), web.get("/demo/token", token)])
    server = await aiohttp_server(shop)
    gateway = web.Application()
    gateway.add_routes(Pages(str(server.make_url(""))).routes())
    return await aiohttp_client(gateway)


async def test_the_shop_is_passed_on_as_it_is(client: Client) -> None:
    answer = await client.get("/")

    assert (answer.status, answer.content_type) == (200, "text/html")
    assert await answer.text() == "<p>shop</p>"
    assert "Cache-Control" not in answer.headers


async def test_what_may_not_be_kept_is_passed_on_as_such(client: Client) -> None:
    answer = await client.get("/demo/token?customer=jonas")

    assert await answer.json() == {"token": "jonas"}
    assert answer.headers["Cache-Control"] == "no-store"


async def test_what_the_shop_has_not_is_not_found(client: Client) -> None:
    assert (await client.get("/demo/nothing")).status == 404


async def test_a_shop_that_does_not_run_is_a_bad_gateway(
    aiohttp_client: AiohttpClient, unused_tcp_port: int
) -> None:
    gateway = web.Application()
    gateway.add_routes(Pages(f"http://127.0.0.1:{unused_tcp_port}").routes())

    answer = await (await aiohttp_client(gateway)).get("/")

    assert answer.status == 502
