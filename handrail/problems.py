"""What is wrong with a configuration, and where: file, line, key and what is allowed."""

from dataclasses import dataclass

Path = tuple[str | int, ...]
"""The way to a key: mapping keys and list places, such as `("tools", "refund", "rules", 0)`."""


def key_of(path: Path) -> str:
    """Write a path as a user does: `tools.refund.rules[0].then`."""
    key = ""
    for part in path:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return key


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `line` counts from 1, 0 says the file as a whole."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.text}" if self.key else f"{place}: {self.text}"


class ConfigError(Exception):
    """The configuration cannot be used; `problems` says why, in the order of the file."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: problem.line))
        super().__init__("\n".join(map(str, self.problems)))
