"""The scripted supervisor: watches conversations and approves every hold as soon as it is shown."""

from __future__ import annotations

import asyncio

import aiohttp
import socketio
from socketio.exceptions import SocketIOError

from bench.recording import Json
from bench.watched import Gap, Watched

NAMESPACE = "/staff"


class Refused(Exception):
    """The server answered a command of ours with an error."""


class Supervisor:
    """One member of staff on `/staff`; `faults` are refused decisions and gaps in a feed."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._socket = socketio.AsyncClient(reconnection=False)
        self._watched: dict[str, Watched] = {}
        self._holds: dict[str, Json] = {}
        self._decided: set[tuple[str, int]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def sign_in(self, url: str, *, email: str, password: str) -> None:
        """Take a session over HTTP and connect with it."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"{url}/api/v1/session", json={"email": email, "password": password}
            ) as answer,
        ):
            answer.raise_for_status()
            token = (await answer.json())["token"]
        self._socket.on("state", self._see_state, namespace=NAMESPACE)
        self._socket.on("hold", self._see_hold, namespace=NAMESPACE)
        self._socket.on("event", self._see_event, namespace=NAMESPACE)
        await self._socket.connect(
            url,
            auth={"token": token},
            transports=["websocket"],
            namespaces=[NAMESPACE],
            wait_timeout=15,
        )

    async def watch(self, conversation: str) -> Watched:
        """Follow a conversation from its first event."""
        watched = self._watched[conversation] = Watched()
        answer = await self._call("watch", {"conversation": conversation, "after": 0})
        watched.begin(answer["state"]["events"])
        return watched

    async def unwatch(self, conversation: str) -> None:
        """Stop following a conversation."""
        await self._call("unwatch", {"conversation": conversation})
        del self._watched[conversation]

    async def sign_out(self) -> None:
        """Let decisions under way end, then disconnect."""
        await asyncio.gather(*self._tasks)
        await self._socket.disconnect()

    def _see_state(self, state: Json) -> None:
        for hold in state["holds"]:
            self._see_hold(hold)

    def _see_hold(self, changed: Json) -> None:
        """Approve a hold's revision the first time it is seen `held`."""
        hold = self._holds.setdefault(changed["hold"], {})
        hold.update(changed)
        revision = (hold["hold"], hold["revision"])
        if hold["status"] == "held" and revision not in self._decided:
            self._decided.add(revision)
            task = asyncio.create_task(self._approve(dict(hold)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _see_event(self, event: Json) -> None:
        watched = self._watched.get(event["conversation"])
        if watched is None:
            return
        try:
            watched.hear(event)
        except Gap as gap:
            self.faults.append(f"the watched conversation has a gap: {gap}")

    async def _approve(self, hold: Json) -> None:
        shown = {name: hold[name] for name in ("hold", "revision", "digest")}
        try:
            await self._call("decide", {**shown, "decision": "approve"})
        except (Refused, SocketIOError) as failure:
            self.faults.append(f"an approval was refused: {failure!r}")

    async def _call(self, event: str, payload: Json) -> Json:
        answer: Json = await self._socket.call(event, payload, namespace=NAMESPACE, timeout=30)
        if not answer["ok"]:
            message = f"{event}: {answer['error']['code']}: {answer['error']['message']}"
            raise Refused(message)
        return answer
