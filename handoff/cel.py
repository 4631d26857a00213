"""CEL expressions: compiled once, and checked against the names they may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import cel

from handoff.mentions import Mentions, mentions

_TYPES = frozenset({"int", "uint", "double", "string", "bool", "bytes", "list", "map", "null_type"})
_FUNCTIONS = _TYPES - {"bool", "list", "map", "null_type"} | {
    "contains", "duration", "dyn", "endsWith", "getDate", "getDayOfMonth", "getDayOfWeek",
    "getDayOfYear", "getFullYear", "getHours", "getMilliseconds", "getMinutes", "getMonth",
    "getSeconds", "matches", "size", "startsWith", "timestamp", "type",
}  # fmt: skip
_STEP = re.compile(
    r"""\.([A-Za-z_][A-Za-z0-9_]*)|\["([^"\\]*)"\]|\['([^'\\]*)'\]|\[([0-9]{1,9})\]"""
)
_PATH = re.compile(rf"([A-Za-z_][A-Za-z0-9_]*)((?:{_STEP.pattern})*)")
_FAULT = re.compile(
    r"ERROR: <input>:([0-9:]+): (?:Syntax error: )?(.*?)(?: expecting .*)?$", re.MULTILINE
)


class PolicyError(Exception):
    """The configuration is wrong: `key` is its path, such as `tools.pay.rules[1].when`."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.message = message


Known = Mapping[str, frozenset[str] | None]
"""The names an expression may use, each with the fields it has (None: not known beforehand)."""


@dataclass(frozen=True)
class Expression:
    """A compiled expression; `path` is set when it only reads a value, and reads it exactly."""

    source: str
    program: cel.Program
    mentions: Mentions
    path: tuple[str | int, ...] | None


def compile_expression(source: str, *, key: str, known: Known) -> Expression:
    """Compile CEL that uses only known names and functions; raises `PolicyError` at `key`."""
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise PolicyError(key, f"{source!r} is no CEL: {_complaint(error)}") from error
    found = mentions(source)
    _check_functions(program, key=key)
    _check_names(program, found, key=key, known=known)
    path = _path(source.strip())
    return Expression(source, program, found, path if path and path[0] in known else None)


def _complaint(error: ValueError) -> str:
    """The first fault with its line and column, without the list of all that might follow."""
    fault = _FAULT.search(str(error))
    return f"{fault[2]} at {fault[1]}" if fault else "it does not parse"


def _check_functions(program: cel.Program, *, key: str) -> None:
    named = {name for name in program.functions() if name[0].isalpha()}
    if unknown := sorted(named - _FUNCTIONS):
        raise PolicyError(key, f"unknown function {unknown[0]!r}")


def _check_names(program: cel.Program, found: Mentions, *, key: str, known: Known) -> None:
    if shadowed := sorted(found.bound & known.keys()):
        raise PolicyError(key, f"a macro binds {shadowed[0]!r}, which already has a meaning")
    # Both readings of the text must agree that nothing else is named.
    named = (set(program.variables()) | found.fields.keys()) - found.bound - _TYPES
    if unknown := sorted(named - known.keys()):
        raise PolicyError(key, f"unknown name {unknown[0]!r}; known: {', '.join(known)}")
    for name in named:
        fields, read = known[name], found.fields.get(name)
        if fields is not None and read is not None and read - fields:
            wrong = f"{name}.{min(read - fields)}"
            raise PolicyError(key, f"unknown {wrong!r}; known: {_listed(name, fields)}")


def _listed(name: str, fields: frozenset[str]) -> str:
    return ", ".join(f"{name}.{known}" for known in sorted(fields)) or "none"


def _path(source: str) -> tuple[str | int, ...] | None:
    """The steps of an expression that is only a path, such as `evidence.quote.lines[0]`."""
    whole = _PATH.fullmatch(source)
    if whole is None:
        return None
    return (whole[1], *map(_step, _STEP.finditer(whole[2])))


def _step(found: re.Match[str]) -> str | int:
    *names, index = found.groups()
    return int(index) if index else next(name for name in names if name is not None)
