"""A real redis-server for tests: on a unix socket, every write on disk, gone when the tests are."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from handrail import guard

LOOK_EVERY_S = 0.01
LOOKS = 1_000


class RedisServer:
    """A server with a folder of its own; `kill` and `start` again keep what was on disk."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server") or shutil.which("valkey-server")
        assert binary is not None, "the tests need a redis-server on the path"
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        patience = Retry(ConstantBackoff(LOOK_EVERY_S), LOOKS)
        self.client = Redis(unix_socket_path=str(self.socket), retry=patience)
        self._binary = binary

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
        }
        arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
        with (self.folder / "redis.log").open("ab") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, self._binary, "redis", *arguments],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        self.client.ping()
        self.pid = int(self.client.info("server")["process_id"])

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server itself."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash does, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self._wait()

    def rewrite(self) -> None:
        """Write the append-only file anew from what is in memory, and wait until that is done."""
        self.client.bgrewriteaof()
        under_way = ("aof_rewrite_in_progress", "aof_rewrite_scheduled")
        while any(self.client.info("persistence")[name] for name in under_way):
            pass

    def stop(self) -> None:
        """End it in order."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._wait()

    def _wait(self) -> None:
        self._guard.wait()
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        self.client.close()
