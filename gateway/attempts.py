"""How often a password may be tried: wrong ones make the next attempt wait, longer each time.

They are counted by e-mail and address together, so that a stranger who guesses locks out nobody but
themselves. Who guesses from many addresses meets a second, larger count by e-mail alone; addresses
this person signed in from of late are exempt from it. So a guesser gets at most some hundred tries
a day at one account from one address, and about a thousand from all; the person is let in from
where they usually are, and elsewhere waits a minute at most while somebody is guessing. Behind a
proxy that names nobody all share one address, and with it the first count.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from conversation.errors import Refused
from conversation.keys import known_addresses, sign_in_failures, sign_in_wait
from conversation.store import source

FAILURES_ALLOWED = 10
WAIT_AT_MOST_S = 300
FAILURES_ALLOWED_ANYWHERE = 100
WAIT_AT_MOST_ANYWHERE_S = 60
FAILURES_WINDOW_S = 3600
"""How long after the last of them failures are forgotten."""
KNOWN_FOR_S = 90 * 24 * 3600
KNOWN_AT_MOST = 50


async def attempt(redis: Any, email: str, address: str, *, known: bool) -> None:
    """Count an attempt before it is known to be right; raises `Refused` with `rate_limited`."""
    await _attempt(redis, _from(email, address), FAILURES_ALLOWED, WAIT_AT_MOST_S)
    if not known:
        await _attempt(redis, _name(email), FAILURES_ALLOWED_ANYWHERE, WAIT_AT_MOST_ANYWHERE_S)


async def succeeded(redis: Any, email: str, address: str, *, staff: str) -> None:
    """Forget the failures from this address, and know it from now on."""
    now_s, known = int(time.time()), known_addresses(staff)
    name = _from(email, address)
    async with redis.pipeline(transaction=True) as pipe:
        pipe.delete(sign_in_failures(name), sign_in_wait(name))
        pipe.zadd(known, {_name(address): now_s})
        pipe.zremrangebyscore(known, 0, now_s - KNOWN_FOR_S)
        pipe.zremrangebyrank(known, 0, -KNOWN_AT_MOST - 1)
        pipe.expire(known, KNOWN_FOR_S)
        await pipe.execute()


async def is_known(redis: Any, address: str, *, staff: str) -> bool:
    """Whether somebody signed in from an address of late; asked also for nobody's account."""
    at_s = await redis.zscore(known_addresses(staff), _name(address))
    return at_s is not None and at_s > time.time() - KNOWN_FOR_S


async def _attempt(redis: Any, name: str, allowed: int, at_most_s: int) -> None:
    keys = sign_in_failures(name), sign_in_wait(name)
    script = source("gateway", "attempt")
    wait_ms = await redis.eval(script, 2, *keys, allowed, FAILURES_WINDOW_S, at_most_s)
    if wait_ms:
        wait_s = -(-int(wait_ms) // 1000)
        raise Refused("rate_limited", f"too many attempts, try again in {wait_s} s")


def _from(email: str, address: str) -> str:
    return _name(f"{email} {address}")


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
