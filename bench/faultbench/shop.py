"""The shop's tools, over HTTP, and the ledger of what they really did.

`issue_refund` takes an idempotency key and does one thing a key; `send_voucher` takes none and does
it each time it is asked. Over $50 both wait for a person. An order's id begins with the id of the
customer it belongs to. A gate stops the first request about an order at a moment of its work.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from bench.faultbench.history import Effect

Json = dict[str, Any]
SECRET = "the secret that signs calls to the shop's tools"
KEYED = frozenset({"issue_refund"})
_SCHEMA = {
    "type": "object",
    "properties": {"order_id": {"type": "string"}, "amount": {"type": "number"}},
    "required": ["order_id", "amount"],
    "additionalProperties": False,
}


Moment = Literal["unheard", "working", "done"]


@dataclass
class Gate:
    """Where one call is stopped; `reached` when it has come, `opened` when it may go on.

    One that is `unheard` has no effect ever; one stopped while `working` has it when it goes on;
    one that is `done` has had it, and its answer waits.
    """

    moment: Moment
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)


class Shop:
    """All tools; `url` is where they are while they listen, `ledger` what they did."""

    def __init__(self) -> None:
        self.url = ""
        self.ledger: dict[str, list[Effect]] = {}
        """Effects by conversation."""
        self.asked: dict[str, list[str]] = {}
        """The keys of all calls that came, by order."""
        self._by_key: dict[str, Effect] = {}
        self._gates: dict[str, Gate] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Serve on 127.0.0.1 until the block ends."""
        app = web.Application()
        app.router.add_post("/tools/get_order", self._look)
        app.router.add_post("/tools/{tool}", self._do)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=512).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/tools"
        try:
            yield
        finally:
            for gate in self._gates.values():
                gate.opened.set()
            await runner.cleanup()

    def gate(self, order: str, moment: Moment) -> Gate:
        """Stop the first call about an order."""
        gate = self._gates[order] = Gate(moment)
        return gate

    def effects(self, conversation: str) -> list[Effect]:
        """What was done for a conversation."""
        return self.ledger.get(conversation, [])

    def forget(self, conversation: str) -> None:
        """Drop what is kept of a conversation."""
        for effect in self.ledger.pop(conversation, []):
            self._by_key.pop(effect.key, None)
            self.asked.pop(effect.order, None)

    def tools(self) -> Json:
        """As the configuration names them."""
        return {
            "get_order": {
                "http": {"url": f"{self.url}/get_order"},
                "description": "Look an order up",
                "effect": "read",
                "arguments": {
                    "type": "object",
                    "properties": {"order_id": {"type": "string"}},
                    "required": ["order_id"],
                },
            },
            "issue_refund": self._write("issue_refund", idempotency="key")
            | {"money": {"amount": "args.amount", "currency": "USD", "direction": "to_customer"}},
            "send_voucher": self._write("send_voucher", idempotency="none"),
        }

    def _write(self, tool: str, *, idempotency: str) -> Json:
        return {
            "http": {"url": f"{self.url}/{tool}", "timeout_s": 30},
            "description": tool,
            "effect": "write",
            "idempotency": idempotency,
            "arguments": deepcopy(_SCHEMA),
            "target": "args.order_id",
            "evidence": {
                "order": {"tool": "get_order", "arguments": {"order_id": "args.order_id"}}
            },
            "rules": [
                {
                    "when": "evidence.order.customer != customer.id",
                    "then": "deny",
                    "because": "not this customer's order",
                },
                {"when": "args.amount > 50.0", "then": "hold", "because": "over $50"},
                {"then": "allow"},
            ],
        }

    async def _look(self, request: web.Request) -> web.Response:
        order = (await request.json())["arguments"]["order_id"]
        return web.json_response({"order_id": order, "customer": order.partition("/")[0]})

    async def _do(self, request: web.Request) -> web.Response:
        arguments = json.loads(await request.read())["arguments"]
        order, key = arguments["order_id"], request.headers["Idempotency-Key"]
        first = order not in self.asked
        self.asked.setdefault(order, []).append(key)
        gate = self._gates.pop(order, None) if first else None
        if gate is not None and gate.moment != "done":
            await _stop_at(gate)
            if gate.moment == "unheard":
                return web.Response(status=500)
        effect = Effect(
            request.headers["X-Conversation-Id"],
            request.match_info["tool"],
            key,
            order,
            round(arguments["amount"] * 100),
        )
        if not (effect.tool in KEYED and key in self._by_key):
            self._by_key[key] = effect
            self.ledger.setdefault(effect.conversation, []).append(effect)
        if gate is not None and gate.moment == "done":
            await _stop_at(gate)
        return web.json_response({"done": True})


async def _stop_at(gate: Gate) -> None:
    gate.reached.set()
    await gate.opened.wait()
