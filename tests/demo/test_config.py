"""The configuration at the root: what it lets the assistant do in the demo shop."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from agent.calls import Caller
from agent.http_tool import HttpTools
from conversation.state import Customer
from handoff.identity import facts_of
from handoff.judgement import Judgement
from handoff.policy import Policy, judge_call
from handrail.config import Config, load
from tests.demo.conftest import Shop
from tests.demo.talk import TOOLS

CONFIG = Path(__file__).parents[2] / "config.yaml"
ENVIRON = {"HANDRAIL_CUSTOMER_SECRET": "c" * 32, "HANDRAIL_TOOLS_SECRET": "t"}

ALL_TOOLS = (*TOOLS, "find_effect")
"""With the one that only people, rules and reconciliations use."""

JONAS = Customer("jonas", "token")
NOBODY = Customer("anonymous-1")


def configured(shop_url: str = "http://127.0.0.1:9100") -> Config:
    overrides = {f"tools.{tool}.http.url": f"{shop_url}/tools/{tool}" for tool in ALL_TOOLS}
    return load(CONFIG, environ=ENVIRON, overrides=overrides)


async def judged(shop: Shop, tool: str, customer: Customer, **arguments: object) -> Judgement:
    """Judge a call as the gateway does, with evidence from the shop."""
    tools = configured(shop.url).tools
    caller = Caller(tools, HttpTools("t", shop.session))
    return await judge_call(
        Policy(tools),
        caller.reader("c_1", customer),
        tool,
        dict(arguments),
        customer=facts_of(customer),
    )


def test_without_a_real_model_none_is_named() -> None:
    config = configured()

    assert (config.model.base_url, config.model.api_key) == (None, None)
    assert "Tarnfield" in (config.assistant.instructions or "")
    assert set(config.tools) == set(ALL_TOOLS)
    assert {name for name, tool in config.tools.items() if tool.offer} == set(TOOLS)


@pytest.mark.parametrize(
    ("order_id", "amount", "verdict", "because"),
    [
        ("TF-20871", Decimal("50.00"), "allow", None),
        ("TF-20871", Decimal("50.01"), "hold", "over $50"),
        ("TF-20889", Decimal("1.10"), "deny", "not this customer's order"),
    ],
)
async def test_refunds_are_judged_by_amount_and_owner(
    tarnfield: Shop, order_id: str, amount: Decimal, verdict: str, because: str | None
) -> None:
    judgement = await judged(tarnfield, "issue_refund", JONAS, order_id=order_id, amount=amount)

    assert (judgement.verdict, judgement.because) == (verdict, because)
    assert judgement.title.startswith("Refund")
    assert judgement.money is not None
    assert judgement.money.minor == amount * 100


async def test_a_visitor_nobody_knows_moves_no_money_alone(tarnfield: Shop) -> None:
    judgement = await judged(tarnfield, "issue_refund", NOBODY, order_id="TF-20871", amount=1)

    assert (judgement.verdict, judgement.because) == ("hold", "nobody has identified this customer")


@pytest.mark.parametrize(
    ("key", "found"),
    [("call_1", ("succeeded", "ledger 1")), ("call_2", ("failed", None))],
)
async def test_what_became_of_a_refund_is_found_by_its_key(
    tarnfield: Shop, key: str, found: tuple[str, str | None]
) -> None:
    refund = {"order_id": "TF-20871", "amount": 20}
    await tarnfield.call("issue_refund", refund, customer="jonas", key="call_1")
    caller = Caller(configured(tarnfield.url).tools, HttpTools("t", tarnfield.session))
    reconciliation = caller.reconciliation("issue_refund")
    assert reconciliation is not None
    reader = caller.reader("c_1", JONAS, purpose="reconcile")
    told = await reconciliation.find(reader, refund, key=key, customer=facts_of(JONAS))

    assert (told.outcome, told.reference) == found


@pytest.mark.parametrize("amount", [Decimal("0.00"), Decimal(-1), Decimal("1.005")])
async def test_an_amount_that_cannot_be_paid_is_no_call(tarnfield: Shop, amount: Decimal) -> None:
    judgement = await judged(tarnfield, "issue_refund", JONAS, order_id="TF-20871", amount=amount)

    assert judgement.verdict == "invalid"


async def test_a_cancellation_moves_what_the_order_still_has(tarnfield: Shop) -> None:
    judgement = await judged(tarnfield, "cancel_order", JONAS, order_id="TF-20931")

    assert judgement.verdict == "allow"
    assert judgement.money is not None
    assert (judgement.money.minor, judgement.money.currency) == (3600, "USD")


async def test_every_write_is_denied_on_another_customers_order(tarnfield: Shop) -> None:
    address = {"street": "1 New Road", "city": "Bath", "postcode": "BA1 1AA", "country": "UK"}
    cancelled = await judged(tarnfield, "cancel_order", JONAS, order_id="TF-20927")
    moved = await judged(tarnfield, "change_address", JONAS, order_id="TF-20927", **address)

    assert (cancelled.verdict, moved.verdict) == ("deny", "deny")
