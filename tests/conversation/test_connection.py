import asyncio

from conversation.store import Store
from tests.redis_server import RedisServer

MOMENTS = 60
"""More turns of the loop than connecting and one command take."""


async def test_a_command_can_be_cancelled_at_every_moment(redis_server: RedisServer) -> None:
    answered: list[int] = []
    for moment in range(MOMENTS):
        store = Store(redis_server.url)
        command = asyncio.ensure_future(store.reads.ping())
        for _ in range(moment):
            await asyncio.sleep(0)
        early = not command.done()
        command.cancel()
        await asyncio.wait({command})
        assert command.cancelled() is early
        answered += [] if early else [moment]
        assert await store.reads.ping()
        await store.close()
    assert answered
