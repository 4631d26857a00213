"""Why a command cannot go on, as its user is told.

CannotRun              a sentence, without a traceback
├── ConfigError        every problem of a configuration: file, line, key and what is allowed
├── NoRedisError       no usable Redis server is installed
├── RedisStartError    the server did not start
├── FolderInUseError   another server runs on the data folder
└── UnfitRedisError    the configured server cannot hold conversations
"""

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


class CannotRun(Exception):
    """The command ends here; the text is for the user's eyes."""


class ConfigError(CannotRun):
    """The configuration cannot be used; `problems` says why, in the order of the file."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = tuple(sorted(set(problems), key=_place))
        super().__init__("\n".join(map(str, self.problems)))


def _place(problem: Problem) -> tuple[int, str]:
    return problem.line, problem.key
