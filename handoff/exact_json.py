"""JSON that keeps every number exact and refuses what two readers could read differently."""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from handoff.facts import Json, NotPlain, check_plain


class NotExact(ValueError):
    """The text is no JSON that we accept; the message says why."""


class ArgumentsError(ValueError):
    """The arguments of a tool call cannot be used; the message is a sentence for the model."""


def parse_arguments(raw: str) -> dict[str, Any]:
    """The arguments of a tool call, numbers exact; nothing but white space means none.

    Two keys of one object that differ in case only are refused too: many a tool reads keys whatever
    their case, and would act on another one than was judged. Raises `ArgumentsError`.
    """
    if not raw.strip():
        return {}
    try:
        arguments = _exact(raw, _arguments_decoder)
    except NotExact as e:
        raise ArgumentsError(f"The arguments cannot be read: {e}.") from e
    if not isinstance(arguments, dict):
        raise ArgumentsError("The arguments must be one JSON object.")
    return arguments


def parse_exact(raw: str | bytes) -> Json:
    """A JSON value: whole numbers as `int`, all others as `Decimal`; raises `NotExact`.

    Refused beside broken JSON: a key twice in one object, NaN and Infinity, and what
    `handoff.facts.check_plain` refuses (deep nesting, huge numbers, broken Unicode).
    """
    return _exact(raw, _decoder)


def _exact(raw: str | bytes, decoder: json.JSONDecoder) -> Json:
    try:
        value: Json = decoder.decode(raw if isinstance(raw, str) else raw.decode())
        check_plain(value)
    except json.JSONDecodeError as e:
        raise NotExact(f"{e.msg} at character {e.pos + 1}") from e
    except NotPlain as e:
        raise NotExact(str(e)) from e
    except UnicodeDecodeError as e:
        raise NotExact("the text is not UTF-8") from e
    except RecursionError as e:
        raise NotExact("it is nested too deeply") from e
    return value


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise NotExact("a key appears twice in one object")
    return members


def _members_in_any_case(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = _members(pairs)
    if len({key.casefold() for key in members}) < len(members):
        raise NotExact("two keys of one object differ in case only")
    return members


def _whole(literal: str) -> int:
    try:
        return int(literal)
    except ValueError as e:
        raise NotExact("a number is too large") from e


def _fraction(literal: str) -> Decimal:
    try:
        return Decimal(literal)
    except InvalidOperation as e:
        raise NotExact("a number is too large or too small") from e


def _no_number(literal: str) -> NoReturn:
    raise NotExact(f"{literal} is no JSON number")


def _decoder_with(members: Callable[[list[tuple[str, Json]]], dict[str, Json]]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=members,
        parse_int=_whole,
        parse_float=_fraction,
        parse_constant=_no_number,
    )


_decoder = _decoder_with(_members)
_arguments_decoder = _decoder_with(_members_in_any_case)
