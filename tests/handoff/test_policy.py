"""The policy decides about tool calls, and holds whatever it cannot know."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conversation.events import Money, Reason
from handoff.cel import PolicyError
from handoff.evidence import Ask, Asks, Evidence, EvidenceError, gather_evidence
from handoff.facts import Json
from handoff.judgement import Judgement
from handoff.policy import Policy, judge_call
from handoff.settings import MonitorSettings, ToolSettings

SHOP = """
get_order:
  http: {url: "http://127.0.0.1:9000/tools/get_order"}
  description: Look an order up
  effect: read
  arguments: {type: object, properties: {order_id: {type: string}}, required: [order_id]}
quote:
  http: {url: "http://127.0.0.1:9000/tools/quote"}
  description: What a refund would come to
  effect: read
  offer: false
issue_refund:
  http: {url: "http://127.0.0.1:9000/tools/issue_refund", timeout_s: 5}
  description: Refund part or all of an order
  title: Refund
  effect: write
  idempotency: key
  arguments:
    type: object
    properties: {order_id: {type: string}, amount: {type: number, exclusiveMinimum: 0}}
    required: [order_id, amount]
  money: {amount: args.amount, currency: USD, direction: to_customer}
  target: args.order_id
  evidence:
    order: {tool: get_order, arguments: {order_id: args.order_id}}
  rules:
    - when: evidence.order.customer != customer.id
      then: deny
      because: "not this customer's order"
    - {when: 'money.minor > 50000', then: hold, risk: high, because: "over $500"}
    - {when: 'money.minor > 5000', then: hold}
    - {then: allow}
change_address:
  http: {url: "http://127.0.0.1:9000/tools/change_address"}
  description: Send an order elsewhere
  effect: write
"""
MINE = {"id": "c_1", "email": "kim@example.com"}
ORDER = {"customer": "c_1", "total": Decimal("89.00")}


def policy(changes: str = "") -> Policy:
    """The shop's policy; `changes` replace whole tools or add some."""
    tools = {**yaml.safe_load(SHOP), **(yaml.safe_load(changes) or {})}
    return Policy(msgspec.convert(tools, dict[str, ToolSettings]))


def refund(amount: Json, *, of: Policy | None = None, **changed: Any) -> Judgement:
    given_: dict[str, Any] = {"customer": MINE, "evidence": Evidence({"order": ORDER}), **changed}
    return (of or policy()).judge("issue_refund", {"order_id": "o_1", "amount": amount}, **given_)


def write(rules: str, **more: Any) -> Policy:
    """A policy whose tool `act` takes anything and has these rules, as YAML."""
    tool = {
        "http": {"url": "http://127.0.0.1:9000/act"},
        "description": "Act",
        "effect": "write",
        "rules": yaml.safe_load(rules),
        **more,
    }
    return policy(json.dumps({"act": tool}))


# What the rules decide


def test_a_small_refund_is_allowed() -> None:
    judged = refund(Decimal("40.00"))
    assert (judged.verdict, judged.because, judged.reasons) == ("allow", None, [])


def test_a_refund_over_a_limit_is_held_with_all_that_a_person_needs() -> None:
    judged = refund(Decimal("689.50"))
    assert judged == Judgement(
        verdict="hold",
        because="over $500",
        title="Refund of $689.50",
        rule="over $500",
        risk="high",
        money=Money(68950, "USD"),
        direction="to_customer",
        target="o_1",
        digest=judged.digest,
        evidence={"order": ORDER},
        reasons=[Reason("rule", 1.0, "over $500", "money.minor > 50000")],
    )


def test_a_rule_without_a_reason_is_told_in_its_own_words() -> None:
    judged = refund(189)
    assert judged.rule == "hold when money.minor > 5000"
    assert judged.because == "a person must approve this"
    assert judged.title == "Refund of $189.00"


def test_a_limit_is_crossed_by_a_cent_and_not_by_the_limit_itself() -> None:
    assert refund(Decimal("50.00")).verdict == "allow"
    assert refund(Decimal("50.01")).verdict == "hold"


def test_the_first_rule_that_matches_decides() -> None:
    judged = refund(900, customer={"id": "c_2"})
    assert (judged.verdict, judged.because) == ("deny", "not this customer's order")


