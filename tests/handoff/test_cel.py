"""Expressions are checked before anything runs, and say what they mention."""

from decimal import Decimal

import pytest

from handoff.cel import PolicyError, compile_expression
from handoff.facts import Json, for_cel
from handoff.mentions import mentions
from handoff.scope import CannotJudge, Gap, Scope

KNOWN = {
    "args": None,
    "customer": None,
    "money": frozenset({"minor"}),
    "evidence": frozenset({"order", "quote"}),
}


def evaluate(source: str, **values: Json) -> Json:
    return Scope(values).value(compile_expression(source, key="here", known=KNOWN))


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("args.amount >", "is no CEL: mismatched input '<EOF>' at 1:14"),
        ("", "is no CEL"),
        ("(" * 5000 + "1" + ")" * 5000, "is no CEL"),
        ("args.?amount", "unsupported syntax"),
        ("1e400 > 1.0", "invalid double literal"),
        (
            "arguments.amount > 5",
            "unknown name 'arguments'; known: args, customer, money, evidence",
        ),
        (".args.amount > 5", "unknown name"),
        ("size(order) > 5", "unknown name 'order'"),
        ("args.items.exists(item, item.id == order)", "unknown name 'order'"),
        ("now() > args.at", "unknown function 'now'"),
        ("args.name.lowerAscii() == 'x'", "unknown function 'lowerAscii'"),
        (
            "evidence.ordr.total > 5",
            "unknown 'evidence.ordr'; known: evidence.order, evidence.quote",
        ),
        ("evidence['ordr'].total > 5", "unknown 'evidence.ordr'"),
        ("money.amount > 5", "unknown 'money.amount'; known: money.minor"),
        ("args.items.exists(evidence, evidence.ordr)", "a macro binds 'evidence'"),
    ],
)
def test_a_faulty_expression_is_refused_with_its_key(source: str, complaint: str) -> None:
    with pytest.raises(PolicyError) as refused:
        compile_expression(source, key="tools.pay.rules[1].when", known=KNOWN)
    assert refused.value.key == "tools.pay.rules[1].when"
    assert complaint in refused.value.message


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("evidence.order.total > 5", {"evidence": {"order"}}),
        ('evidence["order"].total > args.x', {"evidence": {"order"}, "args": {"x"}}),
        ("has(evidence . order) || evidence.quote.ok", {"evidence": {"order", "quote"}}),
        ("evidence[args.name] == 1", {"evidence": None, "args": {"name"}}),
        ("size(evidence) > 0 && evidence.order.x", {"evidence": None}),
        ("'order' in evidence", {"evidence": None}),
        ("evidence.size() > 0", {"evidence": None}),
        ('"evidence.order" == args.evidence', {"args": {"evidence"}}),
        (r'r"\" == args.x && evidence.order == "\""', {"args": {"x"}, "evidence": {"order"}}),
        ("'''it's''' == args.x // evidence.quote", {"args": {"x"}}),
        (
            "args.l.all(x, x.evidence > 0x1e+evidence.order.n)",
            {"args": {"l"}, "evidence": {"order"}},
        ),
        ("args.a ? evidence.order : null", {"args": {"a"}, "evidence": {"order"}}),
    ],
)
def test_an_expression_says_which_facts_it_mentions(
    source: str, fields: dict[str, set[str] | None]
) -> None:
    assert mentions(source).fields == fields


@pytest.mark.parametrize(
    "source",
    [
        "has(evidence.order) && evidence.order.fraud",
        "!('order' in evidence)",
        "evidence.order.fraud || true",
        "args.skip || evidence['order'].fraud",
    ],
)
def test_a_condition_that_mentions_a_missing_fact_cannot_talk_its_way_around_it(
    source: str,
) -> None:
    scope = Scope({"args": {"skip": True}, "evidence": {}})
    scope.lacks("evidence", "order", because="evidence order could not be read: HTTP 500")
    with pytest.raises(Gap, match=r"^evidence order could not be read: HTTP 500$"):
        scope.holds(compile_expression(source, key="here", known=KNOWN))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("args.none == 1", '"none" is missing'),
        ("args.list[7] == 1", "an index lies outside its list"),
        ("args.whole / 0 == 1", "it divides by zero"),
        ("args.largest + 1 > 0", "a number is out of range"),
        ("args.fraction * 2 > 0", "it compares or combines values of different kinds"),
        ("args.nothing > 0", "it compares or combines values of different kinds"),
        ("args.text.matches('(')", "a function got a value it does not take"),
        ("args.whole", "the condition is neither true nor false"),
        ("args.nothing", "the condition is neither true nor false"),
        ("args.text", "the condition is neither true nor false"),
    ],
)
def test_a_condition_that_fails_says_so_without_the_customers_values(
    source: str, sentence: str
) -> None:
    arguments: Json = {
        "whole": 41, "fraction": Decimal("0.5"), "nothing": None, "text": "secret",
        "list": [], "largest": 2**63 - 1,
    }  # fmt: skip
    scope = Scope({"args": arguments})
    with pytest.raises(CannotJudge) as failed:
        scope.holds(compile_expression(source, key="here", known=KNOWN))
    assert str(failed.value) == sentence


@pytest.mark.parametrize("amount", [40, Decimal("40.0"), Decimal("4e1"), 40.0])
def test_a_whole_number_computes_the_same_however_it_is_written(amount: Json) -> None:
    assert evaluate("args.amount * 2 + 1", args={"amount": amount}) == 81


def test_comparing_works_across_whole_numbers_and_fractions() -> None:
    source = "args.whole > 39.5 && args.fraction > 40 && args.whole == 40.0"
    assert evaluate(source, args={"whole": 40, "fraction": Decimal("40.5")}) is True


def test_the_least_whole_number_is_not_left_to_a_negation_that_keeps_its_sign() -> None:
    assert evaluate("-args.least > 0.0", args={"least": -(2**63)}) is True


@pytest.mark.parametrize("vast", [2**63, 2**64, 10**30, Decimal("1e300")])
def test_numbers_beyond_int64_stay_larger_than_all_others(vast: Json) -> None:
    assert evaluate("args.vast > 9000000000000000000", args={"vast": vast}) is True


def test_a_path_yields_the_number_as_it_was_written() -> None:
    exact = Decimal("0.10000000000000000000000001")
    assert (
        evaluate("evidence.order.lines[0].price", evidence={"order": {"lines": [{"price": exact}]}})
        == exact
    )


@pytest.mark.parametrize(
    "source", ["timestamp('2026-01-02T03:04:05Z')", "b'abc'", "duration('1h')"]
)
def test_a_value_that_is_no_json_is_refused(source: str) -> None:
    with pytest.raises(CannotJudge, match="yields no JSON"):
        evaluate(source)


def test_booleans_are_no_numbers() -> None:
    assert for_cel([True, False]) == [True, False]
    assert evaluate("args.flag == 1", args={"flag": True}) is False


def test_text_of_any_script_compares_by_code_points() -> None:
    name = "Zoë \N{CJK UNIFIED IDEOGRAPH-6771}\N{PARTY POPPER}\x00"
    assert (
        evaluate("args.name == customer.name", args={"name": name}, customer={"name": name}) is True
    )


def test_null_and_the_names_of_types_are_no_paths() -> None:
    assert evaluate("null") is None
    assert evaluate("type(args.n) == int", args={"n": 1}) is True
