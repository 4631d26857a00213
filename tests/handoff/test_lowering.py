"""An edit that asks for less of the same, told from one that asks for something else."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from conversation.events import Money
from handoff.lowering import Lowering
from handoff.settings import HttpSettings, MoneySettings, ToolSettings
from tests.handoff.holding import refund

REFUND = ToolSettings(
    http=HttpSettings(url="http://127.0.0.1:1/"),
    description="Refund an order",
    effect="write",
    money=MoneySettings(amount="args.amount", currency="USD", direction="to_customer"),
)


def lowering(**money: Any) -> Lowering:
    assert REFUND.money is not None
    return Lowering({"issue_refund": replace(REFUND, money=replace(REFUND.money, **money))})


@pytest.mark.parametrize("amount", ["59.99", "50", "0.01"])
def test_less_of_the_same_is_lower(amount: str) -> None:
    assert lowering().only(refund("60.00"), refund(amount))


OTHER: dict[str, dict[str, Any]] = {
    "another target": {"target": "W2"},
    "another currency": {"money": Money(5000, "EUR")},
    "no money": {"money": None},
    "another argument": {"arguments": Raw(b'{"order_id": "W2", "amount": 50.00}')},
    "one argument more": {"arguments": Raw(b'{"order_id": "W1", "amount": 50, "to": "x"}')},
    "one argument less": {"arguments": Raw(b'{"amount": 50.00}')},
    "other facts": {"evidence": Raw(b'{"order": {"paid": 50}}')},
    "another tool": {"tool": "pay_out"},
}


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_less_of_something_else_is_not(other: dict[str, Any]) -> None:
    assert not lowering().only(refund("60.00"), refund("50.00", **other))


@pytest.mark.parametrize("amount", ["60.00", "60.01", "600"])
def test_as_much_or_more_is_not(amount: str) -> None:
    assert not lowering().only(refund("60.00"), refund(amount))


@pytest.mark.parametrize(
    "money",
    [
        {"amount": "evidence.order.paid"},
        {"amount": "args.price * args.amount"},
        {"amount": "args"},
        {"direction": "from_customer"},
        {"direction": "args.direction"},
        {"direction": None},
    ],
)
def test_only_an_amount_paid_to_the_customer_that_one_argument_says_counts(
    money: dict[str, Any],
) -> None:
    assert not lowering(**money).only(refund("60.00"), refund("50.00"))


def test_a_tool_without_money_lowers_nothing() -> None:
    tools = {"issue_refund": replace(REFUND, money=None)}
    assert not Lowering(tools).only(refund("60.00"), refund("50.00"))
    assert not Lowering({}).only(refund("60.00"), refund("50.00"))


def test_the_amount_may_lie_deeper() -> None:
    def deep(amount: str, more: str = "") -> Any:
        arguments = f'{{"refund": {{"amount": {amount}{more}}}}}'
        return refund(amount, arguments=Raw(arguments.encode()))

    deeper = lowering(amount="args.refund.amount")
    assert deeper.only(deep("60.00"), deep("50.00"))
    assert not deeper.only(deep("60.00"), deep("50.00", ', "to": "x"'))
