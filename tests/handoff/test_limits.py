"""Limits as an operator writes them: what is refused, and how they read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from handoff.cel import PolicyError
from handoff.policy import Policy
from handoff.settings import ToolSettings

A_LIMIT = {"per": "customer", "window": 3600, "max": "150.00 USD", "then": "hold"}
MONEY = {"amount": "args.amount", "currency": "USD", "direction": "to_customer"}


def policy(limit: dict[str, Any], **tool: Any) -> Policy:
    usual = {
        "http": {"url": "http://127.0.0.1:9/pay"},
        "description": "Pay",
        "effect": "write",
        "money": MONEY,
        "target": "args.order",
        "limits": [A_LIMIT | limit],
    }
    return Policy({"pay": msgspec.convert(usual | tool, ToolSettings)})


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({}, "more than $150.00 for one customer in 1 hour"),
        ({"window": 30 * 86_400}, "more than $150.00 for one customer in 30 days"),
        ({"window": 5400}, "more than $150.00 for one customer in 90 minutes"),
        ({"per": "target", "max": "0 USD"}, "more than $0.00 for the same thing in 1 hour"),
    ],
)
def test_a_limit_says_what_it_allows(limit: dict[str, Any], words: str) -> None:
    (compiled,) = policy(limit).limits("pay")

    assert compiled.words() == words


@pytest.mark.parametrize(
    ("limit", "tool", "key", "message"),
    [
        ({"max": "150"}, {}, "[0].max", "no amount with its currency"),
        ({"max": "USD 150"}, {}, "[0].max", "no amount with its currency"),
        ({"max": "-1 USD"}, {}, "[0].max", "no amount with its currency"),
        ({"max": "150 usd"}, {}, "[0].max", "no amount with its currency"),
        ({"max": "1.001 USD"}, {}, "[0].max", "finer than the smallest unit of USD"),
        ({"max": "1 XAU"}, {"money": MONEY | {"currency": "args.c"}}, "[0].max", "smallest unit"),
        ({"max": "150 EUR"}, {}, "[0].max", "is in EUR, but the tool moves USD"),
        ({}, {"money": None}, "", "say with `money` what it moves"),
        ({}, {"money": None, "effect": "read"}, "", "limits are of writes that move money"),
        ({"per": "target"}, {"target": None}, "[0].per", "say with `target`"),
    ],
)
def test_a_limit_that_cannot_work_is_refused(
    limit: dict[str, Any], tool: dict[str, Any], key: str, message: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        policy(limit, **tool)

    assert refused.value.key == f"tools.pay.limits{key}"
    assert message in refused.value.message


def test_a_limit_is_part_of_what_was_judged() -> None:
    """Whoever changes a limit changes the digest of all that waits under it."""
    arguments, robin = {"amount": 5, "order": "W1"}, {"id": "u_robin", "level": "token"}
    before, after = (
        policy({"max": most}).judge("pay", arguments, customer=robin) for most in ("1 USD", "2 USD")
    )

    assert before.digest != after.digest
