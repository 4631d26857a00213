from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from socketio.exceptions import ConnectionError as SocketRefused

from gateway import accounts, doorkeeper, sessions
from gateway.attempts import FAILURES_ALLOWED, FAILURES_WINDOW_S
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import PASSWORD, House
from tests.gateway.people import Console
from tests.gateway.wire import Wire

SESSION = "/api/v1/session"


async def post(house: House, body: Any) -> tuple[int, dict[str, Any]]:
    """Sign in with a body; the status and what was answered."""
    raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
    answer = await house.http.post(house.url + SESSION, data=raw)
    content = await answer.json(content_type=None)
    if answer.status != 200:
        assert answer.content_type == "application/problem+json"
        assert {"type", "title", "status", "detail"} <= set(content)
        assert content["status"] == answer.status
    return answer.status, content


async def refused_console(house: House, auth: Any) -> str:
    """Be refused as a console; the code."""
    wire: Wire = await house.wire()
    await wire.send(f"40/staff,{json.dumps(auth)}")
    refusal = await wire.refusal("/staff")
    assert refusal["message"] == refusal["data"]["code"]
    return str(refusal["message"])


async def test_an_e_mail_and_a_password_sign_in(house: House) -> None:
    email = await house.account("Sam")
    status, body = await post(house, {"email": email.upper(), "password": PASSWORD})
    assert status == 200
    assert set(body) == {"token", "expires_at", "staff"}
    assert (body["staff"]["name"], body["staff"]["role"]) == ("Sam", "agent")
    assert datetime.fromisoformat(body["expires_at"]) > datetime.now(UTC)
    console = await house.console("Sam")
    assert console.state["me"] == body["staff"]
    who = await house.http.get(
        house.url + SESSION, headers={"Authorization": f"Bearer {body['token']}"}
    )
    assert await who.json() == body["staff"]


@pytest.mark.parametrize(
    ("name", "password"),
    [("sam", "wrong password"), ("nobody", PASSWORD), ("sam", ""), ("", PASSWORD)],
)
async def test_a_wrong_e_mail_and_a_wrong_password_are_told_alike(
    house: House, name: str, password: str
) -> None:
    await house.account("Sam")
    status, body = await post(house, {"email": f"{name}@shop.example", "password": password})
    assert (status, body["title"]) == (401, "unauthorized")
    assert body["detail"] == "e-mail or password is wrong"


BAD: dict[str, tuple[Any, int]] = {
    "no JSON": ("nonsense", 400),
    "empty": ("", 400),
    "not UTF-8": (b'{"email":"\xff"}', 400),
    "nested too deeply": ("[" * 16_000, 400),
    "a list": ([], 400),
    "nothing": ({}, 400),
    "no password": ({"email": "sam@shop.example"}, 400),
    "a number": ({"email": "sam@shop.example", "password": 7}, 400),
    "an unknown field": ({"email": "sam@shop.example", "password": "x", "role": "admin"}, 400),
    "half a character": (b'{"email":"\\ud83d","password":"x"}', 400),
    "a null character": ({"email": "sam\0@shop.example", "password": "x\0"}, 401),
    "too large": ({"email": "sam@shop.example", "password": "x" * 20_000}, 413),
}


@pytest.mark.parametrize(("body", "status"), BAD.values(), ids=BAD)
async def test_a_bad_sign_in_is_a_problem(house: House, body: Any, status: int) -> None:
    assert (await post(house, body))[0] == status


async def test_a_body_may_come_in_pieces(house: House) -> None:
    body = json.dumps({"email": await house.account("Sam"), "password": PASSWORD}).encode()

    async def pieces() -> Any:
        for n in range(0, len(body), 20):
            yield body[n : n + 20]
            await asyncio.sleep(0)

    answer = await house.http.post(house.url + SESSION, data=pieces())
    assert answer.status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", SESSION, 401),
        ("DELETE", SESSION, 401),
        ("PUT", SESSION, 405),
        ("GET", "/api/v1/nothing", 404),
    ],
)
async def test_other_requests_are_problems(
    house: House, method: str, path: str, status: int
) -> None:
    answer = await house.http.request(method, house.url + path)
    body = await answer.json(content_type="application/problem+json")
    assert (answer.status, body["status"]) == (status, status)


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic c2Ft", "nonsense"])
async def test_a_bad_token_names_nobody(house: House, header: str) -> None:
    answer = await house.http.get(house.url + SESSION, headers={"Authorization": header})
    assert answer.status == 401


async def test_a_code_signs_in_once(house: House) -> None:
    email = await house.account("Dana")
    code = await accounts.one_time_code(house.store.writes, email)
    answers = await asyncio.gather(*(post(house, {"code": code}) for _ in range(3)))
    assert sorted(status for status, _ in answers) == [200, 401, 401]
    assert next(body for status, body in answers if status == 200)["staff"]["name"] == "Dana"


