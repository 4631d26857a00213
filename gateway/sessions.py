"""Signed-in staff: a token for the console, checked against the account at every use.

A session ends with its time, when its person signs out, and when the account is disabled or reset;
nothing of it is kept but that it was ended before its time.
"""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any

import jwt
from msgspec import Struct

from conversation.errors import Refused
from conversation.events import iso
from conversation.keys import ACCOUNTS, ended_session
from conversation.store import Store, answering
from gateway import accounts
from gateway.accounts import Account
from handoff.ownership import Person

LIVES_S = 12 * 3600
AUDIENCE = "handrail-staff"


class Session(Struct, frozen=True):
    """What signing in answers; `expires_at` is ISO 8601."""

    token: str
    expires_at: str
    staff: Person


class Sessions:
    """Issues and checks the tokens of signed-in staff."""

    def __init__(self, key: bytes, store: Store) -> None:
        self._key = hmac.digest(key, b"staff", "sha256")
        self._store = store

    def issue(self, account: Account) -> Session:
        """A token for somebody who proved who they are."""
        expires = int(time.time()) + LIVES_S
        claims = {
            "aud": AUDIENCE,
            "sub": account.id,
            "gen": account.generation,
            "jti": secrets.token_urlsafe(12),
            "exp": expires,
        }
        token = jwt.encode(claims, self._key, algorithm="HS256")
        return Session(token, iso(expires * 1000), person(account))

    async def person(self, token: object) -> Person:
        """Who a token belongs to; raises `Refused`, with `unauthorized` once it has ended."""
        claims = self._claims(token)
        with answering():
            async with self._store.reads.pipeline(transaction=False) as pipe:
                pipe.hget(ACCOUNTS, claims["sub"])
                pipe.exists(ended_session(claims["jti"]))
                raw, ended = await pipe.execute()
        account = accounts.read(raw)
        if ended or account is None or account.disabled or account.generation != claims.get("gen"):
            raise Refused("unauthorized", "sign in again")
        return person(account)

    async def end(self, token: object) -> None:
        """Sign out: the token opens nothing any more, in no process; raises `Refused`."""
        claims = self._claims(token)
        left_s = max(1, int(claims["exp"] - time.time()) + 1)
        with answering():
            await self._store.writes.set(ended_session(claims["jti"]), 1, ex=left_s)

    def _claims(self, token: object) -> dict[str, Any]:
        try:
            return jwt.decode(
                token if isinstance(token, str) else "",
                self._key,
                algorithms=["HS256"],
                audience=AUDIENCE,
                options={"require": ["exp", "sub", "aud", "jti"]},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise Refused("unauthorized", "sign in again") from error


def person(account: Account) -> Person:
    """The account as somebody at work."""
    return Person(account.id, account.name, account.role)
