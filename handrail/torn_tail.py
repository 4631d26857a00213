"""Cuts the torn end off an append-only file: where its last whole transaction ends.

Redis does so itself with `aof-load-truncated yes`, but it cuts after the last whole *command*. Torn
within a MULTI (a commit is one) the file then keeps the beginning of a transaction that was never
applied, and at the next start the EXEC of a later one applies it with its own: a commit made again
after the first start stands in its log twice. So Redis is told to refuse a torn file, and it is cut
here. Only an end that is missing is cut; a file damaged within is left for a person to look at.
"""

from __future__ import annotations

import mmap
import os
import re
from pathlib import Path

_NUMBER = re.compile(rb"[*$](\d{1,12})\r\n")
_LONGEST_NUMBER = 16


class DamagedError(Exception):
    """What stands within the file is no command."""


def cut(folder: Path) -> int:
    """Cut the file Redis wrote last, in its folder; how many bytes were dropped, 0 of a whole one.

    A file damaged within its whole length is left as it is.
    """
    files = sorted(folder.rglob("*.incr.aof"), key=lambda file: int(file.name.split(".")[-3]))
    if not files or not (size := files[-1].stat().st_size):
        return 0
    with files[-1].open("r+b") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                kept = whole(data)
            except DamagedError:
                return 0
        file.truncate(kept)
        os.fsync(file.fileno())
    return size - kept


def whole(data: mmap.mmap | bytes) -> int:
    """How many bytes from the start hold whole transactions; raises DamagedError."""
    at = kept = 0
    is_open = False
    while (entry := _entry(data, at)) is not None:
        at, name = entry
        is_open = name == b"MULTI" or (is_open and name != b"EXEC")
        if not is_open:
            kept = at
    return kept


def _entry(data: mmap.mmap | bytes, at: int) -> tuple[int, bytes] | None:
    """Where the entry at a place ends, and its command; None when the file ends before."""
    if data[at : at + 1] == b"#":  # a time stamp
        end = data.find(b"\n", at)
        return None if end < 0 else (end + 1, b"")
    if (head := _number(data, at, b"*")) is None:
        return None
    at, parts = head
    name = b""
    for n in range(parts):
        if (length := _number(data, at, b"$")) is None:
            return None
        begin, end = length[0], length[0] + length[1]
        if end + 2 > len(data):
            return None
        if data[end : end + 2] != b"\r\n":
            raise DamagedError
        if n == 0:
            name = data[begin:end].upper()
        at = end + 2
    return at, name


def _number(data: mmap.mmap | bytes, at: int, sign: bytes) -> tuple[int, int] | None:
    """Where a number behind its sign ends, and what it is; None when the file ends before."""
    line = data[at : at + _LONGEST_NUMBER]
    match = _NUMBER.match(line)
    if match and line.startswith(sign):
        return at + match.end(), int(match[1])
    if len(line) == _LONGEST_NUMBER or b"\n" in line or not sign.startswith(line[:1]):
        raise DamagedError
    return None
