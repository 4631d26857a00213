"""Money a call moves: minor units of an ISO 4217 currency, and which way.

An amount is decimal from end to end. What cannot be paid out exactly (a fraction of a cent, a
negative or an unreadable amount) is no money but an error, and an error holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import get_args

from conversation.events import Money
from handoff.cel import Expression, Known, PolicyError, compile_expression
from handoff.facts import Json
from handoff.scope import CannotJudge, Scope
from handoff.settings import Direction, MoneySettings

# Source: ISO 4217 list one, column "minor unit", kept by SIX Group; all others have two digits.
_EXPONENTS = {
    **dict.fromkeys([
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
        "VUV", "XAF", "XOF", "XPF",
    ], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}  # fmt: skip
_NO_MINOR_UNIT = frozenset({
    "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX",
})  # fmt: skip
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_CODE = re.compile(r"[A-Z]{3}")
_DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
MAX_MINOR = 2**53 - 1
"""The largest amount: what every reader of JSON, also a browser, keeps exact."""


@dataclass(frozen=True)
class Transfer:
    """Money and which way it moves."""

    money: Money
    direction: Direction

    def fact(self) -> dict[str, Json]:
        """The transfer as rules see it."""
        return {
            "minor": self.money.minor,
            "currency": self.money.currency,
            "direction": self.direction,
        }


@dataclass(frozen=True)
class MoneyReading:
    """How a tool's money is read off a call; a literal stands for itself.

    What is `limited` must say what it moves: without an amount nothing of it could be counted.
    """

    amount: Expression
    currency: Expression | str
    direction: Expression | Direction | None
    limited: bool = False

    def read(self, scope: Scope) -> Transfer | None:
        """The transfer of a call, None when nothing moves; raises `CannotJudge`."""
        direction = _direction(_evaluated(self.direction, scope))
        if direction is None:
            return None
        amount = scope.value(self.amount)
        if amount is None and self.limited:
            raise CannotJudge("there is no amount, and what this moves is limited")
        if amount is None:
            return None
        return Transfer(money_of(amount, _evaluated(self.currency, scope)), direction)


def compile_money(
    settings: MoneySettings, *, key: str, known: Known, limited: bool = False
) -> MoneyReading:
    """Compile the `money` of a tool; raises `PolicyError` below `key`."""
    currency: Expression | str = settings.currency
    if _CODE.fullmatch(settings.currency) is None:
        currency = compile_expression(settings.currency, key=f"{key}.currency", known=known)
    elif settings.currency in _NO_MINOR_UNIT:
        raise PolicyError(f"{key}.currency", f"{settings.currency} has no smallest unit")
    direction: Expression | Direction | None = None
    if settings.direction is not None:
        literal = next((name for name in _DIRECTIONS if name == settings.direction), None)
        direction = literal or compile_expression(
            settings.direction, key=f"{key}.direction", known=known
        )
    amount = compile_expression(settings.amount, key=f"{key}.amount", known=known)
    return MoneyReading(amount, currency, direction, limited)


def _evaluated(given: Expression | str | None, scope: Scope) -> Json:
    return scope.value(given) if isinstance(given, Expression) else given


def _direction(value: Json) -> Direction | None:
    if value is None:
        return None
    for direction in _DIRECTIONS:
        if value == direction:
            return direction
    raise CannotJudge(f"the direction is none of {', '.join(_DIRECTIONS)}")


def money_of(amount: Json, currency: Json) -> Money:
    """An amount in major units as `Money`, exactly; raises `CannotJudge`.

    A float, which only a computed expression yields, counts as the decimal it prints as.
    """
    exponent = exponent_of(currency)
    number = _decimal(amount)
    if number < 0:
        raise CannotJudge("the amount is negative")
    if number and number.adjusted() + exponent > len(str(MAX_MINOR)):
        raise CannotJudge("the amount is too large")
    minor = _exact_minor(number, exponent)
    if minor is None:
        raise CannotJudge(f"the amount is finer than the smallest unit of {currency}")
    if minor > MAX_MINOR:
        raise CannotJudge("the amount is too large")
    return Money(minor, str(currency))


def exponent_of(currency: Json) -> int:
    """Digits after the point of a currency; raises `CannotJudge` for what is none."""
    if not isinstance(currency, str) or _CODE.fullmatch(currency) is None:
        raise CannotJudge("the currency is no ISO 4217 code of three capital letters")
    if currency in _NO_MINOR_UNIT:
        raise CannotJudge(f"{currency} has no smallest unit")
    return _EXPONENTS.get(currency, 2)


def _decimal(amount: Json) -> Decimal:
    match amount:
        case bool():
            raise CannotJudge("the amount is no number")
        case int() | Decimal():
            number = Decimal(amount)
        case float():
            number = Decimal(repr(amount))
        case _:
            raise CannotJudge("the amount is no number")
    if not number.is_finite():
        raise CannotJudge("the amount is not finite")
    return number


def _exact_minor(number: Decimal, exponent: int) -> int | None:
    """`number` times ten to the `exponent`, None when that is not whole; nothing is rounded."""
    sign, digits, point = number.as_tuple()
    assert isinstance(point, int), "the number is finite"
    scaled = Decimal((sign, digits, point + exponent)) if number else Decimal(0)
    minor = int(scaled)
    return minor if minor == scaled else None


def in_words(money: Money) -> str:
    """Money as people read it: `$1,890.00`, `¥1,890`, `1.250 BHD`."""
    exponent = exponent_of(money.currency)
    whole, rest = divmod(money.minor, 10**exponent)
    number = f"{whole:,}.{rest:0{exponent}}" if exponent else f"{whole:,}"
    sign = _SIGNS.get(money.currency)
    return f"{sign}{number}" if sign else f"{number} {money.currency}"
