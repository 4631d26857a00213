"""Recorded conversations of real assistants, as the steps a recorded model answers.

Format and figures: the README beside the data. A recording is a list of turns; a turn is one text
of the customer and the model steps that answered it; a step is a text and its tool calls.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

Json = dict[str, Any]

DOMAINS = ("retail", "airline")
HELD_ABOVE_MINOR = 10_000
_DIRECTIONS = {"refund": "to_customer", "credit": "to_customer", "charge": "from_customer"}


@dataclass(frozen=True)
class Call:
    """One recorded tool call; `result` is JSON text, `minor` cents, None where nothing moves."""

    model_call_id: str
    tool: str
    arguments: Json
    succeeds: bool
    write: bool
    result: str
    minor: int | None
    direction: str | None

    @property
    def is_held(self) -> bool:
        """Whether the rule of the bench holds it: more than $100 to the customer."""
        return self.direction == "to_customer" and (self.minor or 0) > HELD_ABOVE_MINOR

    @property
    def key(self) -> str:
        """Tool and arguments in one normal form; 40 and 40.0 are the same number."""
        return call_key(self.tool, self.arguments)


@dataclass(frozen=True)
class Step:
    """One answer of the model: its text ("" when it has none) and its calls."""

    text: str
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Turn:
    """One text of the customer and the steps that answered it."""

    message: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Recording:
    """One conversation; `greeting` is an assistant's text before the customer's first.

    `unspoken` counts the customer's messages without text, `empty` the assistant's messages without
    text and calls; neither is in `turns`.
    """

    id: str
    domain: str
    env: str
    source: str
    greeting: str | None
    turns: tuple[Turn, ...]
    unspoken: int
    empty: int

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in order."""
        return tuple(step for turn in self.turns for step in turn.steps)

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls in order."""
        return tuple(call for step in self.steps for call in step.calls)

    def texts(self) -> list[tuple[str, str]]:
        """What the customer must be shown, in order, as (event type, text)."""
        greeting = [] if self.greeting is None else [("assistant_said", self.greeting)]
        return greeting + [
            ("assistant_called" if step.calls else "assistant_said", step.text)
            for step in self.steps
        ]


def call_key(tool: str, arguments: Json) -> str:
    """The name and arguments of a call as one comparable text."""
    return f"{tool} {json.dumps(_normal(arguments), sort_keys=True)}"


def data_folder() -> Path:
    """Where the recordings lie: `HANDRAIL_DATA`, else `../shared/data` beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("HANDRAIL_DATA") or beside) / "tau"


def recordings() -> list[Recording]:
    """All retail and airline recordings, in the order of the file."""
    with gzip.open(
        data_folder() / "open" / "conversations.jsonl.gz", "rt", encoding="utf-8"
    ) as lines:
        rows = [json.loads(line) for line in lines]
    return [_recording(row) for row in rows if row["domain"] in DOMAINS]


def tool_schemas(domain: str, env: str) -> list[Json]:
    """The tools of one environment: `{"name", "description", "parameters"}` each."""
    text = (data_folder() / "common" / "policies_tools.json").read_text("utf-8")
    return [tool["function"] for tool in json.loads(text)[env][domain]["tools"]]


def _recording(row: Json) -> Recording:
    messages: list[Json] = row["messages"]
    greeted = messages[0]["role"] == "assistant"
    return Recording(
        id=row["id"],
        domain=row["domain"],
        env=row["env"],
        source=row["source"],
        greeting=messages[0]["content"] if greeted else None,
        turns=tuple(_turns(messages[1:] if greeted else messages)),
        unspoken=sum(message["role"] == "user" and not message["content"] for message in messages),
        empty=sum(_is_empty(message) for message in messages),
    )


def _turns(messages: list[Json]) -> Iterator[Turn]:
    """Cut at each text of the customer; a customer's message without text is skipped."""
    spoken = [at for at, message in enumerate(messages) if _is_spoken(message)]
    for at, end in itertools.pairwise([*spoken, len(messages)]):
        yield Turn(messages[at]["content"], tuple(_steps(messages[at + 1 : end])))


def _is_spoken(message: Json) -> bool:
    return message["role"] == "user" and bool(message["content"])


def _steps(messages: list[Json]) -> Iterator[Step]:
    """The assistant's messages with the results that follow them; an empty one is skipped."""
    for at, message in enumerate(messages):
        if message["role"] == "assistant" and not _is_empty(message):
            calls = message.get("tool_calls") or []
            results = messages[at + 1 : at + 1 + len(calls)]
            yield Step(message["content"] or "", tuple(_calls(calls, results)))


def _is_empty(message: Json) -> bool:
    return (
        message["role"] == "assistant" and not message["content"] and not message.get("tool_calls")
    )


def _calls(calls: Iterable[Json], results: Iterable[Json]) -> Iterator[Call]:
    for call, result in zip(calls, results, strict=True):
        if result["tool_call_id"] != call["id"]:
            message = f"the result of {call['id']} does not follow its call"
            raise ValueError(message)
        direction = _DIRECTIONS.get(call.get("direction") or "")
        yield Call(
            model_call_id=call["id"],
            tool=call["name"],
            arguments=call["arguments"],
            succeeds=call["ok"],
            write=bool(call.get("write")),
            result=_as_json(result["content"]),
            minor=None if direction is None else round(call["amount"] * 100),
            direction=direction,
        )


def _as_json(content: str) -> str:
    """The recorded content where it is JSON, else the same text as a JSON string."""
    try:
        json.loads(content, parse_constant=_refuse)
    except ValueError:
        return json.dumps(content, ensure_ascii=False)
    return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _normal(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_normal(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
