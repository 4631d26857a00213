"""Whether an edit only lowers the amount: then who edits may be who approves.

Only where a tool reads its amount from one argument, and pays it to the customer. Whatever else
differs, the facts it was shown with too, makes it another request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Raw

from conversation import events as ev
from handoff.digest import digest
from handoff.exact_json import parse_arguments, parse_exact
from handoff.limits import heard
from handoff.settings import MoneySettings, ToolSettings

Path = tuple[str, ...]
_ARGUMENT = re.compile(r"args((?:\.[A-Za-z_]\w*)+)")


class Lowering:
    """The tools whose amount is an argument of theirs."""

    def __init__(self, tools: Mapping[str, ToolSettings]) -> None:
        paths = {name: _path(tool.money) for name, tool in tools.items()}
        self._paths = {name: path for name, path in paths.items() if path is not None}

    def only(self, before: ev.Held, now: ev.Held) -> bool:
        """Whether `now` asks for less of the same, and for nothing else.

        Nobody has approved what a limit says that they were not shown.
        """
        path = self._paths.get(before.tool or "")
        if path is None or before.money is None or now.money is None:
            return False
        return (
            now.money.currency == before.money.currency
            and now.money.minor < before.money.minor
            and (now.tool, now.target) == (before.tool, before.target)
            and _read(now.evidence) == _read(before.evidence)
            and _rest(now, path) == _rest(before, path)
            and heard(now) <= heard(before)
        )


def _path(money: MoneySettings | None) -> Path | None:
    if money is None or money.direction != "to_customer":
        return None
    found = _ARGUMENT.fullmatch(money.amount.strip())
    return tuple(found[1].split(".")[1:]) if found else None


def _rest(held: ev.Held, path: Path) -> str:
    """The digest of the arguments without the amount."""
    arguments: Any = parse_arguments(bytes(held.action.arguments).decode())
    inner = arguments
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return digest(arguments)


def _read(evidence: Raw) -> str:
    return digest(parse_exact(bytes(evidence)))
