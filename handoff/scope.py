"""Evaluates expressions over the facts of one call.

CannotJudge   one call cannot be judged; the sentence is for staff, and the call must hold
└── Gap       because something the expression mentions could not be had
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cel

from handoff.cel import Expression
from handoff.facts import Json, NotPlain, check_plain, for_cel
from handoff.mentions import Mentions


class CannotJudge(Exception):
    """One call cannot be judged; says why, for staff."""


class Gap(CannotJudge):
    """A fact that the expression mentions could not be had; says why."""


@dataclass
class Scope:
    """The variables of one judgement, and which of them could not be had."""

    values: dict[str, Json]
    gaps: dict[str, dict[str, str]] = field(default_factory=dict)
    _context: cel.Context = field(default_factory=cel.Context)
    _converted: set[str] = field(default_factory=set)

    def lacks(self, name: str, part: str, *, because: str) -> None:
        """Whatever mentions `name.part` (`*`: any part) cannot be judged, because of that."""
        self.gaps.setdefault(name, {})[part] = because

    def value(self, expression: Expression) -> Json:
        """What the expression yields: by path exactly, else as CEL computes it."""
        self._refuse_gaps(expression.mentions)
        if expression.path is not None:
            return _look_up(self.values, expression.path)
        result = self._computed(expression)
        try:
            check_plain(result)
        except NotPlain as error:
            raise CannotJudge(f"{expression.source!r} yields no JSON: {error}") from error
        return result

    def holds(self, expression: Expression) -> bool:
        """Whether a condition is true; anything but true or false cannot be judged."""
        self._refuse_gaps(expression.mentions)
        result = self._computed(expression)
        if not isinstance(result, bool):
            raise CannotJudge("the condition is neither true nor false")
        return result

    def _refuse_gaps(self, found: Mentions) -> None:
        for name, gaps in self.gaps.items():
            if name not in found.fields:
                continue
            fields = found.fields[name]
            for part, because in gaps.items():
                if fields is None or part == "*" or part in fields:
                    raise Gap(because)

    def _computed(self, expression: Expression) -> Json:
        for name in expression.mentions.fields.keys() & self.values.keys() - self._converted:
            self._context.add_variable(name, for_cel(self.values[name]))
            self._converted.add(name)
        try:
            result: Json = expression.program.execute(self._context)
        except Exception as error:
            raise CannotJudge(_sentence(error)) from error
        return result


def _look_up(values: Mapping[str, Json], path: tuple[str | int, ...]) -> Json:
    value: Json = dict(values)
    for step in path:
        match value, step:
            case dict(), str() if step in value:
                value = value[step]
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                raise CannotJudge(f'"{step}" is missing')
    return value


def _sentence(error: Exception) -> str:
    """What went wrong, without the values: they are the customer's."""
    match error:
        case KeyError():
            return f'"{error.args[0]}" is missing'
        case IndexError():
            return "an index lies outside its list"
        case ZeroDivisionError():
            return "it divides by zero"
        case OverflowError():
            return "a number is out of range"
        case TypeError():
            return "it compares or combines values of different kinds"
        case _:
            return "a function got a value it does not take"
