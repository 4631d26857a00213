"""The configuration under which recordings are played: their tools, rules and greeting."""

from __future__ import annotations

from bench.doubles import MODEL, TOOLS_SECRET
from bench.driver import CUSTOMER_SECRET
from bench.recording import HELD_ABOVE_MINOR, Json, tool_schemas
from bench.server import ORIGIN

WRITES = frozenset(
    {
        "book_reservation",
        "cancel_pending_order",
        "cancel_reservation",
        "exchange_delivered_order_items",
        "modify_pending_order_address",
        "modify_pending_order_items",
        "modify_pending_order_payment",
        "modify_user_address",
        "return_delivered_order_items",
        "send_certificate",
        "update_reservation_baggages",
        "update_reservation_flights",
        "update_reservation_passengers",
    }
)
STEPS_PER_TURN = 120
_RULE = f'money != null && money.direction == "to_customer" && money.minor > {HELD_ABOVE_MINOR}'


def configuration(domain: str, env: str, *, greeting: str | None, doubles_url: str) -> Json:
    """What one server needs to play the recordings of a domain and environment."""
    assistant: Json = {"name": "Recorded"}
    if greeting is not None:
        assistant["greeting"] = greeting
    tools = {tool["name"]: _tool(tool, doubles_url) for tool in tool_schemas(domain, env)}
    return {
        "gateway": {"host": "127.0.0.1", "port": 0, "origins": [ORIGIN]},
        "customers": {"secret": CUSTOMER_SECRET, "anonymous": False},
        "model": {"base_url": f"{doubles_url}/v1", "api_key": "none", "name": MODEL},
        "assistant": assistant,
        "tools_secret": TOOLS_SECRET,
        "tools": tools | {"quote": _quote(doubles_url)},
        "limits": {"steps_per_turn": STEPS_PER_TURN},
        "monitor": False,
        "data": "./data/",
        "redis": {"url": None},
    }


def _tool(schema: Json, doubles_url: str) -> Json:
    tool = {
        "http": {"url": f"{doubles_url}/tools/{schema['name']}"},
        "description": schema["description"],
        "effect": "write" if schema["name"] in WRITES else "read",
        "arguments": schema["parameters"],
    }
    return tool | _oversight(schema["name"]) if schema["name"] in WRITES else tool


def _oversight(name: str) -> Json:
    """What a write moves is quoted from the recording; above the threshold it is held."""
    return {
        "idempotency": "key",
        "money": {
            "amount": "evidence.quote.amount",
            "currency": "USD",
            "direction": "evidence.quote.direction",
        },
        "evidence": {
            "quote": {"tool": "quote", "arguments": {"tool": f"'{name}'", "arguments": "args"}}
        },
        "rules": [
            {"when": _RULE, "then": "hold", "because": "more than $100 to the customer"},
            {"then": "allow"},
        ],
    }


def _quote(doubles_url: str) -> Json:
    return {
        "http": {"url": f"{doubles_url}/tools/quote"},
        "description": "What a call moves, and to whom",
        "effect": "read",
        "offer": False,
        "arguments": {
            "type": "object",
            "properties": {"tool": {"type": "string"}, "arguments": {"type": "object"}},
            "required": ["tool", "arguments"],
        },
    }