def test_a_write_without_rules_is_allowed() -> None:
    judged = policy().judge("change_address", {"street": "Elm"}, customer=MINE)
    assert (judged.verdict, judged.title, judged.money) == ("allow", "Change address", None)


def test_rules_of_which_none_matches_hold() -> None:
    judged = write("[{when: 'args.n == 1', then: allow}]").judge("act", {"n": 2}, customer=MINE)
    assert (judged.verdict, judged.because, judged.rule) == ("hold", "no rule matched", None)


def test_a_read_may_be_denied() -> None:
    rules = "[{when: 'customer == null', then: deny, because: sign in first}, {then: allow}]"
    reading = write(rules, effect="read")
    assert reading.judge("act", {}, customer=None).verdict == "deny"
    assert reading.judge("act", {}, customer=MINE).verdict == "allow"


def test_a_call_that_moves_nothing_has_no_money_and_rules_can_say_so() -> None:
    moving = write(
        "[{when: 'money != null && money.minor > 100', then: hold}, {then: allow}]",
        money={"amount": "args.amount", "currency": "USD", "direction": "args.direction"},
    )
    still = moving.judge("act", {"amount": 500, "direction": None}, customer=MINE)
    moved = moving.judge("act", {"amount": 500, "direction": "to_customer"}, customer=MINE)
    assert (still.verdict, still.money, still.direction) == ("allow", None, None)
    assert (moved.verdict, moved.money) == ("hold", Money(50000, "USD"))


# What cannot be known holds


def test_an_error_in_a_condition_holds_and_later_rules_are_not_asked() -> None:
    acting = write("[{when: 'args.n > 1', then: deny}, {then: allow}]")
    judged = acting.judge("act", {"n": "many"}, customer=MINE)
    sentence = "rule 1 could not be judged: it compares or combines values of different kinds"
    assert (judged.verdict, judged.because, judged.rule) == ("hold", sentence, None)
    assert judged.reasons == [Reason("undecided", 1.0, sentence, "args.n > 1")]


def test_a_customer_nobody_knows_holds_where_a_rule_asks_who_it_is() -> None:
    judged = refund(10, customer=None)
    assert (judged.verdict, judged.money) == ("hold", Money(1000, "USD"))


@pytest.mark.parametrize("nobody", [None, {}, {"id": ""}, {"id": "", "level": "anonymous"}])
def test_a_write_for_nobody_in_particular_is_held(nobody: dict[str, Any] | None) -> None:
    written = write("[{when: args.wrong, then: deny}, {then: allow}]")
    judged = written.judge("act", {"wrong": False}, customer=nobody)
    denied = written.judge("act", {"wrong": True}, customer=nobody)
    read = policy().judge("get_order", {"order_id": "o_1"}, customer=nobody)

    assert (judged.verdict, judged.because) == ("hold", "nobody has identified this customer")
    assert [reason.signal for reason in judged.reasons] == ["identity"]
    assert [denied.verdict, read.verdict] == ["deny", "allow"]


def test_unreadable_money_holds_what_would_be_allowed() -> None:
    judged = write(
        "[{then: allow}]",
        money={"amount": "args.amount", "currency": "USD", "direction": "to_customer"},
    ).judge("act", {"amount": Decimal("9.005")}, customer=MINE)
    assert (judged.verdict, judged.money, judged.title) == ("hold", None, "Act")
    assert judged.because == (
        "the money could not be read: the amount is finer than the smallest unit of USD"
    )


def test_unreadable_money_holds_the_rule_that_mentions_it_but_not_a_denial_before() -> None:
    assert refund(Decimal("9.005")).verdict == "hold"
    assert refund(Decimal("9.005"), customer={"id": "c_2"}).verdict == "deny"


@pytest.mark.parametrize("target", ["args.none", "args.flag", "args.empty", "[args.text]"])
def test_an_unreadable_target_holds(target: str) -> None:
    acting = write("[{then: allow}]", target=target)
    arguments: Json = {"flag": True, "empty": "", "text": "t"}
    judged = acting.judge("act", arguments, customer=MINE)
    assert judged.verdict == "hold"
    assert judged.because is not None
    assert judged.because.startswith("the target could not be read: ")


