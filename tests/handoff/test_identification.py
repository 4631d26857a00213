"""Who a visitor is, proved in the chat: only by a result that names one person, and only once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from conversation import events as ev
from conversation.state import Customer, State
from handoff.cel import PolicyError
from handoff.identification import Answered
from handoff.policy import Policy
from handoff.settings import ToolSettings

VISITOR = State(conversation="c_1", customer=Customer("visitor-1"))
ARGUMENTS = Raw(b'{"order_id": "W1", "postcode": "10117"}')


def policy(identifies: dict[str, Any] | None = None, **more: Any) -> Policy:
    tool = {
        "http": {"url": "http://127.0.0.1:9/verify"},
        "description": "Verify",
        "effect": "read",
        "identifies": {"customer": "result.customer_id"} | (identifies or {}),
    }
    other = {key: value for key, value in tool.items() if key != "identifies"}
    tools = {"verify": tool | more, "look_up": other}
    return Policy(msgspec.convert(tools, dict[str, ToolSettings]))


def answered(result: str, *, tool: str = "verify") -> Answered:
    return Answered(tool, ARGUMENTS, Raw(result.encode()))


def who(*calls: Answered, state: State = VISITOR, **identifies: Any) -> list[tuple[str, str]]:
    events = [event.data for event in policy(identifies).identify(state, calls)]
    assert all(isinstance(one, ev.CustomerIdentified) and one.how == "tool" for one in events)
    return [(one.customer, one.level) for one in events if isinstance(one, ev.CustomerIdentified)]


def test_a_result_names_the_customer() -> None:
    assert who(answered('{"customer_id": "u_robin"}')) == [("u_robin", "verified")]
    assert who(answered('{"customer_id": 4711}'), level="code") == [("4711", "code")]


def test_what_was_asked_may_be_part_of_the_proof() -> None:
    same = "result.postcode == args.postcode ? result.customer_id : ''"
    right = answered('{"customer_id": "u_robin", "postcode": "10117"}')
    wrong = answered('{"customer_id": "u_robin", "postcode": "20095"}')

    assert who(right, customer=same) == [("u_robin", "verified")]
    assert who(wrong, customer=same) == []


@pytest.mark.parametrize(
    "result",
    [
        "{}", "null", "[]", '{"customer_id": null}', '{"customer_id": ""}', '{"customer_id": true}',
        '{"customer_id": ["u_robin"]}', '{"customer_id": "u\\nrobin"}', '{"customer_id": "ü"}',
        f'{{"customer_id": "{"u" * 201}"}}', '{"customer_id": "u_1", "customer_id": "u_2"}',
    ],
)  # fmt: skip
def test_a_result_that_names_nobody_identifies_nobody(result: str) -> None:
    assert who(answered(result)) == []


def test_a_call_that_failed_identifies_nobody() -> None:
    assert who(Answered("verify", ARGUMENTS)) == []


def test_only_a_tool_that_proves_it_identifies_a_customer() -> None:
    assert who(answered('{"customer_id": "u_robin"}', tool="look_up")) == []


@pytest.mark.parametrize("level", ["token", "verified"])
def test_somebody_who_is_known_stays_who_they_are(level: str) -> None:
    known = State(conversation="c_1", customer=Customer("u_kim", level=level))

    assert who(answered('{"customer_id": "u_robin"}'), state=known) == []


def test_two_results_that_name_different_people_prove_nothing() -> None:
    robin, kim = answered('{"customer_id": "u_robin"}'), answered('{"customer_id": "u_kim"}')

    assert who(robin, kim) == []
    assert who(robin, robin) == [("u_robin", "verified")]


@pytest.mark.parametrize(
    ("identifies", "more", "key", "message"),
    [
        ({}, {"effect": "write"}, "", "only a read"),
        ({"level": "anonymous"}, {}, ".level", "how well they are known"),
        ({"level": ""}, {}, ".level", "how well they are known"),
        ({"customer": "result."}, {}, ".customer", "is no CEL"),
        ({"customer": "evidence.order"}, {}, ".customer", "unknown name"),
    ],
)
def test_what_cannot_identify_is_refused(
    identifies: dict[str, Any], more: dict[str, Any], key: str, message: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        policy(identifies, **more)

    assert refused.value.key == f"tools.verify.identifies{key}"
    assert message in refused.value.message
