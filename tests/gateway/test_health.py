from __future__ import annotations

import re

from tests.gateway.house import House


async def test_the_gateway_is_alive_and_ready(house: House) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await house.http.get(house.url + path)
        assert answer.status == 200
        assert (await answer.json())["status"] == "ok"


async def test_metrics_count_the_clients(house: House) -> None:
    customer = await house.customer()
    await house.customer()
    answer = await house.http.get(house.url + "/metrics")
    assert answer.content_type == "text/plain"
    assert re.search(r"^handrail_sockets 2\.0$", await answer.text(), re.MULTILINE)
    await customer.leave()
    answer = await house.http.get(house.url + "/metrics")
    assert re.search(r"^handrail_sockets 1\.0$", await answer.text(), re.MULTILINE)


async def test_no_path_leads_out_of_the_console(house: House) -> None:
    for path in (
        "/console/../accounts.py",
        "/console/%2e%2e/%2e%2e/accounts.py",
        "/console/..%2f..%2faccounts.py",
        "/console//etc/passwd",
        "/console/%00",
        "/console/a%00.js",
    ):
        answer = await house.http.get(house.url + path)
        assert answer.status == 404, path


async def test_without_a_demo_the_root_leads_to_the_console(house: House) -> None:
    for path in ("/", "/console"):
        answer = await house.http.get(house.url + path, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (302, "/console/")
