"""A disk that is soon full: a file system in memory where one may mount it, else a limit on files.

With the limit Redis cannot write a longer file, which ends it as a full disk does; how much is free
then says nothing, so that nobody can be warned.
"""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE_MB = 192
ALL_BUT_BYTES = 64 << 20
"""What is left on a disk that is nearly full: less than handrail keeps for results."""
TRIES = 100


class SmallDisk:
    """A folder and the disk under it; `can_run_low` says that it is one of its own."""

    def __init__(self, folder: Path, *, can_run_low: bool) -> None:
        self.folder = folder
        self.can_run_low = can_run_low
        self._ballast = folder / "ballast"

    def run_low(self) -> None:
        """Leave a little room."""
        self._take(ALL_BUT_BYTES)

    def run_out(self, redis_pid: int) -> None:
        """Leave no room, at least not for that process."""
        if self.can_run_low:
            self._take(0)
            return
        written = max(file.stat().st_size for file in self.folder.rglob("*.aof"))
        resource.prlimit(redis_pid, resource.RLIMIT_FSIZE, (written, resource.RLIM_INFINITY))

    def empty(self) -> None:
        """Leave all of it; a Redis that was limited is gone."""
        self._ballast.unlink(missing_ok=True)

    def _take(self, left_bytes: int) -> None:
        """Leave so many bytes free; Redis, which writes meanwhile, may be faster with the last."""
        with self._ballast.open("ab", buffering=0) as file:
            for _ in range(TRIES):
                room = os.statvfs(self.folder)
                size = os.fstat(file.fileno()).st_size + room.f_bavail * room.f_frsize - left_bytes
                with suppress(OSError):
                    os.posix_fallocate(file.fileno(), 0, size)
                    return


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Make the folder a small disk for the block."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
    mounted = False
    if os.geteuid() == 0:
        mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield SmallDisk(folder, can_run_low=mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
