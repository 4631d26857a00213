"""Where a client connects from, and how many conversations strangers may open from there.

Behind a proxy every client has the proxy's address. A peer in a private network that names whom it
speaks for in `X-Forwarded-For` is taken for the operator's own proxy, and the last address it names
counts, which is the one it has seen itself; from anywhere else the header is ignored. Who could
forge it, from inside that network, gains no more than another count.
"""

from __future__ import annotations

import hashlib
from ipaddress import ip_address

from aiohttp import web

from conversation.errors import Refused
from conversation.keys import opened_from
from conversation.store import Store, answering

OPENINGS_A_MINUTE = 60
"""Conversations of visitors without a token, by address; a large office may share one."""


def address_of(request: web.Request) -> str:
    """The address of a client; empty for a process of this machine that names nobody."""
    peer = request.remote or ""
    named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        if not peer or ip_address(peer).is_private:
            peer = str(ip_address(named)) if named else peer
        return "" if not peer or ip_address(peer).is_loopback else peer
    except ValueError:
        return peer


class Openings:
    """Counts the conversations strangers open, for all processes together."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def count(self, address: str) -> None:
        """Count one more; raises `Refused` with `rate_limited`.

        A process of this machine is not counted: it may be a proxy that names nobody.
        """
        if not address:
            return
        key = opened_from(hashlib.sha256(address.encode()).hexdigest()[:32])
        with answering():
            async with self._store.writes.pipeline(transaction=True) as pipe:
                pipe.set(key, 0, ex=60, nx=True)
                pipe.incr(key)
                _, opened = await pipe.execute()
        if opened > OPENINGS_A_MINUTE:
            raise Refused("rate_limited", "too many conversations at once, try again in a minute")