def test_missing_evidence_holds_and_is_shown() -> None:
    judged = refund(10, evidence=Evidence(failed={"order": "HTTP 500"}))
    sentence = "evidence order could not be read: HTTP 500"
    assert (judged.verdict, judged.because, judged.evidence) == ("hold", sentence, {})
    assert sentence in [reason.text for reason in judged.reasons]


def test_evidence_that_was_never_asked_counts_as_missing() -> None:
    assert refund(10, evidence=Evidence()).verdict == "hold"


def test_missing_evidence_that_no_rule_mentions_is_shown_and_decides_nothing() -> None:
    shown = {"order": {"tool": "get_order", "arguments": {"order_id": "args.order_id"}}}
    acting = write(
        "[{when: 'args.n == 1', then: hold, because: one}, {then: allow}]", evidence=shown
    )
    gone = Evidence(failed={"order": "HTTP 500"})
    held = acting.judge("act", {"n": 1}, customer=MINE, evidence=gone)
    texts = [reason.text for reason in held.reasons]
    assert texts == ["one", "evidence order could not be read: HTTP 500"]
    assert acting.judge("act", {"n": 2}, customer=MINE, evidence=gone).verdict == "allow"


@pytest.mark.parametrize("name", ["\ud800", float("nan"), [[[]]] * 2])
def test_a_customer_with_broken_attributes_holds_where_a_rule_asks_for_them(name: Any) -> None:
    for _ in range(100):
        name = [name]
    judged = refund(10, customer={"id": "c_1", "name": name})
    assert judged.verdict == "hold"
    assert judged.because is not None
    assert judged.because.startswith("the customer's attributes are refused: ")


# What cannot be called at all


@pytest.mark.parametrize("tool", ["refund", "quote", "", "transfer_to_human_agents"])
def test_a_tool_that_is_not_offered_is_invalid(tool: str) -> None:
    judged = policy().judge(tool, {}, customer=MINE)
    assert (judged.verdict, judged.because) == ("invalid", "there is no tool of this name")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"order_id": "o_1"}, '"amount" is a required property'),
        ({"order_id": "o_1", "amount": "40.00"}, 'amount: "40.00" is not of type "number"'),
        ({"order_id": "o_1", "amount": 0}, "amount: 0 is less than or equal to the minimum of 0"),
        ({"order_id": 7, "amount": -1}, "order_id: "),
        ([], "the arguments are no JSON object"),
        (None, "the arguments are no JSON object"),
        ({"order_id": "o_1", "amount": Decimal("1e999999999")}, "a number is too large"),
        ({"order_id": "o_1", "amount": float("nan")}, "a number is not finite"),
        ({"order_id": "\udfff", "amount": 1}, "half a surrogate pair"),
    ],
)
def test_arguments_that_do_not_fit_are_invalid_with_a_sentence_for_the_model(
    arguments: Json, complaint: str
) -> None:
    judged = policy().judge("issue_refund", arguments, customer=MINE)
    assert judged.verdict == "invalid"
    assert complaint in (judged.because or "")


def test_deep_nesting_is_invalid_and_harms_nobody() -> None:
    deep: Json = "bottom"
    for _ in range(100_000):
        deep = {"a": deep}
    judged = policy().judge("change_address", {"street": deep}, customer=MINE)
    assert judged.because == "the arguments are refused: nested deeper than 64 levels"


def test_a_vast_wrong_value_does_not_fill_the_models_context() -> None:
    judged = policy().judge(
        "issue_refund", {"order_id": "o", "amount": "9" * 50_000}, customer=MINE
    )
    assert judged.because is not None
    assert len(judged.because) < 300


def test_money_in_the_schema_is_compared_as_decimal() -> None:
    schema = {"type": "object", "properties": {"amount": {"type": "number", "maximum": 10}}}
    acting = write("[]", arguments=schema)
    above = Decimal("10.00000000000000000000000001")
    assert acting.judge("act", {"amount": above}, customer=MINE).verdict == "invalid"
    assert acting.judge("act", {"amount": Decimal("10.00")}, customer=MINE).verdict == "allow"


# The digest


