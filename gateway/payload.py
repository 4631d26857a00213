"""Fields of a client's command, checked; each raises `Refused` with what is wrong."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from conversation.errors import Refused

TEXT_CHARACTERS = 8_000
"""Code points a person may write at once."""
ID_CHARACTERS = 100
"""More than any id of ours has."""
TYPING_TTL_S = 6
"""How long somebody counts as typing who says nothing more."""
_MISSING: Any = object()
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def text_of(payload: dict[str, Any], name: str, *, at_most: int, default: Any = _MISSING) -> Any:
    """A text of 1 to `at_most` Unicode code points that is not only white space."""
    value = payload.get(name)
    if value is None and default is not _MISSING:
        return default
    if not isinstance(value, str) or not value.strip():
        raise Refused("bad_request", f"{name} is a text that is not empty")
    if len(value) > at_most:
        raise Refused("too_large", f"{name} has at most {at_most} characters")
    if not _is_whole(value):
        raise Refused("bad_request", f"{name} holds half a character")
    return value


def uuid_of(payload: dict[str, Any]) -> str:
    """The field `id`: a UUID as its client wrote it, by which a command is carried out once."""
    value = payload.get("id")
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise Refused("bad_request", "id is a UUID made by the client")
    return value


def written(payload: dict[str, Any], name: str) -> str:
    """An object, as its JSON text."""
    value = payload.get(name)
    if not isinstance(value, dict):
        raise Refused("bad_request", f"{name} is an object")
    try:
        return msgspec.json.encode(value).decode()
    except (RecursionError, ValueError, msgspec.MsgspecError) as error:
        raise Refused("bad_request", f"{name} cannot be read") from error


def flag(payload: dict[str, Any], name: str) -> bool:
    """A boolean; absent is false."""
    value = payload.get(name, False)
    if not isinstance(value, bool):
        raise Refused("bad_request", f"{name} is true or false")
    return value


def number(payload: dict[str, Any], name: str) -> int:
    """A whole number from 0."""
    value = payload.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Refused("bad_request", f"{name} is a whole number from 0")
    return value


def whole(payload: dict[str, Any], name: str, *, default: int) -> int:
    """A whole number from 0, or `default` when it is absent."""
    return default if payload.get(name) is None else number(payload, name)


def one_of(payload: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    """One of a few words."""
    value = payload.get(name)
    if value not in choices:
        raise Refused("bad_request", f"{name} is one of {', '.join(choices)}")
    return str(value)


def _is_whole(text: str) -> bool:
    """No half of a surrogate pair, which browsers send when a text was cut inside one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
