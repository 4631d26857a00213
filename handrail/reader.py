"""Settings structs filled from YAML nodes, each problem kept with its line and key.

The type that is asked for decides how a value is read: `name: No` is the text "No" where a text
is due. A field's metadata may name a reading of its own, `{"reads": …}`: `duration` (seconds),
`file` (a URL or a path, made absolute) and `switch` (on and off beside a mapping).
"""

import difflib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

import yaml
from msgspec import inspect

from handrail.contract import is_later_key, is_later_value, later_names
from handrail.document import Expanded, PlainLoader, expand
from handrail.problems import Path, Problem, key_of
from handrail.scalars import described, duration_s, read_scalar, switch

NULL = "tag:yaml.org,2002:null"
TEXT = "tag:yaml.org,2002:str"


class Unreadable(Exception):
    """A value was refused; the problem is kept already."""


@dataclass
class Reader:
    """Reads one file; `problems` and `warnings` grow, `lines` says where each key stands."""

    file: FilePath
    environ: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)

    def refuse(self, path: Path, text: str) -> Unreadable:
        """Keep a problem at the line of the key, or of the nearest key around it."""
        self.problems.append(self._problem(path, text))
        return Unreadable(text)

    def warn(self, path: Path, text: str) -> None:
        """Keep what is allowed and seldom meant, at the same line."""
        self.warnings.append(self._problem(path, text))

    def _problem(self, path: Path, text: str) -> Problem:
        place = path
        while place and place not in self.lines:
            place = place[:-1]
        return Problem(str(self.file), self.lines.get(place, 1), key_of(path), text)

    def path_of(self, key: str) -> Path:
        """Find the path of a key as it is written, or of the nearest key around it."""
        paths = {key_of(path): path for path in self.lines}
        while key and key not in paths:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return paths.get(key, ())

    def read(self, node: yaml.Node, kind: inspect.Type, path: Path) -> Any:
        """Read a node as a type; raises Unreadable after keeping what is wrong."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        match kind:
            case inspect.Metadata(extra={"reads": reading}):
                return self._special(node, kind.type, path, reading)
            case inspect.Metadata():
                return self._with_example(node, kind, path)
            case inspect.UnionType():
                return self._union(node, kind, path)
            case inspect.StructType():
                return self._struct(node, kind, path)
            case inspect.DictType():
                return self._dict(node, kind, path)
            case inspect.ListType() | inspect.VarTupleType():
                return self._list(node, kind, path)
            case inspect.AnyType():
                return self._plain(node, path)
            case inspect.CustomType():
                return self.file.parent / self._scalar(node, inspect.StrType(), path)
        return self._scalar(node, kind, path)

    def _special(self, node: yaml.Node, kind: inspect.Type, path: Path, reading: str) -> Any:
        if reading == "switch":
            return self._switch(node, kind, path)
        text = self._scalar(node, inspect.StrType(), path)
        if reading == "duration":
            try:
                return duration_s(text)
            except ValueError as error:
                raise self.refuse(path, f"{error}, not {node.value!r}") from error
        if "://" in text:
            return text
        file = (self.file.parent / text).resolve()
        if not file.is_file():
            raise self.refuse(path, f"no such file: {file}")
        return str(file)

    def _switch(self, node: yaml.Node, kind: inspect.Type, path: Path) -> Any:
        struct = _members(kind)[0]
        if isinstance(node, yaml.MappingNode):
            return self.read(node, struct, path)
        try:
            on = switch(self._scalar(node, inspect.StrType(), path))
        except ValueError as error:
            raise self.refuse(path, "must be on, off or a mapping") from error
        return struct.cls() if on and isinstance(struct, inspect.StructType) else None

    def _with_example(self, node: yaml.Node, kind: inspect.Metadata, path: Path) -> Any:
        try:
            return self.read(node, kind.type, path)
        except Unreadable:
            examples = (kind.extra_json_schema or {}).get("examples")
            if examples:
                problem = self.problems.pop()
                self.problems.append(replace(problem, text=f"{problem.text}, as in {examples[0]}"))
            raise

    def _union(self, node: yaml.Node, kind: inspect.UnionType, path: Path) -> Any:
        optional = any(isinstance(part, inspect.NoneType) for part in kind.types)
        if optional and (node.tag == NULL or self._is_left_empty(node, path)):
            return None
        members = _members(kind)
        if len(members) != 1:
            raise self.refuse(path, f"must be {described(kind)}")
        return self.read(node, members[0], path)

    def _is_left_empty(self, node: yaml.Node, path: Path) -> bool:
        return isinstance(node, yaml.ScalarNode) and not self._expanded(node, path).text

    def _struct(self, node: yaml.Node, kind: inspect.StructType, path: Path) -> Any:
        known = {entry.encode_name: entry for entry in kind.fields}
        entries = self._entries(node, path)
        problems = len(self.problems)
        for name in entries.keys() - known.keys():
            self._refuse_unknown((*path, name), list(known))
        for name, entry in known.items():
            if entry.required and name not in entries:
                self.refuse((*path, name), f"is missing; it must be {described(entry.type)}")
        values = {}
        for name in entries.keys() & known.keys():
            with suppress(Unreadable):
                values[known[name].name] = self.read(entries[name], known[name].type, (*path, name))
        if len(self.problems) > problems:
            raise Unreadable
        try:
            return kind.cls(**values)
        except ValueError as error:
            raise self.refuse(path, str(error)) from error

    def _refuse_unknown(self, path: Path, known: list[str]) -> None:
        if is_later_key(path):
            self.refuse(path, "not available yet")
            return
        names = [*known, *later_names(path[:-1])]
        nearest = difflib.get_close_matches(str(path[-1]), names, n=1, cutoff=0.5)
        hint = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(known)}"
        self.refuse(path, f"unknown key; {hint}")

    def _dict(self, node: yaml.Node, kind: inspect.DictType, path: Path) -> dict[str, Any]:
        values = {}
        problems = len(self.problems)
        for name, value in self._entries(node, path).items():
            with suppress(Unreadable):
                values[name] = self.read(value, kind.value_type, (*path, name))
        if len(self.problems) > problems:
            raise Unreadable
        return values

    def _list(
        self, node: yaml.Node, kind: inspect.ListType | inspect.VarTupleType, path: Path
    ) -> list[Any] | tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.refuse(path, "must be a list")
        if kind.max_length is not None and len(node.value) > kind.max_length:
            raise self.refuse(path, f"must have at most {kind.max_length} entries")
        values = []
        problems = len(self.problems)
        for place, item in enumerate(node.value):
            with suppress(Unreadable):
                values.append(self.read(item, kind.item_type, (*path, place)))
        if len(self.problems) > problems:
            raise Unreadable
        return values if isinstance(kind, inspect.ListType) else tuple(values)

    def _entries(self, node: yaml.Node, path: Path) -> dict[str, yaml.Node]:
        if node.tag == NULL:
            return {}
        if not isinstance(node, yaml.MappingNode):
            raise self.refuse(path, "must be a mapping")
        entries: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            self.lines[*path, name] = key.start_mark.line + 1
            if name in entries:
                self.refuse((*path, name), "stands here a second time")
            entries[name] = value
        return entries

    def _plain(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case yaml.MappingNode():
                return {
                    name: self._plain(value, (*path, name))
                    for name, value in self._entries(node, path).items()
                }
            case yaml.SequenceNode():
                return [self._plain(item, (*path, place)) for place, item in enumerate(node.value)]
        if node.tag == TEXT:
            return self._scalar(node, inspect.StrType(), path)
        return PlainLoader("").construct_object(node)

    def _scalar(self, node: yaml.Node, kind: inspect.Type, path: Path) -> Any:
        if not isinstance(node, yaml.ScalarNode) or node.tag == NULL:
            raise self.refuse(path, f"must be {described(kind)}")
        expanded = self._expanded(node, path)
        if expanded.unset:
            names = " and ".join(expanded.unset)
            raise self.refuse(path, f"{names} is not set in the environment")
        if is_later_value(path, expanded.text):
            raise self.refuse(path, f"{expanded.text} is not available yet")
        try:
            return read_scalar(expanded.text, kind)
        except ValueError as error:
            # As written: what a variable holds may be a secret, and so may any text.
            written = "" if isinstance(kind, inspect.StrType) else f", not {node.value!r}"
            raise self.refuse(path, f"{error}{written}") from error

    def _expanded(self, node: yaml.ScalarNode, path: Path) -> Expanded:
        try:
            return expand(node.value, self.environ)
        except ValueError as error:
            raise self.refuse(path, str(error)) from error


def _members(kind: inspect.Type) -> list[inspect.Type]:
    parts = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return [part for part in parts if not isinstance(part, inspect.NoneType)]
