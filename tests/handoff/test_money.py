"""Money is read exactly or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.events import Money
from handoff.cel import PolicyError
from handoff.facts import Json
from handoff.money import MAX_MINOR, Transfer, compile_money, in_words, money_of
from handoff.scope import CannotJudge, Scope
from handoff.settings import MoneySettings

KNOWN = {"args": None, "customer": None, "evidence": frozenset({"quote"})}


def transfer(
    arguments: Json,
    *,
    amount: str = "args.amount",
    currency: str = "USD",
    direction: str | None = "to_customer",
    quote: Json = None,
) -> Transfer | None:
    settings = MoneySettings(amount=amount, currency=currency, direction=direction)
    reading = compile_money(settings, key="tools.pay.money", known=KNOWN)
    return reading.read(Scope({"args": arguments, "customer": None, "evidence": {"quote": quote}}))


@pytest.mark.parametrize(
    ("currency", "minor"),
    [("USD", 1200), ("JPY", 12), ("BHD", 12000), ("CLF", 120000), ("EUR", 1200), ("UYI", 12)],
)
def test_twelve_units_count_in_each_currencys_smallest_unit(currency: str, minor: int) -> None:
    assert money_of(12, currency) == Money(minor, currency)


@pytest.mark.parametrize("amount", [40, Decimal("40.0"), Decimal("40.00"), Decimal("4e1"), 40.0])
def test_forty_is_forty_however_it_is_written(amount: Json) -> None:
    assert money_of(amount, "USD") == Money(4000, "USD")


def test_a_hundred_may_be_written_with_an_exponent() -> None:
    assert money_of(Decimal("1e2"), "JPY") == Money(100, "JPY")


@given(st.integers(0, MAX_MINOR), st.sampled_from([("JPY", 0), ("USD", 2), ("KWD", 3), ("UYW", 4)]))
def test_every_amount_a_currency_can_pay_is_read_exactly(minor: int, unit: tuple[str, int]) -> None:
    currency, exponent = unit
    amount = Decimal((0, tuple(map(int, str(minor))), -exponent))
    assert money_of(amount, currency) == Money(minor, currency)


@given(st.integers(0, 10**9), st.integers(1, 9), st.integers(3, 200))
def test_a_part_of_a_cent_is_refused(cents: int, digit: int, places: int) -> None:
    amount = Decimal(f"{cents // 100}.{cents % 100:02}{digit:0>{places - 2}}")
    with pytest.raises(CannotJudge, match="finer than the smallest unit of USD"):
        money_of(amount, "USD")


@pytest.mark.parametrize(
    ("amount", "complaint"),
    [
        (Decimal("0.1") + Decimal("0.005"), "finer"),
        (0.1 + 0.2, "finer"),
        (Decimal("1e-300"), "finer"),
        (-1, "negative"),
        (Decimal("-0.01"), "negative"),
        (float("nan"), "not finite"),
        (Decimal("Infinity"), "not finite"),
        (Decimal("1e300"), "too large"),
        (10**40, "too large"),
        (MAX_MINOR // 100 + 1, "too large"),
        ("40.00", "no number"),
        (True, "no number"),
        ([40], "no number"),
        ({"minor": 4000}, "no number"),
    ],
)
def test_what_cannot_be_paid_is_no_money(amount: Json, complaint: str) -> None:
    with pytest.raises(CannotJudge, match=complaint):
        money_of(amount, "USD")


def test_half_a_yen_is_refused() -> None:
    with pytest.raises(CannotJudge, match="finer than the smallest unit of JPY"):
        money_of(Decimal("0.5"), "JPY")


@pytest.mark.parametrize("amount", [0, Decimal("0.00"), -0.0, Decimal("0e99999")])
def test_nothing_is_an_amount(amount: Json) -> None:
    assert money_of(amount, "USD") == Money(0, "USD")


@pytest.mark.parametrize(
    "currency", ["usd", "US", "USDT", "U$D", "\uff35\uff33\uff24", "", None, 840, "XAU"]
)
def test_what_is_no_currency_with_units_is_refused(currency: Json) -> None:
    with pytest.raises(CannotJudge):
        money_of(1, currency)


def test_a_path_keeps_every_digit_that_a_double_would_lose() -> None:
    found = transfer({"amount": Decimal("70368744177664.33")})
    assert found == Transfer(Money(7036874417766433, "USD"), "to_customer")


@pytest.mark.parametrize("amount", ["evidence.quote.amount", "evidence['quote'][\"amount\"]"])
def test_the_amount_may_come_from_evidence(amount: str) -> None:
    found = transfer({}, amount=amount, quote={"amount": Decimal("54.33")})
    assert found == Transfer(Money(5433, "USD"), "to_customer")


def test_an_amount_may_be_computed_as_long_as_it_is_exact() -> None:
    arguments: Json = {"count": 3, "each": Decimal("0.25")}
    found = transfer(arguments, amount="double(args.count) * args.each")
    assert found == Transfer(Money(75, "USD"), "to_customer")


def test_a_computed_amount_that_shows_its_rounding_error_is_refused() -> None:
    with pytest.raises(CannotJudge, match="finer"):
        transfer({"a": Decimal("0.1"), "b": Decimal("0.2")}, amount="args.a + args.b")


def test_currency_and_direction_may_be_expressions() -> None:
    found = transfer(
        {"amount": 5, "currency": "JPY"},
        currency="args.currency",
        direction='args.amount > 0 ? "from_customer" : null',
    )
    assert found == Transfer(Money(5, "JPY"), "from_customer")


@pytest.mark.parametrize(
    ("amount", "direction"),
    [
        ("args.amount", None),
        ("args.amount", "null"),
        ("args.none", "to_customer"),
        ("null", "null"),
    ],
)
def test_a_null_amount_or_direction_moves_nothing(amount: str, direction: str | None) -> None:
    assert transfer({"amount": 5, "none": None}, amount=amount, direction=direction) is None


@pytest.mark.parametrize("direction", ['"sideways"', "args.amount", "true"])
def test_another_direction_is_refused(direction: str) -> None:
    with pytest.raises(CannotJudge, match="none of to_customer, from_customer"):
        transfer({"amount": 5}, direction=direction)


def test_a_missing_amount_is_no_null_amount() -> None:
    with pytest.raises(CannotJudge, match='"amount" is missing'):
        transfer({})


@pytest.mark.parametrize(
    ("part", "written"), [("amount", "args.amount +"), ("currency", "usd"), ("currency", "XAU")]
)
def test_a_faulty_declaration_names_its_key(part: str, written: str) -> None:
    fields = {"amount": "args.amount", "currency": "USD", "direction": "to_customer"}
    settings = MoneySettings(**{**fields, part: written})
    with pytest.raises(PolicyError) as refused:
        compile_money(settings, key="tools.pay.money", known=KNOWN)
    assert refused.value.key == f"tools.pay.money.{part}"


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(18900, "USD"), "$189.00"),
        (Money(189000, "USD"), "$1,890.00"),
        (Money(5, "EUR"), "€0.05"),
        (Money(1890, "JPY"), "¥1,890"),
        (Money(1250, "BHD"), "1.250 BHD"),
        (Money(12, "KRW"), "12 KRW"),
    ],
)
def test_money_is_written_as_people_read_it(money: Money, words: str) -> None:
    assert in_words(money) == words
