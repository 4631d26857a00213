"""The tools by name: what the model is offered, and whether a call's arguments fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn

import jsonschema_rs

from handoff.cel import PolicyError
from handoff.digest import digest
from handoff.facts import Json, NotPlain, check_plain
from handoff.settings import ToolSettings

# What Chat Completions accepts as the name of a function.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RESERVED = "handrail_"
_FAULTS_TOLD = 3
_FAULT_LENGTH = 200


@dataclass(frozen=True)
class _Entry:
    settings: ToolSettings
    validator: jsonschema_rs.Validator
    schema: str


class Catalogue:
    """Every configured tool with its compiled schema; raises `PolicyError` for a faulty one."""

    def __init__(self, tools: Mapping[str, ToolSettings]) -> None:
        self._entries = {name: _entry(name, settings) for name, settings in tools.items()}

    def offered(self) -> list[dict[str, Any]]:
        """The tools the model may call, in the order of the configuration, for Chat Completions."""
        return [
            {
                "type": "function",
                "function": {
                    "name": name,
                    "description": entry.settings.description,
                    "parameters": entry.settings.arguments,
                },
            }
            for name, entry in self._entries.items()
            if entry.settings.offer
        ]

    def writes(self, tool: str) -> bool:
        """Whether a tool changes something."""
        return self._entries[tool].settings.effect == "write"

    def schema(self, tool: str) -> str:
        """The version of a tool's arguments: the digest of their schema."""
        return self._entries[tool].schema

    def listed(self) -> list[dict[str, Any]]:
        """Every tool as people are shown it, in the order of the configuration."""
        return [
            {
                "name": name,
                "title": title_of(name, entry.settings),
                "description": entry.settings.description,
                "effect": entry.settings.effect,
                "arguments": entry.settings.arguments,
            }
            for name, entry in self._entries.items()
        ]

    def call_fault(self, tool: str, arguments: Json, *, offered_only: bool = True) -> str | None:
        """Why this call cannot be made, in a sentence to act on; None when it can.

        The model calls what it is offered, people every tool.
        """
        entry = self._entries.get(tool)
        if entry is None or (offered_only and not entry.settings.offer):
            return "there is no tool of this name"
        return self.arguments_fault(tool, arguments)

    def arguments_fault(self, tool: str, arguments: Json) -> str | None:
        """Why these arguments do not fit the tool's schema; None when they do."""
        if not isinstance(arguments, dict):
            return "the arguments are no JSON object"
        try:
            check_plain(arguments)
        except NotPlain as error:
            return f"the arguments are refused: {error}"
        faults = self._entries[tool].validator.iter_errors(arguments)
        told = "; ".join(_told(fault) for fault in islice(faults, _FAULTS_TOLD))
        return f"the arguments do not fit: {told}" if told else None


def title_of(name: str, settings: ToolSettings) -> str:
    """What a tool does, in words for people."""
    return settings.title or name.replace("_", " ").capitalize()


def _entry(name: str, settings: ToolSettings) -> _Entry:
    key = f"tools.{name}"
    if _NAME.fullmatch(name) is None:
        raise PolicyError(key, "a tool's name has 1 to 64 letters, digits, _ or -")
    if name.startswith(_RESERVED):
        raise PolicyError(key, f"names that begin with {_RESERVED} are built-in tools")
    schema = settings.arguments
    try:
        check_plain(schema)
        validator = jsonschema_rs.validator_for(schema, retriever=_refuse_to_fetch)
    except ValueError as error:
        raise PolicyError(f"{key}.arguments", _complaint(error)) from error
    if schema.get("type") != "object":
        raise PolicyError(f"{key}.arguments", "a tool takes an object: say `type: object`")
    return _Entry(settings, validator, digest(schema))


def _refuse_to_fetch(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not fetched")


def _complaint(error: ValueError) -> str:
    if isinstance(error, jsonschema_rs.ValidationError):
        return f"no valid JSON Schema: {_told(error)}"
    return f"no valid JSON Schema: {error}"


def _told(fault: jsonschema_rs.ValidationError) -> str:
    message = fault.message
    if len(message) > _FAULT_LENGTH:
        half = _FAULT_LENGTH // 2
        message = f"{message[:half]} … {message[-half:]}"
    where = ".".join(map(str, fault.instance_path))
    return f"{where}: {message}" if where else message
