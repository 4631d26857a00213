"""What can go wrong with a command, as clients are told.

Refused          the command is not carried out; nothing was written
└── Unavailable  it may have been written; the same command with the same id is safe to repeat
    └── Newer    the conversation holds what only a newer process can read, and is left to it
LeaseLost        the job, and so the right to speak for a turn, belongs to another worker now
"""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "bad_request", "unauthorized", "forbidden", "not_found", "conflict", "expired", "rate_limited",
    "too_large", "unavailable",
]  # fmt: skip


class Refused(Exception):
    """A command that is not carried out: a code of the wire and a sentence."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message


class Unavailable(Refused):
    """Redis did not answer in time or cannot write."""

    def __init__(self, message: str = "the service is restarting, try again") -> None:
        super().__init__("unavailable", message)


class Newer(Unavailable):
    """A newer process wrote here; nothing was written, and another process can go on."""

    def __init__(self) -> None:
        super().__init__("an older version of the service cannot go on here, try again")


class LeaseLost(Exception):
    """A worker's job was reclaimed, or its turn was ended by somebody else."""
