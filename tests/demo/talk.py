"""A conversation as the gateway leads it: model and tools over HTTP, large refunds held."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

TOOLS = (
    "find_orders",
    "get_order",
    "get_shipment",
    "change_address",
    "cancel_order",
    "issue_refund",
)
WRITES = ("change_address", "cancel_order", "issue_refund")
HELD_NOTE = "not done; do not re-issue"


@dataclass
class Conversation:
    """One customer's conversation; `messages` is what the model is sent, `called` what it calls."""

    session: aiohttp.ClientSession
    model_url: str
    shop_url: str
    customer: str = ""
    hold_over: float = 50
    tools: tuple[str, ...] = TOOLS
    messages: list[dict[str, Any]] = field(default_factory=list)
    called: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def say(self, text: str) -> str:
        """Say something as the customer and return the assistant's reply."""
        self.messages.append({"role": "user", "content": text})
        return await self.turn()

    async def decide(self, hold: str, status: str, result: Any) -> str:
        """Let a hold come to its end and return what the assistant says of it."""
        outcome = {"hold": hold, "status": status, "result": result}
        self.messages.append({"role": "system", "content": json.dumps(outcome)})
        return await self.turn()

    async def turn(self) -> str:
        """Ask the model, call what it calls, until it replies."""
        for _ in range(8):
            message = await self._complete()
            self.messages.append(message)
            if not message.get("tool_calls"):
                return str(message["content"])
            for call in message["tool_calls"]:
                await self._answer(call)
        raise AssertionError("the model never replied")

    async def _complete(self) -> dict[str, Any]:
        tools = [{"type": "function", "function": {"name": name}} for name in self.tools]
        body = {"model": "demo", "messages": self.messages, "tools": tools}
        async with self.session.post(f"{self.model_url}/v1/chat/completions", json=body) as answer:
            assert answer.status == 200, await answer.text()
            message: dict[str, Any] = (await answer.json())["choices"][0]["message"]
            return message

    async def _answer(self, call: dict[str, Any]) -> None:
        name = call["function"]["name"]
        arguments = json.loads(call["function"]["arguments"])
        self.called.append((name, arguments))
        if name == "issue_refund" and arguments["amount"] > self.hold_over:
            hold = f"h_{call['id']}"
            content = json.dumps({"status": "held", "hold": hold, "note": HELD_NOTE})
        else:
            content = await self.call_tool(name, arguments, key=call["id"])
        self.messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})

    async def call_tool(self, name: str, arguments: dict[str, Any], *, key: str) -> str:
        """Call a tool of the shop and return the message the model would get."""
        headers = {"X-Customer-Id": self.customer}
        if name in WRITES:
            headers["Idempotency-Key"] = key
        url, body = f"{self.shop_url}/tools/{name}", {"arguments": arguments}
        async with self.session.post(url, json=body, headers=headers) as answer:
            text = await answer.text()
            return text if answer.status == 200 else f'{{"error": {text}}}'

    @property
    def hold(self) -> str:
        """The hold that was opened last."""
        results = (json.loads(m["content"]) for m in self.messages if m["role"] == "tool")
        return str([result["hold"] for result in results if "hold" in result][-1])
