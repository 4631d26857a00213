"""What the tests of `conversation` share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversation.log import Log
from conversation.store import Store
from tests.conftest import Clock
from tests.redis_server import RedisServer


@pytest.fixture
def log(store: Store, clock: Clock) -> Log:
    """The logs, with the clock of the test."""
    return Log(store, clock=clock)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A running server the test may harm; it is left running."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()
