"""What the staff are told of the house itself: that something is wrong, and that it is over."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

NoticeCode = Literal[
    "redis_unreachable", "disk_low", "memory_low", "no_worker", "no_desk", "jobs_reclaimed",
    "job_parked",
]  # fmt: skip


class Notice(Struct, frozen=True):
    """One notice; a later one of the same code replaces it, at level `info` it is over.

    `text` is a sentence for whoever reads it, without personal data; `at` is ISO 8601.
    """

    code: NoticeCode
    level: Literal["info", "warning", "error"]
    text: str
    at: str
