"""A YAML file as nodes that know their lines, with `${NAME}` taken from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from handrail.problems import ConfigError, Problem

VARIABLE = re.compile(r"\$(?:\$\{|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|(\{))")


class PlainLoader(yaml.SafeLoader):
    """YAML 1.1 without dates, which are text here, and without guessing at base 60."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Expanded:
    """A text after expansion, and the variables in it that have neither a value nor a default."""

    text: str
    unset: tuple[str, ...]
    changed: bool


def expand(text: str, environ: Mapping[str, str]) -> Expanded:
    """Put `${NAME}` and `${NAME:-default}` in; `$${` stands for a literal `${`.

    Raises ValueError for a `${` that is neither, and for half a character.
    """
    # JSON writes an emoji as two escapes, which YAML keeps apart.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    unset: list[str] = []

    def value(match: re.Match[str]) -> str:
        name, default, broken = match.groups()
        if broken:
            message = "write ${NAME} or ${NAME:-default}, or $${ for a literal ${"
            raise ValueError(message)
        if name is None:
            return "${"
        found = environ.get(name) or default
        if found is None:
            unset.append(name)
        return found or ""

    expanded = VARIABLE.sub(value, text)
    return Expanded(text=expanded, unset=tuple(unset), changed=expanded != text)


def compose(path: Path) -> yaml.Node:
    """Read a file into nodes; raises ConfigError with the line when it is no YAML mapping."""
    file = str(path)
    try:
        loader = PlainLoader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
    except OSError as error:
        raise ConfigError(Problem(file, 0, "", f"cannot be read: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        raise ConfigError(Problem(file, 0, "", "is not UTF-8 text")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        text = getattr(error, "problem", None) or "cannot be parsed"
        raise ConfigError(
            Problem(file, mark.line + 1 if mark else 0, "", f"is not YAML: {text}")
        ) from error
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(Problem(file, 1, "", "must be a mapping of sections"))
    return node


def set_key(root: yaml.Node, key: str, text: str) -> None:
    """Set a dotted key of a mapping to a text, as if the file said it in quotes."""
    *sections, last = key.split(".")
    node = root
    for section in sections:
        node = _section(node, section)
    _put(node, last, yaml.ScalarNode("tag:yaml.org,2002:str", text, root.start_mark))


def _section(node: yaml.Node, name: str) -> yaml.Node:
    for key, value in node.value:
        if key.value == name and isinstance(value, yaml.MappingNode):
            return value
    section = yaml.MappingNode("tag:yaml.org,2002:map", [], node.start_mark)
    _put(node, name, section)
    return section


def _put(node: yaml.Node, name: str, value: yaml.Node) -> None:
    kept = [(key, old) for key, old in node.value if key.value != name]
    key = yaml.ScalarNode("tag:yaml.org,2002:str", name, node.start_mark)
    node.value = [*kept, (key, value)]