def test_the_same_call_digests_the_same_however_its_numbers_are_written() -> None:
    digests = {refund(amount).digest for amount in (189, Decimal("189.00"), Decimal("1.89e2"))}
    assert len(digests) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"customer": {**MINE, "email": "other@example.com"}},
        {"customer": None},
        {"evidence": Evidence({"order": {**ORDER, "total": Decimal("89.01")}})},
        {"evidence": Evidence(failed={"order": "HTTP 500"})},
        {"of": policy(SHOP.replace("50000", "60000"))},
        {"of": policy(SHOP.replace("{type: string}", "{type: string, maxLength: 9}"))},
        {"of": policy(SHOP.replace("target: args.order_id", "target: '\"all\"'"))},
    ],
)
def test_anything_a_decision_rests_on_changes_the_digest(changed: dict[str, Any]) -> None:
    assert refund(189, **changed).digest != refund(189).digest


def test_another_amount_changes_the_digest() -> None:
    assert refund(189).digest != refund(Decimal("189.01")).digest


def test_another_tool_with_the_same_declaration_digests_otherwise() -> None:
    rules = "[{then: hold}]"
    twins = policy(json.dumps({name: _plain_write(rules) for name in ("one", "two")}))
    one, two = (twins.judge(name, {}, customer=MINE) for name in ("one", "two"))
    assert replace(one, digest="", title="") == replace(two, digest="", title="")
    assert one.digest != two.digest


def _plain_write(rules: str) -> dict[str, Any]:
    http = {"url": "http://127.0.0.1:9000/act"}
    return {"http": http, "description": "", "effect": "write", "rules": yaml.safe_load(rules)}


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.booleans(), max_size=5))
def test_any_arguments_are_judged_and_judged_alike_again(arguments: dict[str, Json]) -> None:
    acting = POLICY_OF_A_TARGET_BY_DEFAULT
    judged = acting.judge("act", arguments, customer=MINE)
    again = acting.judge("act", dict(reversed(arguments.items())), customer=MINE)
    assert judged == again
    assert judged.verdict == ("hold" if arguments.get("amount") == 1 else "allow")


POLICY_OF_A_TARGET_BY_DEFAULT = write(
    "[{when: 'has(args.amount) && args.amount == 1', then: hold}, {then: allow}]"
)


@pytest.mark.parametrize(
    ("number", "target"), [(7, "7"), (Decimal("7.0"), "7"), (Decimal("7.5"), "7.5"), ("7", "7")]
)
def test_a_target_may_be_a_number(number: Json, target: str) -> None:
    acting = write("[{then: hold}]", target="args.order")
    assert acting.judge("act", {"order": number}, customer=MINE).target == target


def test_without_a_target_each_set_of_arguments_is_its_own() -> None:
    acting = write("[{then: hold}]")
    one, same, other = (
        acting.judge("act", {"n": n}, customer=MINE).target for n in (1, Decimal("1.0"), 2)
    )
    assert one == same != other


# What the model is offered


def test_tools_are_offered_in_the_order_they_are_written_less_those_for_evidence() -> None:
    offered = policy().offered()
    names = [tool["function"]["name"] for tool in offered]
    assert names == ["get_order", "issue_refund", "change_address"]
    assert offered[0] == {
        "type": "function",
        "function": {
            "name": "get_order",
            "description": "Look an order up",
            "parameters": {
                "type": "object",
                "properties": {"order_id": {"type": "string"}},
                "required": ["order_id"],
            },
        },
    }
    assert offered[2]["function"]["parameters"] == {"type": "object", "properties": {}}


# Evidence


class Shop:
    """Answers reads from a table and keeps what it was asked."""

    def __init__(self, **answers: Json | EvidenceError) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.all_here = asyncio.Barrier(1)

    async def read(self, tool: str, arguments: dict[str, Any]) -> Json:
        self.asked.append((tool, arguments))
        await self.all_here.wait()
        answer = self.answers[tool]
        if isinstance(answer, EvidenceError):
            raise answer
        return answer


async def test_evidence_is_asked_once_and_then_judged() -> None:
    shop = Shop(get_order=ORDER)
    arguments = {"order_id": "o_1", "amount": 189}
    judged = await judge_call(policy(), shop, "issue_refund", arguments, customer=MINE)
    assert judged == refund(189)
    assert shop.asked == [("get_order", {"order_id": "o_1"})]


