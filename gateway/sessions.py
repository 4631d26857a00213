"""Signed-in staff: a token for the console, checked against the account at every use."""

from __future__ import annotations

import hmac
import time
from typing import Any

import jwt
from msgspec import Struct

from conversation.errors import Refused
from conversation.events import iso
from conversation.store import answering
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

    def __init__(self, key: bytes, redis: Any) -> None:
        self._key = hmac.digest(key, b"staff", "sha256")
        self._redis = redis

    def issue(self, account: Account) -> Session:
        """A token for somebody who proved who they are."""
        expires = int(time.time()) + LIVES_S
        claims = {
            "aud": AUDIENCE,
            "sub": account.id,
            "gen": account.generation,
            "exp": expires,
        }
        token = jwt.encode(claims, self._key, algorithm="HS256")
        return Session(token, iso(expires * 1000), person(account))

    async def person(self, token: object) -> Person:
        """Who a token belongs to; raises `Refused`, with `unauthorized` once it has ended."""
        try:
            claims = jwt.decode(
                token if isinstance(token, str) else "",
                self._key,
                algorithms=["HS256"],
                audience=AUDIENCE,
                options={"require": ["exp", "sub", "aud"]},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise Refused("unauthorized", "sign in again") from error
        with answering():
            account = await accounts.find(self._redis, claims["sub"])
        if account is None or account.disabled or account.generation != claims.get("gen"):
            raise Refused("unauthorized", "sign in again")
        return person(account)


def person(account: Account) -> Person:
    """The account as somebody at work."""
    return Person(account.id, account.name, account.role)
