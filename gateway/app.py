"""The gateway's application: every route, both namespaces, and what they stand on.

Nothing is kept here that another process could not take over: a client that reconnects elsewhere
finds its conversation by seq, a console its lists by cursor.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Raw, Struct

from conversation.feed import Feed
from conversation.headroom import Headroom
from conversation.log import Log
from gateway.addresses import Openings
from gateway.api import Api
from gateway.customer import CustomerConnection, accept
from gateway.decisions import Decisions
from gateway.doorkeeper import Doorkeeper
from gateway.limits import Limits
from gateway.lists import StaffLists
from gateway.metrics import Figures
from gateway.notices import Notice, Notices
from gateway.opening import Visitors
from gateway.origins import only_origins
from gateway.pages import Pages
from gateway.problems import tell_problems
from gateway.reception import Reception
from gateway.roster import Roster
from gateway.sessions import Sessions
from gateway.settings import CustomersSettings, GatewaySettings, WidgetSettings
from gateway.sockets import Json, Sockets
from gateway.staff import Office, StaffConnection
from gateway.tokens import CustomerTokens, ResumeTokens
from gateway.vitals import Vitals
from handoff.judging import Judge
from handoff.line import Line
from handoff.lowering import Lowering
from handoff.presence import Presence

RECONNECT_IN_MS = 1_000
SOCKETS_PATH = "/socket.io/"


class Parts(Struct, frozen=True, kw_only=True):
    """What the gateway is made from."""

    log: Log
    judge: Judge
    lowering: Lowering
    headroom: Headroom
    gateway: GatewaySettings
    customers: CustomersSettings
    widget: WidgetSettings
    assistant: str
    greeting: str | None
    signing_key: bytes
    interrupt: bool = False
    """Whether a customer's message cuts the assistant's turn."""


def application(parts: Parts) -> web.Application:
    """Compose the gateway; it lives as long as the application runs."""
    app = web.Application(
        middlewares=[
            tell_problems,
            only_origins(parts.gateway.origins, SOCKETS_PATH, host=parts.gateway.host),
        ]
    )
    edge = Edge(parts)
    edge.sockets.attach(app, SOCKETS_PATH)
    app.add_routes(Api(parts.log.store, edge.sessions, edge.figures).routes())
    app.add_routes(Pages(parts.gateway.home).routes())
    app.cleanup_ctx.append(edge.running)
    app.on_shutdown.append(edge.say_goodbye)
    return app


class Edge:
    """The live parts of one gateway process."""

    def __init__(self, parts: Parts) -> None:
        store = parts.log.store
        self.feed = Feed(parts.log)
        self.lists = StaffLists(store, self._tell_staff)
        self.roster = Roster(
            store,
            Presence(store, clock=parts.log.clock),
            loads=self.lists.loads,
            changed=self._tell_changed,
            here=self._tell_here,
        )
        self.sessions = Sessions(parts.signing_key, store)
        self.limits = Limits(store, clock=parts.log.clock)
        self.notices = Notices(self._tell_notice, clock=parts.log.clock)
        self.vitals = Vitals(parts.log, parts.headroom, self.notices, loads=self.lists.loads)
        self.sockets = Sockets(
            {"/customer": partial(accept, self._reception(parts)), "/staff": self._office(parts)}
        )
        self.figures = Figures(
            log=parts.log,
            sockets=self.sockets,
            lists=self.lists,
            headroom=parts.headroom,
            vitals=self.vitals,
            notices=self.notices,
        )

    def _reception(self, parts: Parts) -> Reception:
        resumes = ResumeTokens(parts.signing_key)
        visitors = Visitors(
            log=parts.log,
            resumes=resumes,
            assistant=parts.assistant,
            greeting=parts.greeting,
            anonymous=parts.customers.anonymous,
            reopen_within_s=parts.customers.reopen_within_s,
            interrupt=parts.interrupt,
        )
        return Reception(
            log=parts.log,
            expires_at=parts.judge.expires_at,
            limits=self.limits,
            openings=Openings(parts.log.store),
            headroom=parts.headroom,
            feed=self.feed,
            line=Line(parts.log.store),
            tokens=CustomerTokens(parts.customers),
            resumes=resumes,
            visitors=visitors,
            settings=_widget(parts),
        )

    def _office(self, parts: Parts) -> Office:
        return Office(
            log=parts.log,
            judge=parts.judge,
            decisions=Decisions(log=parts.log, judge=parts.judge, lowering=parts.lowering),
            headroom=parts.headroom,
            notices=self.notices,
            feed=self.feed,
            lists=self.lists,
            roster=self.roster,
            sessions=self.sessions,
            limits=self.limits,
            assistant=parts.assistant,
        )

    async def _tell_staff(self, event: str, payload: Json | Raw) -> None:
        for connection in self.sockets.connections:
            if isinstance(connection, StaffConnection):
                await connection.send(event, payload)

    async def _tell_notice(self, notice: Notice) -> None:
        await self._tell_staff("notice", msgspec.to_builtins(notice))

    async def _tell_changed(self, changed: list[Json]) -> None:
        for person in changed:
            await self._tell_staff("staff", person)

    async def _tell_here(self, here: int) -> None:
        people = {"here": here, "until": None}
        for connection in self.sockets.connections:
            if isinstance(connection, CustomerConnection):
                await connection.send("people", people)

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Follow what happens, for as long as the application runs."""
        door = Doorkeeper(self.sockets, self.limits)
        async with self.feed, self.lists, self.roster, self.vitals, door:
            yield

    async def say_goodbye(self, _app: web.Application) -> None:
        """Tell every client to come back, before the process ends."""
        away = {"reconnect_in_ms": RECONNECT_IN_MS}
        for connection in self.sockets.connections:
            await connection.send("going_away", away)
        await self.sockets.shutdown()


def _widget(parts: Parts) -> dict[str, Any]:
    return {
        "greeting": parts.greeting,
        "title": parts.widget.title,
        "colour": parts.widget.colour,
        "suggestions": list(parts.widget.suggestions),
        "notice": parts.widget.notice,
    }