async def test_a_failed_read_holds_with_its_reason() -> None:
    shop = Shop(get_order=EvidenceError("no answer within 10 s"))
    arguments = {"order_id": "o_1", "amount": 1}
    judged = await judge_call(policy(), shop, "issue_refund", arguments, customer=MINE)
    assert judged.because == "evidence order could not be read: no answer within 10 s"


async def test_an_invalid_call_asks_for_nothing() -> None:
    shop = Shop(get_order=ORDER)
    judged = await judge_call(policy(), shop, "issue_refund", {"order_id": 7}, customer=MINE)
    assert (judged.verdict, shop.asked) == ("invalid", [])


async def test_different_questions_are_asked_side_by_side_and_the_same_one_once() -> None:
    shop = Shop(get_order=ORDER, quote={"amount": 5})
    shop.all_here = asyncio.Barrier(2)
    asks = Asks(
        {
            "order": Ask("get_order", {"n": Decimal("1.0")}),
            "again": Ask("get_order", {"n": 1}),
            "quote": Ask("quote", {"n": 1}),
        }
    )
    async with asyncio.timeout(5):
        evidence = await gather_evidence(shop, asks)
    assert evidence.values == {"order": ORDER, "again": ORDER, "quote": {"amount": 5}}
    assert len(shop.asked) == 2


async def test_a_failed_read_leaves_the_others() -> None:
    shop = Shop(get_order=EvidenceError("HTTP 500"), quote=None)
    asks = Asks(
        {"order": Ask("get_order", {}), "quote": Ask("quote", {})}, {"third": "no question"}
    )
    evidence = await gather_evidence(shop, asks)
    assert evidence == Evidence({"quote": None}, {"third": "no question", "order": "HTTP 500"})


async def test_an_answer_that_is_no_plain_json_is_a_failed_read() -> None:
    shop = Shop(quote={"amount": float("inf")})
    evidence = await gather_evidence(shop, Asks({"quote": Ask("quote", {})}))
    assert evidence.failed == {"quote": "its answer is refused: a number is not finite"}


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [
        ("customer.id", 'its argument order_id is not known: "id" is missing'),
        ("args.number", 'the arguments do not fit: order_id: 7 is not of type "string"'),
        ("args.none", 'its argument order_id is not known: "none" is missing'),
    ],
)
def test_a_question_that_cannot_be_put_is_missing_evidence(argument: str, complaint: str) -> None:
    source = {"order": {"tool": "get_order", "arguments": {"order_id": argument}}}
    acting = write("[{then: allow}]", evidence=source)
    assert acting.evidence_for("act", {"number": 7}, customer=None) == Asks(
        {}, {"order": complaint}
    )


def test_numbers_reach_the_question_as_they_were_written() -> None:
    source = {
        "quote": {"tool": "quote", "arguments": {"amount": "args.amount", "part": "args.n * 2"}}
    }
    acting = write("[{then: allow}]", evidence=source)
    asks = acting.evidence_for("act", {"amount": Decimal("0.10"), "n": 3}, customer=MINE)
    assert str(asks.asks["quote"].arguments["amount"]) == "0.10"
    assert asks.asks["quote"].arguments["part"] == 6


# What the configuration may not say


