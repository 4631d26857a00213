"""What the tools of a configuration must keep among themselves, beyond each one's own shape."""

import re
from collections.abc import Mapping

import jsonschema_rs

from handoff.settings import ToolSettings
from handrail.problems import Path
from handrail.reader import Reader


def check_tools(tools: Mapping[str, ToolSettings], reader: Reader, *, has_secret: bool) -> None:
    """Keep every problem of the tools with the reader; none is raised."""
    if tools and not has_secret:
        reader.refuse(
            ("tools_secret",), "is empty; tools need it to know that a call comes from here"
        )
    for name, tool in tools.items():
        path: Path = ("tools", name)
        _check_name(name, path, reader)
        _check_arguments(tool, path, reader)
        _check_evidence(tool, path, reader, tools)
        if tool.effect == "read":
            _check_read(tool, path, reader)


def _check_name(name: str, path: Path, reader: Reader) -> None:
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) is None:
        reader.refuse(path, "a tool's name has 1 to 64 letters, digits, _ and -")
    if name.startswith("handrail_"):
        reader.refuse(path, "names that begin with handrail_ are kept for built-in tools")


def _check_arguments(tool: ToolSettings, path: Path, reader: Reader) -> None:
    path = (*path, "arguments")
    if tool.arguments.get("type") != "object":
        reader.refuse(path, "must be a JSON Schema with type: object")
        return
    try:
        jsonschema_rs.validator_for(tool.arguments)
    except jsonschema_rs.ValidationError as error:
        inside = tuple(error.instance_path)
        reader.refuse((*path, *inside), f"is not a JSON Schema: {error.message}")


def _check_evidence(
    tool: ToolSettings, path: Path, reader: Reader, tools: Mapping[str, ToolSettings]
) -> None:
    reads = sorted(name for name, other in tools.items() if other.effect == "read")
    for name, evidence in tool.evidence.items():
        if evidence.tool not in reads:
            reader.refuse(
                (*path, "evidence", name, "tool"),
                f"must be a tool with effect: read ({', '.join(reads) or 'there is none'}),"
                f" not {evidence.tool!r}",
            )


def _check_read(tool: ToolSettings, path: Path, reader: Reader) -> None:
    for key in ("money", "rules", "evidence", "target"):
        if getattr(tool, key):
            reader.refuse((*path, key), "only a tool with effect: write is judged")
