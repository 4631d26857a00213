"""The HTTP API: signing in, and whether the gateway is alive and ready."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from conversation.errors import Refused
from conversation.store import Store, answering
from gateway import accounts
from gateway.sessions import Session, Sessions

BODY_BYTES = 16 * 1024


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /api/v1/session`: e-mail and password, or a one-time code."""

    email: str | None = None
    password: str | None = None
    code: str | None = None


class Api:
    """The handlers of the API."""

    def __init__(self, store: Store, sessions: Sessions, sockets: Any) -> None:
        self._store = store
        self._sessions = sessions
        self._sockets = sockets
        self._registry = CollectorRegistry()
        self._connected = Gauge(
            "handrail_sockets", "Connected clients of this process", registry=self._registry
        )

    def routes(self) -> list[web.RouteDef]:
        """Where they stand."""
        return [
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.metrics),
            web.post("/api/v1/session", self.sign_in),
            web.get("/api/v1/session", self.who),
        ]

    async def healthz(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"status": "ok"})

    async def readyz(self, _request: web.Request) -> web.Response:
        """Redis answers, so messages can be taken."""
        try:
            with answering():
                await self._store.reads.ping()
        except Refused:
            return web.json_response({"status": "unavailable", "redis": "down"}, status=503)
        return web.json_response({"status": "ok", "redis": "ok"})

    async def metrics(self, _request: web.Request) -> web.Response:
        """Figures for Prometheus."""
        self._connected.set(len(self._sockets.connections))
        return web.Response(body=generate_latest(self._registry), content_type="text/plain")

    async def sign_in(self, request: web.Request) -> web.Response:
        """Answer a token for an e-mail and password, or for a one-time code."""
        body = await self._body(request)
        with answering():
            if body.code is not None:
                account = await accounts.by_code(self._store.writes, body.code)
            elif body.email is not None and body.password is not None:
                account = await accounts.by_password(self._store.writes, body.email, body.password)
            else:
                raise Refused("bad_request", "e-mail and password, or a code")
        return _json(self._sessions.issue(account))

    async def who(self, request: web.Request) -> web.Response:
        """Answer whose token this is."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refused("unauthorized", "sign in first")
        with answering():
            return _json(await self._sessions.person(token))

    async def _body(self, request: web.Request) -> SignIn:
        raw = await request.content.read(BODY_BYTES + 1)
        if len(raw) > BODY_BYTES:
            raise Refused("too_large", f"a body has at most {BODY_BYTES} bytes")
        try:
            return msgspec.json.decode(raw, type=SignIn)
        except msgspec.MsgspecError as error:
            raise Refused("bad_request", str(error)) from error


def _json(value: Session | Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
