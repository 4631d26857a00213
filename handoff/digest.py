"""What was shown is what is approved is what runs: canonical JSON and its SHA-256.

Two values that mean the same have one text: keys in code point order, no white space, ASCII only,
and a number by its value, so that 40, 40.0 and 4e1 agree. A text stays a text: "40" is no 40.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

from handoff.facts import Json

_PLAIN_DIGITS = 40
"""Numbers are written out up to this many places, larger and smaller ones with an exponent."""


def digest(value: Json) -> str:
    """SHA-256 of the canonical text, in hex; `value` has passed `check_plain`."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def canonical(value: Json) -> str:
    """The one JSON text of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value)
        case list():
            return f"[{','.join(map(canonical, value))}]"
        case dict():
            members = (f"{json.dumps(key)}:{canonical(value[key])}" for key in sorted(value))
            return f"{{{','.join(members)}}}"
        case float():
            return canonical_number(Decimal(repr(value)))
        case int() if abs(value) < 10**_PLAIN_DIGITS:
            return str(value)
        case int() | Decimal():
            return canonical_number(Decimal(value))


def canonical_number(number: Decimal) -> str:
    """A finite number by its value: no trailing zeros, no sign on zero, nothing rounded."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "the number is finite"
    significant = "".join(map(str, digits)).lstrip("0")
    kept = significant.rstrip("0")
    if not kept:
        return "0"
    exponent += len(significant) - len(kept)
    exact = Decimal((sign, tuple(map(int, kept)), exponent))
    near_the_point = abs(exponent) <= _PLAIN_DIGITS and abs(exact.adjusted()) <= _PLAIN_DIGITS
    return f"{exact:f}" if near_the_point else f"{'-' * sign}{kept}e{exponent}"
