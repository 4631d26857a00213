"""What Redis would find after a power cut, or with the end of its append-only file torn.

A SIGKILL alone loses nothing that was written, so it says nothing about fsync. A library preloaded
into redis-server (last_fsync.c, built here) notes what each fsync made safe; a disk that has
stopped lets no fsync come back, and after a SIGKILL the files are cut to what was safe, or torn
somewhere after it.
"""

from __future__ import annotations

import mmap
import os
import random
import shutil
import struct
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).with_name("last_fsync.c")
FILES = 1023
_HEAD = struct.Struct("=IIQ")
_FILE = struct.Struct("=QQ")
LOOK_EVERY_S = 0.002
WRITTEN_WITHIN_S = 10.0


class NoCompilerError(Exception):
    """There is no C compiler; the text says how to get one."""


class Power:
    """The power of one Redis, in a folder of its own outside Redis's."""

    def __init__(self, folder: Path) -> None:
        """Build the library. Raises NoCompilerError."""
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            message = "no C compiler: apt-get install gcc libc6-dev"
            raise NoCompilerError(message)
        self._library = folder / "last_fsync.so"
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", "-o", self._library, SOURCE, "-ldl"],
            check=True,
            capture_output=True,
        )
        self._path = folder / "last_fsync.notes"
        self._path.write_bytes(bytes(_HEAD.size + FILES * _FILE.size))
        with self._path.open("r+b") as file:
            self._notes = mmap.mmap(file.fileno(), 0)

    @property
    def environ(self) -> Mapping[str, str]:
        """What redis-server must be started with."""
        return {"LD_PRELOAD": str(self._library), "LAST_FSYNC_NOTES": str(self._path)}

    def stop_disk(self) -> None:
        """Let no fsync come back from now on."""
        _HEAD.pack_into(self._notes, 0, 1, 0, 0)

    def start_disk(self) -> None:
        """Let them come back."""
        _HEAD.pack_into(self._notes, 0, 0, 0, 0)

    def wait_for_write(self) -> None:
        """Wait until something was written that a disk that stands still has yet to make safe."""
        deadline = time.monotonic() + WRITTEN_WITHIN_S
        while not _HEAD.unpack_from(self._notes, 0)[1]:
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(LOOK_EVERY_S)

    def cut(self, redis: Path) -> int:
        """Drop from the files of a dead Redis what was not safe; how many bytes that were."""
        return sum(self._shorten(file, 0) for file in _append_only(redis))

    def tear(self, redis: Path, lot: random.Random) -> int:
        """Leave some bytes of what was not safe, at least one; how many were dropped."""
        return sum(
            self._shorten(file, lot.randrange(1, unsafe))
            for file in _append_only(redis)
            if (unsafe := file.stat().st_size - self._safe(file)) > 1
        )

    def _shorten(self, file: Path, left: int) -> int:
        size, kept = file.stat().st_size, self._safe(file) + left
        os.truncate(file, min(size, kept))
        return max(0, size - kept)

    def _safe(self, file: Path) -> int:
        inode = file.stat().st_ino
        places = range(_HEAD.size, len(self._notes), _FILE.size)
        found = dict(_FILE.unpack_from(self._notes, place) for place in places)
        return int(found.get(inode, 0))


def _append_only(redis: Path) -> list[Path]:
    """The files Redis appends to, in the folder of any version."""
    return [file for file in redis.rglob("*.aof") if not file.name.startswith("temp-")]
