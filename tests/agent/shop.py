"""The tools and limits the assistant works with in tests, by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.settings import AssistantSettings, LimitsSettings, ModelSettings
from gateway.settings import CustomersSettings
from handoff.settings import (
    EvidenceSettings,
    HttpSettings,
    MoneySettings,
    RuleSettings,
    ToolSettings,
)
from handrail.config import Config
from tests.doubles.tools import ToolsDouble

INSTRUCTIONS = "Be kind."
WRITES = ("issue_refund", "change_address", "send_letter")


def configured(double: ToolsDouble, *, model_url: str, data: Path, **changes: Any) -> Config:
    """A configuration of tests; `changes` are keys of it, and `timeout_s`, the model's."""
    timeout_s = changes.pop("timeout_s", 10)
    usual: dict[str, Any] = {
        "model": ModelSettings(
            name="double", base_url=model_url, api_key="none", timeout_s=timeout_s
        ),
        "customers": CustomersSettings(anonymous=True),
        "assistant": AssistantSettings(name="Ada", instructions=INSTRUCTIONS),
        "tools_secret": "for tools only",
        "tools": shop(double),
        "limits": LimitsSettings(steps_per_turn=100),
        "monitor": None,
        "data": data,
    }
    return Config(**usual | changes)


def shop(tools: ToolsDouble) -> dict[str, ToolSettings]:
    """Two reads, a write that needs care, and two that need none, one of them without a key."""
    return {
        "get_order": _tool(tools, "get_order", {"order_id": "string"}, effect="read"),
        "get_shipment": _tool(tools, "get_shipment", {"order_id": "string"}, effect="read"),
        "issue_refund": refunds(tools),
        "change_address": _tool(
            tools, "change_address", {"order_id": "string", "to": "string"}, idempotency="key"
        ),
        "send_letter": _tool(tools, "send_letter", {"text": "string"}),
    }


def refunds(tools: ToolsDouble, *rules: RuleSettings) -> ToolSettings:
    """Refunds: denied for closed orders and over $500, held over $50, else allowed."""
    usual = (
        RuleSettings(when="evidence.order.closed", then="deny", because="the order is closed"),
        RuleSettings(when="money.minor > 50000", then="deny", because="over $500"),
        RuleSettings(when="money.minor > 5000", then="hold", because="over $50"),
        RuleSettings(then="allow"),
    )
    return _tool(
        tools,
        "issue_refund",
        {"order_id": "string", "amount": "number"},
        title="Refund",
        idempotency="key",
        money=MoneySettings(amount="args.amount", currency="USD", direction="to_customer"),
        target="args.order_id",
        evidence={
            "order": EvidenceSettings(tool="get_order", arguments={"order_id": "args.order_id"})
        },
        rules=list(rules or usual),
    )


def _tool(tools: ToolsDouble, name: str, arguments: dict[str, str], **more: Any) -> ToolSettings:
    usual: dict[str, Any] = {
        "http": HttpSettings(url=tools.url(name), timeout_s=10),
        "description": name,
        "effect": "write" if name in WRITES else "read",
        "arguments": {
            "type": "object",
            "properties": {key: {"type": kind} for key, kind in arguments.items()},
            "required": list(arguments),
            "additionalProperties": False,
        },
    }
    return ToolSettings(**usual | more)
