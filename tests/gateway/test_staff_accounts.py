"""Who of the staff may be at work: ended sign-ins end everywhere, guesses lock out the guesser."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from gateway import accounts, attempts
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import PASSWORD, House
from tests.gateway.people import Console
from tests.gateway.wire import Wire

SESSION = "/api/v1/session"
OFFICE, STRANGER = "198.51.100.7", "203.0.113.9"
GONE_WITHIN_S = 2.0


async def sign_in(
    house: House, password: str = PASSWORD, *, email: str = "sam@shop.example", address: str
) -> tuple[int, dict[str, Any]]:
    """Sign in from an address, through a proxy; the status and the answer."""
    answer = await house.http.post(
        house.url + SESSION,
        json={"email": email, "password": password},
        headers={"X-Forwarded-For": address},
    )
    return answer.status, await answer.json(content_type=None)


async def guess(house: House, times: int, *, address: str) -> list[int]:
    """Try wrong passwords, each as soon as it may be tried; the statuses."""
    statuses = []
    for n in range(times):
        await may_try_again(house)
        statuses.append((await sign_in(house, f"wrong password {n}", address=address))[0])
    return statuses


async def may_try_again(house: House) -> None:
    """Let the time pass that the next attempt has to wait."""
    if waits := await house.store.reads.keys("*:wait:*"):
        await house.store.writes.delete(*waits)


@pytest.fixture
async def houses(open_house: OpenHouse) -> tuple[House, House]:
    """Two gateway processes on one Redis."""
    return await open_house(), await open_house()


async def console(house: House, token: str) -> Console:
    """A console of whoever this token belongs to."""
    screen = Console(house.url)
    await screen.connect({"token": token})
    return screen


async def refusal(house: House, token: str) -> str:
    """Connect a console that must be refused; the code."""
    wire: Wire = await house.wire()
    await wire.send(f'40/staff,{{"token":"{token}"}}')
    return str((await wire.refusal("/staff"))["message"])


# Ending


@pytest.mark.parametrize("ended", ["disable", "reset", "sign out"])
async def test_an_ended_sign_in_ends_in_every_process_within_2_s(
    houses: tuple[House, House], ended: str
) -> None:
    here, there = houses
    email, token = await here.account("Sam"), await here.sign_in("Sam")
    sockets = [await console(house, token) for house in houses]
    kim = await there.console("Kim")
    begun = time.monotonic()
    if ended == "disable":
        await accounts.disable(here.store.writes, email)
    elif ended == "reset":
        await accounts.reset(here.store.writes, email, "another horse battery")
    else:
        header = {"Authorization": f"Bearer {token}"}
        answer = await here.http.delete(here.url + SESSION, headers=header)
        assert answer.status == 204
    for screen in sockets:
        await screen.until(lambda: screen.gone)  # noqa: B023 - waited for at once
    assert time.monotonic() - begun < GONE_WITHIN_S
    for house in houses:
        assert await refusal(house, token) == "unauthorized"
        header = {"Authorization": f"Bearer {token}"}
        assert (await house.http.get(house.url + SESSION, headers=header)).status == 401
        assert (await house.http.delete(house.url + SESSION, headers=header)).status in (204, 401)
    await kim.do("sync")
    assert not kim.gone


async def test_signing_out_ends_one_session_and_no_other(houses: tuple[House, House]) -> None:
    here, there = houses
    one, other = await here.sign_in("Sam"), await there.sign_in("Sam")
    assert one != other
    header = {"Authorization": f"Bearer {one}"}
    await here.http.delete(here.url + SESSION, headers=header)
    assert await refusal(there, one) == "unauthorized"
    screen = await console(there, other)
    await screen.do("sync")
    await screen.leave()


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer forged"}, {"Authorization": "x"}])
async def test_nobody_signs_out_whose_token_they_have_not(
    house: House, header: dict[str, str]
) -> None:
    token = await house.sign_in("Sam")
    assert (await house.http.delete(house.url + SESSION, headers=header)).status == 401
    screen = await console(house, token)
    await screen.leave()


async def test_a_reset_lets_a_disabled_account_in_again(houses: tuple[House, House]) -> None:
    here, there = houses
    email = await here.account("Sam")
    await accounts.disable(here.store.writes, email)
    assert (await sign_in(there, address=OFFICE))[0] == 401
    await accounts.reset(here.store.writes, email, "another horse battery")
    assert (await sign_in(there, "another horse battery", address=OFFICE))[0] == 200


# Guessing


async def test_a_stranger_who_guesses_locks_out_only_themselves(house: House) -> None:
    await house.account("Sam")
    assert await guess(house, 20, address=STRANGER) == [401] * 20
    assert (await sign_in(house, address=STRANGER))[0] == 429
    assert (await sign_in(house, address=OFFICE))[0] == 200


async def test_each_wrong_password_makes_the_next_wait_longer(house: House) -> None:
    await house.account("Sam")
    await guess(house, attempts.FAILURES_ALLOWED - 1, address=STRANGER)
    waits_s = []
    for _ in range(10):
        await guess(house, 1, address=STRANGER)
        status, body = await sign_in(house, address=STRANGER)
        assert status == 429
        (wait,) = await house.store.reads.keys("*:wait:*")
        waits_s.append(round(await house.store.reads.pttl(wait) / 1000))
        assert f"{waits_s[-1]} s" in body["detail"]
    assert waits_s == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


async def test_the_right_password_ends_the_counting(house: House) -> None:
    await house.account("Sam")
    await guess(house, attempts.FAILURES_ALLOWED - 1, address=STRANGER)
    assert (await sign_in(house, address=STRANGER))[0] == 200
    assert await guess(house, attempts.FAILURES_ALLOWED - 1, address=STRANGER) == [401] * 9
    assert (await sign_in(house, address=STRANGER))[0] == 200


async def test_guesses_from_many_addresses_leave_the_known_one_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "FAILURES_ALLOWED_ANYWHERE", 5)
    await house.account("Sam")
    assert (await sign_in(house, address=OFFICE))[0] == 200
    statuses = [(await sign_in(house, "wrong", address=f"203.0.113.{n}"))[0] for n in range(8)]
    assert statuses == [401] * 4 + [429] * 4 or statuses == [401] * 5 + [429] * 3
    assert (await sign_in(house, address="192.0.2.1"))[0] == 429
    assert (await sign_in(house, address=OFFICE))[0] == 200


async def test_an_e_mail_without_an_account_is_told_alike(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "FAILURES_ALLOWED", 2)
    await house.account("Sam")
    answers = []
    for email in ("sam@shop.example", "nobody@shop.example"):
        told = [
            await sign_in(house, "wrong", email=email, address=STRANGER)
            for _ in range(attempts.FAILURES_ALLOWED + 1)
        ]
        answers.append([(status, re.sub(r"\d+", "", body["detail"])) for status, body in told])
    assert answers[0] == answers[1]


async def test_no_password_or_address_is_kept(house: House) -> None:
    await house.account("Sam")
    await guess(house, 3, address=STRANGER)
    await sign_in(house, address=OFFICE)
    for key in await house.store.reads.keys("{staff}:*"):
        assert STRANGER.encode() not in key
        if await house.store.reads.type(key) == b"zset":
            for member in await house.store.reads.zrange(key, 0, -1):
                assert OFFICE.encode() not in member
