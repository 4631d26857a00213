"""The customers: each plays one recording over `/customer`, a message at a time.

The next message is sent only when the conversation is at rest, which the supervisor's view of it
tells: no turn is open and no hold is.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field

import jwt
import socketio
from socketio.exceptions import SocketIOError

from bench.recording import Json, Recording
from bench.stage import Performance, Stage
from bench.supervisor import Refused, Supervisor
from bench.watched import PRIVATE, Watched

NAMESPACE = "/customer"
CUSTOMER_SECRET = "the secret that signs the tokens of recorded customers"
ACKNOWLEDGED_WITHIN_S = 30
MOVES_WITHIN_S = 30.0
SHOWN_WITHIN_S = 15.0


@dataclass
class Played:
    """What came of one recording: what was sent, shown, logged and called."""

    recording: Recording
    performance: Performance
    greeting: str | None = None
    """The greeting shown before anything was written."""
    said: dict[str, int] = field(default_factory=dict)
    """The seq each message was acknowledged with, by its id."""
    shown: dict[int, Json] = field(default_factory=dict)
    """The events the customer was sent, by seq."""
    log: list[Json] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Customer:
    """One customer with a token of their own and one socket."""

    def __init__(self, played: Played) -> None:
        self._played = played
        self._state: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._arrived = asyncio.Event()
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("state", self._see_state, namespace=NAMESPACE)
        self._socket.on("event", self._see_event, namespace=NAMESPACE)

    async def connect(self, url: str) -> None:
        """Connect with a signed token and read the first state."""
        await self._socket.connect(
            url,
            auth={"token": token(self._played.recording.id)},
            transports=["websocket"],
            namespaces=[NAMESPACE],
            wait_timeout=15,
        )
        state = await asyncio.wait_for(self._state, ACKNOWLEDGED_WITHIN_S)
        self._played.greeting = state["settings"].get("greeting")

    async def say(self, text: str) -> Json:
        """Send one message; returns the acknowledgement. Raises Refused."""
        identity = str(uuid.uuid4())
        answer: Json = await self._socket.call(
            "say",
            {"id": identity, "text": text},
            namespace=NAMESPACE,
            timeout=ACKNOWLEDGED_WITHIN_S,
        )
        if not answer["ok"]:
            message = f"say: {answer['error']['code']}: {answer['error']['message']}"
            raise Refused(message)
        self._played.said[identity] = answer["seq"]
        return answer

    async def shown(self, seq: int) -> None:
        """Wait until the event at `seq` has come. Raises TimeoutError."""
        async with asyncio.timeout(SHOWN_WITHIN_S):
            while seq not in self._played.shown:
                self._arrived.clear()
                await self._arrived.wait()

    async def disconnect(self) -> None:
        """Close the socket; the conversation stays open."""
        await self._socket.disconnect()

    def _see_state(self, state: Json) -> None:
        if not self._state.done():
            self._state.set_result(state)

    def _see_event(self, event: Json) -> None:
        self._played.shown[event["seq"]] = event
        self._arrived.set()


async def play(recording: Recording, *, url: str, stage: Stage, supervisor: Supervisor) -> Played:
    """Play one recording to its end, or to the first thing that goes wrong."""
    played = Played(recording, Performance(recording))
    customer = Customer(played)
    try:
        await customer.connect(url)
        await _converse(customer, played, stage=stage, supervisor=supervisor)
    except (Refused, SocketIOError, TimeoutError) as failure:
        played.faults.append(f"{type(failure).__name__}: {failure}")
    finally:
        await customer.disconnect()
    played.faults += played.performance.faults
    return played


def token(sub: str) -> str:
    """A customer's signed token."""
    claims = {"aud": "handrail", "sub": sub, "exp": int(time.time()) + 3600}
    return jwt.encode(claims, CUSTOMER_SECRET, algorithm="HS256")


async def _converse(
    customer: Customer, played: Played, *, stage: Stage, supervisor: Supervisor
) -> None:
    conversation, watched = "", Watched()
    for turn in played.recording.turns:
        said = await customer.say(turn.message)
        if not conversation:
            conversation = said["conversation"]
            stage.enter(conversation, played.performance)
            watched = await supervisor.watch(conversation)
            played.log = watched.events
        if not await watched.rest(after=said["seq"], patience_s=MOVES_WITHIN_S):
            played.faults.append("a turn or a hold stayed open")
            return
        if watched.is_with_people:
            played.faults.append("the assistant gave the conversation away")
            return
    if conversation:
        await customer.shown(max(e["seq"] for e in watched.events if e["type"] not in PRIVATE))
        await supervisor.unwatch(conversation)