@pytest.mark.parametrize(
    ("tool", "key", "complaint"),
    [
        ({"rules": [{"when": "args.n >", "then": "hold"}]}, "rules[0].when", "is no CEL"),
        ({"rules": [{"when": "arg.n > 1", "then": "hold"}]}, "rules[0].when", "unknown name 'arg'"),
        (
            {"rules": [{"then": "allow"}, {"when": "args.n > 1", "then": "hold"}]},
            "rules[1]",
            "never reached: rule 0 always matches",
        ),
        (
            {"rules": [{"when": "money.minor > 1", "then": "hold"}]},
            "rules[0].when",
            "unknown name 'money'; known: args, customer",
        ),
        (
            {"rules": [{"when": "evidence.order.x", "then": "hold"}]},
            "rules[0].when",
            "unknown name 'evidence'",
        ),
        (
            {
                "arguments": {
                    "type": "object",
                    "properties": {"n": {}},
                    "additionalProperties": False,
                },
                "rules": [{"when": "has(args.m)", "then": "hold"}],
            },
            "rules[0].when",
            "unknown 'args.m'; known: args.n",
        ),
        ({"evidence": {"x": {"tool": "nothing"}}}, "evidence.x.tool", "there is no tool 'nothing'"),
        ({"evidence": {"x": {"tool": "issue_refund"}}}, "evidence.x.tool", "is no read"),
        (
            {"evidence": {"x": {"tool": "quote", "arguments": {"a": "evidence.x.b"}}}},
            "evidence.x.arguments.a",
            "unknown name 'evidence'; known: args, customer",
        ),
        ({"target": "args."}, "target", "is no CEL"),
        ({"target": ""}, "target", "is no CEL"),
        (
            {"effect": "read", "money": {"amount": "1", "currency": "USD", "direction": None}},
            "money",
            "a read moves no money",
        ),
        (
            {"money": {"amount": "1", "currency": "dollars", "direction": None}},
            "money.currency",
            "unknown name 'dollars'",
        ),
        ({"arguments": {"type": "objekt"}}, "arguments", "no valid JSON Schema"),
        ({"arguments": {"type": "string"}}, "arguments", "say `type: object`"),
        ({"arguments": {}}, "arguments", "say `type: object`"),
        (
            {"arguments": {"type": "object", "$ref": "http://127.0.0.1:1/schema"}},
            "arguments",
            "http://127.0.0.1:1/schema is not fetched",
        ),
    ],
)
def test_a_faulty_tool_is_refused_by_the_key_that_is_wrong(
    tool: dict[str, Any], key: str, complaint: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        policy(json.dumps({"act": {**_plain_write("[]"), **tool}}))
    assert refused.value.key == f"tools.act.{key}"
    assert complaint in refused.value.message


@pytest.mark.parametrize("name", ["handrail_search", "issue refund", "a.b", "ü", "", "x" * 65])
def test_a_name_the_model_cannot_call_is_refused(name: str) -> None:
    with pytest.raises(PolicyError) as refused:
        policy(json.dumps({name: _plain_write("[]")}))
    assert refused.value.key == f"tools.{name}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": [{"then": "ask"}]},
        {"rules": [{"when": "true"}]},
        {"rules": [{"then": "allow", "risk": "vast"}]},
        {"effect": "delete"},
        {"idempotency": "yes"},
        {"retries": 3},
        {"http": {"url": "ftp://127.0.0.1/"}},
        {"http": {"url": "http://127.0.0.1/", "timeout_s": 0}},
        {"money": {"amount": 5, "currency": "USD", "direction": None}},
    ],
)
def test_settings_outside_their_choices_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**_plain_write("[]"), **wrong}, ToolSettings)


def test_the_monitor_hands_over_whoever_asks_for_a_person() -> None:
    assert MonitorSettings().always_handover == ["asks_for_human"]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"always_handover": ["legal"]}, MonitorSettings)


def test_a_hostile_schema_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"type": "object"}')
    tool = {**_plain_write("[]"), "arguments": {"type": "object", "$ref": secret.as_uri()}}
    with pytest.raises(PolicyError, match="is not fetched"):
        policy(json.dumps({"act": tool}))


TWICE = """
- {when: 'args.sum > 500', then: hold, approvers: 2}
- {when: 'args.sum > 50', then: hold}
- {then: allow}
"""


@pytest.mark.parametrize(("amount", "approvers"), [(501, 2), (500, 1), (50, 1)])
def test_a_rule_says_how_many_must_approve(amount: int, approvers: int) -> None:
    judged = write(TWICE).judge("act", {"sum": amount}, customer=MINE)

    assert judged.approvers == approvers


def test_a_rule_that_cannot_be_judged_saves_no_approver() -> None:
    judged = write(TWICE).judge("act", {"sum": "much"}, customer=MINE)

    assert (judged.verdict, judged.approvers) == ("hold", 2)


@pytest.mark.parametrize("then", ["allow", "deny"])
def test_approvers_are_of_what_is_held(then: str) -> None:
    with pytest.raises(PolicyError) as refused:
        write(f"[{{then: {then}, approvers: 2}}]")

    assert refused.value.key == "tools.act.rules[0].approvers"
    assert "only with then: hold" in refused.value.message
