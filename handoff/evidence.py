"""Facts read before a call is judged: which are asked, and asking them side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from handoff.cel import Expression
from handoff.digest import digest
from handoff.facts import Json, NotPlain, check_plain
from handoff.scope import CannotJudge, Scope


class EvidenceError(Exception):
    """A fact could not be read; the sentence is shown to staff."""


class EvidenceReader(Protocol):
    """Whoever can call a read tool."""

    async def read(self, tool: str, arguments: dict[str, Any]) -> Json:
        """The tool's result with exact numbers (int, Decimal); raises `EvidenceError`."""
        ...


@dataclass(frozen=True)
class Ask:
    """One question: a read tool and its arguments."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Asks:
    """The questions of one judgement by name, and those that could not even be put."""

    asks: Mapping[str, Ask] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """What was read, by name, and what could not be, with the reason."""

    values: Mapping[str, Json] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


NOTHING = Evidence()
"""The evidence of a call that asks for none."""


@dataclass(frozen=True)
class Source:
    """Where a fact comes from: the tool and an expression for each argument."""

    tool: str
    arguments: Mapping[str, Expression]

    def ask(self, scope: Scope) -> Ask:
        """The question for one call; raises `CannotJudge`."""
        arguments = {}
        for name, expression in self.arguments.items():
            try:
                arguments[name] = scope.value(expression)
            except CannotJudge as error:
                raise CannotJudge(f"its argument {name} is not known: {error}") from error
        return Ask(self.tool, arguments)


async def gather_evidence(reader: EvidenceReader, asks: Asks) -> Evidence:
    """Ask everything at once, the same question only once; a failure is kept, not raised."""
    named = {name: digest([ask.tool, ask.arguments]) for name, ask in asks.asks.items()}
    questions = {named[name]: ask for name, ask in asks.asks.items()}
    async with asyncio.TaskGroup() as group:
        answers = {
            question: group.create_task(_answer(reader, ask)) for question, ask in questions.items()
        }
    values: dict[str, Json] = {}
    failed = dict(asks.failed)
    for name, question in named.items():
        answer = answers[question].result()
        if isinstance(answer, EvidenceError):
            failed[name] = str(answer)
        else:
            values[name] = answer
    return Evidence(values, failed)


async def _answer(reader: EvidenceReader, ask: Ask) -> Json | EvidenceError:
    try:
        answer = await reader.read(ask.tool, ask.arguments)
        check_plain(answer)
    except EvidenceError as error:
        return error
    except NotPlain as error:
        return EvidenceError(f"its answer is refused: {error}")
    return answer
