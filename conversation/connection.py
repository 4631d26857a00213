"""A connection to Redis whose user can be cancelled at any moment.

redis-py bounds a send by `asyncio.wait_for`, which on Python 3.11 swallows a cancellation that
arrives just as the send is done: whoever was to end goes on, and who waits for the end waits for
ever. `asyncio.timeout` keeps it, and needs no task of its own for every command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from redis import exceptions as redis
from redis.asyncio.connection import AbstractConnection, BlockingConnectionPool


class CancellableConnection(AbstractConnection):
    """Mixed into the class of a connection; only sending differs."""

    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        """Send within the timeout of the socket; a send that fails closes the connection."""
        if not self.is_connected:
            await self.connect_check_health(check_health=False)
        if check_health:
            await self.check_health()  # type: ignore[no-untyped-call] # redis-py has no types here
        whole = command.encode() if isinstance(command, str) else command
        try:
            async with asyncio.timeout(self.socket_timeout):
                await self._send_packed_command([whole] if isinstance(whole, bytes) else whole)
        except TimeoutError:
            await self.disconnect(nowait=True)
            raise redis.TimeoutError("Timeout writing to socket") from None
        except OSError as error:
            await self.disconnect(nowait=True)
            raise redis.ConnectionError(str(error)) from error
        except BaseException:
            await self.disconnect(nowait=True)
            raise


def cancellable(pool: BlockingConnectionPool) -> BlockingConnectionPool:
    """Let a pool, which has no connection yet, make connections that can be cancelled."""
    made = pool.connection_class
    pool.connection_class = type(made.__name__, (CancellableConnection, made), {})
    return pool