@pytest.mark.parametrize("code", ["", "nonsense", "\0", "x" * 5000])
async def test_a_made_up_code_signs_nobody_in(house: House, code: str) -> None:
    await house.account("Dana")
    assert (await post(house, {"code": code}))[0] == 401


async def test_a_code_made_before_a_reset_is_void(house: House) -> None:
    email = await house.account("Dana")
    code = await accounts.one_time_code(house.store.writes, email)
    await accounts.reset(house.store.writes, email, "another horse battery")
    assert (await post(house, {"code": code}))[0] == 401


async def test_a_disabled_account_signs_in_by_no_means(house: House) -> None:
    email = await house.account("Sam")
    token = await house.sign_in("Sam")
    code = await accounts.one_time_code(house.store.writes, email)
    await accounts.disable(house.store.writes, email)
    assert (await post(house, {"email": email, "password": PASSWORD}))[0] == 401
    assert (await post(house, {"code": code}))[0] == 401
    assert await refused_console(house, {"token": token}) == "unauthorized"


async def test_a_reset_ends_every_sign_in_and_takes_the_new_password(house: House) -> None:
    email = await house.account("Sam")
    token = await house.sign_in("Sam")
    await accounts.reset(house.store.writes, email, "another horse battery")
    assert await refused_console(house, {"token": token}) == "unauthorized"
    assert (await post(house, {"email": email, "password": PASSWORD}))[0] == 401
    answer = await post(house, {"email": email, "password": "another horse battery"})
    assert answer[0] == 200


@pytest.mark.parametrize("ended", ["disable", "reset"])
async def test_whose_sign_in_ends_is_shown_out(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    monkeypatch.setattr(doorkeeper, "CHECK_EVERY_S", 0.01)
    house = await open_house()
    sam, kim = await house.console("Sam"), await house.console("Kim")
    if ended == "disable":
        await accounts.disable(house.store.writes, "sam@shop.example")
    else:
        await accounts.reset(house.store.writes, "sam@shop.example", "another horse battery")
    await sam.until(lambda: sam.gone)
    await kim.do("sync")
    assert not kim.gone


async def test_a_sign_in_ends_by_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LIVES_S", -1)
    assert await refused_console(house, {"token": await house.sign_in("Sam")}) == "unauthorized"


FORGED = {
    "nothing": None,
    "empty": "",
    "no JWT": "nonsense",
    "a number": 7,
    "half a character": "\ud83d",
    "no algorithm": jwt.encode({"aud": "handrail-staff", "sub": "p_1", "exp": 9e9}, "", "none"),
    "another key": jwt.encode(
        {"aud": "handrail-staff", "sub": "p_1", "exp": 9e9}, "another key" * 4, "HS256"
    ),
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
async def test_a_forged_sign_in_opens_no_console(house: House, token: object) -> None:
    assert await refused_console(house, {"token": token}) == "unauthorized"


async def test_a_cursor_that_is_no_text_is_a_bad_request(house: House) -> None:
    auth = {"token": await house.sign_in("Sam"), "cursor": 7}
    assert await refused_console(house, auth) == "bad_request"


# Guessing


async def test_too_many_wrong_passwords_are_limited_for_a_while(house: House) -> None:
    email = await house.account("Sam")
    other = await house.account("Kim")
    wrong = {"email": email, "password": "wrong password"}
    answers = await asyncio.gather(*(post(house, wrong) for _ in range(FAILURES_ALLOWED + 5)))
    statuses = [status for status, _ in answers]
    assert statuses.count(401) == FAILURES_ALLOWED
    assert statuses.count(429) == 5
    right = {"email": email, "password": PASSWORD}
    status, body = await post(house, right)
    assert (status, body["title"]) == (429, "rate_limited")
    assert (await post(house, {"email": other, "password": PASSWORD}))[0] == 200
    keys = await house.store.reads.keys("*failures*")
    lives_s = [await house.store.reads.ttl(key) for key in keys]
    assert all(0 < seconds <= FAILURES_WINDOW_S for seconds in lives_s)
    await house.store.writes.delete(*await house.store.reads.keys("*:wait:*"))
    assert (await post(house, right))[0] == 200


async def test_signing_in_often_is_no_failure(house: House) -> None:
    body = {"email": await house.account("Sam"), "password": PASSWORD}
    answers = await asyncio.gather(*(post(house, body) for _ in range(2 * FAILURES_ALLOWED)))
    assert {status for status, _ in answers} == {200}


async def test_a_refused_client_of_the_library_is_told_why(house: House) -> None:
    console = Console(house.url)
    with pytest.raises(SocketRefused):
        await console.connect({"token": "nonsense"})
    (why,) = console.of("connect_error")
    assert why["message"] == why["data"]["code"] == "unauthorized"
