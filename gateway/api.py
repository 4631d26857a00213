"""The HTTP API: signing in, and whether the gateway is alive and ready."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from conversation.errors import Refused
from conversation.store import Store, answering
from gateway import accounts
from gateway.accounts import Account
from gateway.addresses import address_of
from gateway.metrics import Figures
from gateway.sessions import Session, Sessions

BODY_BYTES = 16 * 1024
PING_WITHIN_S = 2.0
HASHES_AT_ONCE = 2
"""Passwords being verified, each by a thread with 64 MiB."""


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /api/v1/session`: e-mail and password, or a one-time code."""

    email: str | None = None
    password: str | None = None
    code: str | None = None


class Api:
    """The handlers of the API."""

    def __init__(self, store: Store, sessions: Sessions, figures: Figures) -> None:
        self._store = store
        self._sessions = sessions
        self._figures = figures
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """Where they stand."""
        return [
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.metrics),
            web.post("/api/v1/session", self.sign_in),
            web.get("/api/v1/session", self.who),
            web.delete("/api/v1/session", self.sign_out),
        ]

    async def healthz(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"status": "ok"})

    async def readyz(self, _request: web.Request) -> web.Response:
        """Redis answers, so messages can be taken."""
        try:
            with answering():
                async with asyncio.timeout(PING_WITHIN_S):
                    await self._store.reads.ping()
        except (Refused, TimeoutError):
            return web.json_response({"status": "unavailable", "redis": "down"}, status=503)
        return web.json_response({"status": "ok", "redis": "ok"})

    async def metrics(self, _request: web.Request) -> web.Response:
        """Figures for Prometheus."""
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=await self._figures.text(), headers=headers)

    async def sign_in(self, request: web.Request) -> web.Response:
        """Answer a token for an e-mail and password, or for a one-time code."""
        body = await self._body(request)
        with answering():
            if body.code is not None:
                account = await accounts.by_code(self._store.writes, body.code)
            elif body.email is not None and body.password is not None:
                address = address_of(request)
                account = await self._by_password(body.email, body.password, address)
            else:
                raise Refused("bad_request", "e-mail and password, or a code")
        return _json(self._sessions.issue(account))

    async def _by_password(self, email: str, password: str, address: str) -> Account:
        async with self._hashing:
            return await accounts.by_password(self._store.writes, email, password, address=address)

    async def who(self, request: web.Request) -> web.Response:
        """Answer whose token this is."""
        return _json(await self._sessions.person(_bearer(request)))

    async def sign_out(self, request: web.Request) -> web.Response:
        """End the session of a token; its consoles are shown out."""
        await self._sessions.end(_bearer(request))
        return web.Response(status=204)

    async def _body(self, request: web.Request) -> SignIn:
        raw = b""
        while len(raw) <= BODY_BYTES and (more := await request.content.readany()):
            raw += more
        if len(raw) > BODY_BYTES:
            raise Refused("too_large", f"a body has at most {BODY_BYTES} bytes")
        try:
            return msgspec.json.decode(raw, type=SignIn)
        except msgspec.ValidationError as error:
            raise Refused("bad_request", str(error)) from error
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise Refused("bad_request", "the body is not JSON") from error


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("unauthorized", "sign in first")
    return token


def _json(value: Session | Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
