"""What an operator says of finding out about a write: checked at the start, read with care."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from handoff.cel import PolicyError
from handoff.evidence import EvidenceError
from handoff.facts import Json
from handoff.reconciliation import Finding, compile_reconciliation, compile_reconciliations
from handoff.settings import ReconcileSettings, ToolSettings

HOW: dict[str, Any] = {
    "tool": "find",
    "arguments": {"key": "key", "order": "args.order_id", "of": "customer.id"},
    "succeeded": 'result.status == "done"',
    "failed": 'result.status == "none"',
    "reference": "result.id",
}
ROBIN = {"id": "u_robin", "level": "token"}


def tools(**how: Any) -> dict[str, ToolSettings]:
    """A write that is looked up as said, and the read by which it is."""
    http = {"url": "http://127.0.0.1:9/"}
    usual = {"http": http, "description": "d"}
    pay = usual | {"effect": "write", "reconcile": {**HOW, **how}}
    written = {"pay": pay, "find": usual | {"effect": "read"}, "send": usual | {"effect": "write"}}
    return msgspec.convert(written, dict[str, ToolSettings])


class Found:
    """A read tool that answers this, or nothing."""

    def __init__(self, answer: Json = None, *, silent: bool = False) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answer = answer
        self._silent = silent

    async def read(self, tool: str, arguments: dict[str, Any]) -> Json:
        self.asked.append((tool, arguments))
        if self._silent:
            raise EvidenceError("find did not answer")
        return self._answer


async def find(reader: Found, arguments: Json = None, **how: Any) -> Finding:
    """What is found out about a payment."""
    reconciliation = compile_reconciliations(tools(**how))["pay"]
    given = {"order_id": "W1", "amount": Decimal("19.990")} if arguments is None else arguments
    return await reconciliation.find(reader, given, key="call_1", customer=ROBIN)


async def test_the_tool_is_asked_by_key_arguments_and_customer() -> None:
    reader = Found({"status": "done"})
    await find(reader)
    assert reader.asked == [("find", {"key": "call_1", "order": "W1", "of": "u_robin"})]


@pytest.mark.parametrize(
    ("answer", "outcome", "reference"),
    [
        ({"status": "done", "id": "RF-7"}, "succeeded", "RF-7"),
        ({"status": "done", "id": 7}, "succeeded", "7"),
        ({"status": "done", "id": "x" * 500}, "succeeded", "x" * 200),
        ({"status": "done", "id": ""}, "succeeded", None),
        ({"status": "done", "id": None}, "succeeded", None),
        ({"status": "done", "id": {"n": 1}}, "succeeded", None),
        ({"status": "done"}, "succeeded", None),
        ({"status": "none", "id": "RF-7"}, "failed", None),
        ({"status": "pending"}, "unknown", None),
        ({}, "unknown", None),
        (None, "unknown", None),
        ([], "unknown", None),
        ("done", "unknown", None),
        ({"status": 3}, "unknown", None),
    ],
)
async def test_an_answer_is_read_by_both_conditions(
    answer: Json, outcome: str, reference: str | None
) -> None:
    found = await find(Found(answer))
    assert (found.outcome, found.reference) == (outcome, reference)


async def test_one_condition_is_enough() -> None:
    assert (await find(Found({"status": "none"}), succeeded=None)).outcome == "failed"
    assert (await find(Found({"status": "done"}), succeeded=None)).outcome == "unknown"
    assert (await find(Found({"status": "done"}), failed=None)).outcome == "succeeded"
    assert (await find(Found({"status": "none"}), failed=None)).outcome == "unknown"


async def test_an_answer_that_says_both_says_nothing() -> None:
    found = await find(Found({"status": "done"}), failed='result.status == "done"')
    assert found.outcome == "unknown"


@pytest.mark.parametrize("broken", ["succeeded", "failed"])
async def test_a_condition_that_cannot_be_judged_leaves_it_unknown(broken: str) -> None:
    how = {broken: "result.amount > args.amount"}
    found = await find(Found({"status": "done"}), **how)
    assert found.outcome == "unknown"


async def test_a_condition_that_is_no_truth_leaves_it_unknown() -> None:
    assert (await find(Found({"status": "done"}), succeeded="result.status")).outcome == "unknown"


async def test_a_tool_that_does_not_answer_leaves_it_unknown() -> None:
    assert (await find(Found(silent=True))).outcome == "unknown"


async def test_an_argument_that_is_missing_asks_nothing() -> None:
    reader = Found({"status": "done"})
    assert (await find(reader, {"amount": 1})).outcome == "unknown"
    assert reader.asked == []


@pytest.mark.parametrize(
    ("how", "key", "complaint"),
    [
        ({"tool": "nothing"}, ".tool", "there is no tool 'nothing'"),
        ({"tool": "send"}, ".tool", "'send' is no read"),
        ({"succeeded": None, "failed": None}, "", "says neither"),
        ({"arguments": {"key": "result.id"}}, ".arguments.key", "unknown name 'result'"),
        ({"arguments": {"key": "evidence.id"}}, ".arguments.key", "unknown name 'evidence'"),
        ({"arguments": {"key": "key +"}}, ".arguments.key", "is no CEL"),
        ({"succeeded": "money.minor > 1"}, ".succeeded", "unknown name 'money'"),
        ({"failed": "results.id"}, ".failed", "unknown name 'results'"),
        ({"reference": "result["}, ".reference", "is no CEL"),
    ],
)
def test_a_faulty_declaration_is_refused_at_its_key(
    how: dict[str, Any], key: str, complaint: str
) -> None:
    with pytest.raises(PolicyError, match=complaint) as refused:
        compile_reconciliations(tools(**how))
    assert refused.value.key == f"tools.pay.reconcile{key}"


def test_a_read_has_nothing_to_find_out_about() -> None:
    settings = ReconcileSettings(**HOW)
    with pytest.raises(PolicyError, match="a read changes nothing"):
        compile_reconciliation(settings, "find", tools())
