"""Which names a CEL expression mentions, read from its text without evaluating it.

The library lists the variables of an expression, but mixes those that a macro binds with those
it needs from outside, and tells nothing of their fields. Both decide here: a misspelt field of
`evidence` must not pass the check, and a rule that mentions a fact which could not be read must
hold, whatever the rest of its condition would make of the gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<gap>\s+|//[^\n]*)
  | (?P<text>(?:[rR][bB]?|[bB][rR])(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"[^"\n]*"|'[^'\n]*')
    | [bB]?(?:\"{3}(?:\\[\s\S]|[\s\S])*?\"{3}|'{3}(?:\\[\s\S]|[\s\S])*?'{3}
      |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>0[xX][0-9a-fA-F]+[uU]?
    | (?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[uU]?)
  | (?P<mark>[\s\S])
    """,
    re.VERBOSE,
)
_KEYWORDS = frozenset({"true", "false", "null", "in"})
_MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})
_SIMPLE_TEXT = re.compile(r"""(["'])([^"'\\]*)\1""")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


_END = _Token("end", "")


@dataclass(frozen=True)
class Mentions:
    """The names of an expression.

    `fields` maps each name read from outside to the fields read of it; None stands for the whole
    value. `bound` are the names that macros such as `exists` bind.
    """

    fields: dict[str, frozenset[str] | None]
    bound: frozenset[str]


def mentions(source: str) -> Mentions:
    """Read the mentioned names off the text of an expression that compiles."""
    tokens = [_END, *_tokens(source), _END, _END, _END, _END]
    bound = frozenset(_bound(tokens))
    fields: dict[str, frozenset[str] | None] = {}
    for before, token, *after in zip(*(tokens[i:] for i in range(5)), strict=False):
        if not _is_variable(token, before=before, after=after[0]) or token.text in bound:
            continue
        field = _field(after)
        known = fields.get(token.text, frozenset())
        fields[token.text] = None if field is None or known is None else known | {field}
    return Mentions(fields, bound)


def _tokens(source: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(source):
        if found.lastgroup is not None and found.lastgroup != "gap":
            yield _Token(found.lastgroup, found.group())


def _bound(tokens: list[_Token]) -> Iterator[str]:
    for dot, macro, bracket, name, comma in zip(*(tokens[i:] for i in range(5)), strict=False):
        opens = dot.text == "." and macro.text in _MACROS and bracket.text == "("
        if opens and name.kind == "name" and comma.text == ",":
            yield name.text


def _is_variable(token: _Token, *, before: _Token, after: _Token) -> bool:
    if token.kind != "name" or token.text in _KEYWORDS:
        return False
    return before.text != "." and after.text != "("


def _field(after: list[_Token]) -> str | None:
    """The field read right after a name, by `.field` or `["field"]`; None is all of it."""
    first, second, third = after
    if first.text == "." and second.kind == "name" and third.text != "(":
        return second.text
    simple = _SIMPLE_TEXT.fullmatch(second.text)
    if first.text == "[" and second.kind == "text" and third.text == "]" and simple:
        return simple[2]
    return None
