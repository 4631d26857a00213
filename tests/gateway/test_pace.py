from __future__ import annotations

import pytest

from conversation.errors import Refused
from gateway import pace
from gateway.pace import COMMANDS_A_SECOND, COMMANDS_AT_ONCE, Pace
from tests.gateway.house import House
from tests.gateway.people import new_id


class Seconds:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def kept(bucket: Pace) -> int:
    """How many commands may be sent at once now."""
    for n in range(2 * COMMANDS_AT_ONCE):
        try:
            bucket.keep()
        except Refused:
            return n
    raise AssertionError("there is no end to it")


def test_a_socket_may_send_many_at_once_and_then_so_many_a_second() -> None:
    clock = Seconds()
    bucket = Pace(clock)
    assert kept(bucket) == COMMANDS_AT_ONCE
    assert kept(bucket) == 0
    clock.now = 0.5
    assert kept(bucket) == COMMANDS_A_SECOND // 2
    clock.now = 10_000
    assert kept(bucket) == COMMANDS_AT_ONCE


async def test_a_socket_in_a_hurry_is_limited_and_loses_nothing_it_repeats(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "COMMANDS_AT_ONCE", 20)
    monkeypatch.setattr(pace, "COMMANDS_A_SECOND", 40)
    hasty, other = await house.customer(), await house.customer()
    codes = [(await hasty.ask("sync", {})).get("error", {}).get("code") for _ in range(60)]
    assert codes.count("rate_limited") > 10
    assert set(codes) == {None, "rate_limited"}
    said = {"id": new_id(), "text": "after all"}
    while not (answer := await hasty.ask("say", said))["ok"]:
        assert answer["error"]["code"] == "rate_limited"
    await hasty.event("customer_said", text="after all")
    await other.say()
