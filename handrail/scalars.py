"""Single values of a configuration, read by the type that is asked for.

Every function takes a text and raises ValueError saying what is allowed.
"""

import re
from typing import Any

from msgspec import inspect

UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
ON = frozenset({"true", "yes", "on"})
OFF = frozenset({"false", "no", "off"})


def read_scalar(text: str, kind: inspect.Type) -> Any:
    """Read a text as a `str`, `int`, `float`, `bool` or one of the choices of a `Literal`."""
    match kind:
        case inspect.StrType():
            return _text(text, kind)
        case inspect.IntType():
            return _whole_number(text, kind)
        case inspect.FloatType():
            return _number(text, kind)
        case inspect.BoolType():
            return switch(text)
        case inspect.LiteralType():
            return _choice(text, kind)
    message = f"must be {described(kind)}"
    raise ValueError(message)


def duration_s(text: str) -> float:
    """Read `500ms`, `30s`, `20m`, `24h` or `7d` as seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", text.strip())
    if match is None or not float(match[1]):
        message = "must be a duration such as 30s, 20m, 24h or 7d"
        raise ValueError(message)
    return float(match[1]) * UNITS_S[match[2]]


def switch(text: str) -> bool:
    """Read the words YAML has for true and false."""
    word = text.strip().lower()
    if word not in ON | OFF:
        message = "must be true or false"
        raise ValueError(message)
    return word in ON


def described(kind: inspect.Type) -> str:
    """Say in words what a type allows."""
    match kind:
        case inspect.Metadata():
            return described(kind.type)
        case inspect.StrType():
            return "a text"
        case inspect.IntType():
            return f"a whole number{_range(kind)}"
        case inspect.FloatType():
            return f"a number{_range(kind)}"
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType():
            return " or ".join(map(str, kind.values))
        case inspect.ListType() | inspect.VarTupleType():
            return "a list"
        case inspect.UnionType():
            kinds = [part for part in kind.types if not isinstance(part, inspect.NoneType)]
            return " or ".join(map(described, kinds))
    return "a mapping"


def _text(text: str, kind: inspect.StrType) -> str:
    if kind.min_length and len(text) < kind.min_length:
        message = "must not be empty"
    elif kind.max_length is not None and len(text) > kind.max_length:
        message = f"must have at most {kind.max_length} characters, not {len(text)}"
    elif kind.pattern is not None and re.search(kind.pattern, text) is None:
        message = f"must match {kind.pattern}"
    else:
        return text
    raise ValueError(message)


def _whole_number(text: str, kind: inspect.IntType) -> int:
    if re.fullmatch(r"[+-]?\d+", text.strip()) and _within(int(text), kind):
        return int(text)
    message = f"must be {described(kind)}"
    raise ValueError(message)


def _number(text: str, kind: inspect.FloatType) -> float:
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", text.strip()) and _within(float(text), kind):
        return float(text)
    message = f"must be {described(kind)}"
    raise ValueError(message)


def _choice(text: str, kind: inspect.LiteralType) -> Any:
    for value in kind.values:
        if str(value) == text:
            return value
    message = f"must be {described(kind)}"
    raise ValueError(message)


def _within(value: float, kind: inspect.IntType | inspect.FloatType) -> bool:
    return (
        (kind.ge is None or value >= kind.ge)
        and (kind.gt is None or value > kind.gt)
        and (kind.le is None or value <= kind.le)
        and (kind.lt is None or value < kind.lt)
    )


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    low = f"at least {kind.ge}" if kind.ge is not None else ""
    low = low or (f"above {kind.gt}" if kind.gt is not None else "")
    high = f"at most {kind.le}" if kind.le is not None else ""
    high = high or (f"below {kind.lt}" if kind.lt is not None else "")
    if kind.ge is not None and kind.le is not None:
        return f" from {kind.ge} to {kind.le}"
    return "".join(f" {part}" for part in (low, "and" if low and high else "", high) if part)
