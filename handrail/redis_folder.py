"""The folder of the embedded Redis: its lock, its log, its disk, a socket path short enough."""

import fcntl
import hashlib
import os
import shutil
import time
from pathlib import Path

from conversation.headroom import Room
from handrail.problems import CannotRun

LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes; Redis may add a few
LOCK_PATIENCE_S = 3.0
LOCK_LOOK_S = 0.05
LONGEST_LOG = 1_000_000
DISK_RESERVE_BYTES = 128 << 20
"""Free space that is kept for results; with less, a customer's words are refused."""


class FolderInUseError(CannotRun):
    """Another server runs on this data folder."""


def redis_folder(data: Path) -> Path:
    """Name the folder that holds the append-only file, the log, the lock and the socket."""
    return data.resolve() / "redis"


def socket_path(data: Path) -> Path:
    """Name the socket of a data folder; the same for everyone who asks.

    A folder whose path is too long for a socket is reached by a link under /tmp.
    """
    folder = redis_folder(data)
    if len(os.fsencode(folder / "redis.sock")) <= LONGEST_SOCKET_PATH:
        return folder / "redis.sock"
    return _link(folder) / "redis.sock"


def url(data: Path) -> str:
    """Where clients of the embedded Redis of a data folder connect."""
    return f"unix://{socket_path(data)}"


def disk_room(data: Path) -> Room:
    """Look how much is left of the disk the conversations are written to."""
    return Room(shutil.disk_usage(redis_folder(data)).free, DISK_RESERVE_BYTES)


def prepare(data: Path) -> Path:
    """Make the folder, private to this user, and its link when it needs one.

    Raises CannotRun when the link's place is taken by somebody else.
    """
    folder = redis_folder(data)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    link = socket_path(data).parent
    if link != folder:
        if not link.is_symlink():
            link.symlink_to(folder)
        if link.lstat().st_uid != os.getuid() or link.readlink() != folder:
            message = f"{link} belongs to somebody else; remove it or choose a shorter data folder"
            raise CannotRun(message)
    log = folder / "redis.log"
    if log.exists() and log.stat().st_size > LONGEST_LOG:
        log.replace(folder / "redis.log.1")
    return folder


def tidy(folder: Path) -> None:
    """Make the folder of a server that died ready for the next one.

    What it had written and not made safe is made safe before anybody is told that it is there, and
    what it left of a rewrite is removed, which on a full disk would never end otherwise.
    """
    for left in folder.glob("temp-*"):
        left.unlink(missing_ok=True)
    for file in folder.rglob("*.aof"):
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def lock(folder: Path) -> int:
    """Take the folder's lock and return its descriptor, which the server is to inherit.

    A server that is just ending is waited for. Raises FolderInUseError.
    """
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() < deadline:
                time.sleep(LOCK_LOOK_S)
                continue
            os.close(descriptor)
            message = f"another handrail runs on {folder.parent}; end it first"
            raise FolderInUseError(message) from error
        return descriptor


def is_in_use(data: Path) -> bool:
    """Whether a server runs on the data folder now."""
    try:
        descriptor = os.open(redis_folder(data) / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def last_words(folder: Path) -> str:
    """Quote the end of the server's log, for an error."""
    try:
        lines = (folder / "redis.log").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-5:])


def _link(folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(f"/tmp/handrail-{os.getuid()}-{name}")  # noqa: S108 - owner and target are checked
