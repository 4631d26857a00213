"""The JSON that a call is judged by: what is accepted, and what CEL is given of it.

Numbers come from a parser that keeps them exact: int, or Decimal for a fraction or an exponent.
Duplicate keys and NaN literals are that parser's to refuse.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, TypeAlias

Json: TypeAlias = bool | int | float | Decimal | str | list[Any] | dict[str, Any] | None

MAX_DEPTH = 64
"""Levels of nesting accepted; CEL's conversion overflows the C stack at some thousands."""
MAX_MAGNITUDE = 300
"""Powers of ten a number may reach either way, so that it is also finite as a double."""
MAX_DIGITS = 1000
"""Significant digits a number may have."""


class NotPlain(ValueError):
    """A value that is no JSON we accept: too deep, too large a number, broken text."""


def check_plain(value: object, depth: int = 1) -> None:
    """Accept JSON of bounded depth, bounded numbers and real Unicode; else raise `NotPlain`."""
    if depth > MAX_DEPTH:
        raise NotPlain(f"nested deeper than {MAX_DEPTH} levels")
    match value:
        case None | bool():
            return
        case int() | float() | Decimal():
            _check_number(value)
        case str():
            _check_text(value)
        case list():
            for item in value:
                check_plain(item, depth + 1)
        case dict():
            for key, item in value.items():
                _check_key(key)
                check_plain(item, depth + 1)
        case _:
            raise NotPlain(f"a {type(value).__name__} is no JSON")


def _check_number(number: float | Decimal) -> None:
    match number:
        case int():
            if number.bit_length() > MAX_MAGNITUDE * 10 // 3:
                raise NotPlain("a number is too large")
        case float():
            if not math.isfinite(number):
                raise NotPlain("a number is not finite")
        case Decimal():
            _check_decimal(number)


def _check_decimal(number: Decimal) -> None:
    if not number.is_finite():
        raise NotPlain("a number is not finite")
    if number and abs(number.adjusted()) > MAX_MAGNITUDE:
        raise NotPlain("a number is too large or too small")
    if len(number.as_tuple().digits) > MAX_DIGITS:
        raise NotPlain("a number has too many digits")


def _check_key(key: object) -> None:
    if not isinstance(key, str):
        raise NotPlain("a key is not text")
    _check_text(key)


def _check_text(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotPlain("a text holds half a surrogate pair") from error


def for_cel(value: Json) -> Json:
    """The same value with the numbers CEL has: whole ones as int64, the others as double.

    40 and 40.0 give the same int. Comparing works across the two; arithmetic does not, so that an
    expression that computes with a fraction says `double(args.amount) * 1.5`.
    """
    if isinstance(value, dict):
        return {key: for_cel(item) for key, item in value.items()}
    if isinstance(value, list):
        return [for_cel(item) for item in value]
    if value is None or isinstance(value, bool | str):
        return value
    whole = int(value)
    # The smallest int64 stays out: the library negates it to itself.
    return whole if whole == value and abs(whole) < 2**63 else float(value)
