"""`handrail serve`: some roles in this process, on the configured Redis or an embedded one."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from redis.asyncio import Redis

from handrail import ready_file, wiring
from handrail.config import Config
from handrail.embedded_redis import EmbeddedRedis
from handrail.problems import CannotRun
from handrail.redis_promises import broken_promises

log = structlog.get_logger()


async def serve(
    config: Config,
    *,
    roles: Collection[str],
    port: int | None,
    ready: Path | None,
    hurry: asyncio.Event,
) -> None:
    """Serve until cancelled, then end in order, at once when `hurry` is set.

    The file `ready` is written once everything answers; its `url` is null when the gateway is not
    among the roles. Raises CannotRun.
    """

    def tell_ready(url: str | None) -> None:
        log.info("ready", roles=",".join(sorted(roles)), url=url)
        if ready is not None:
            ready_file.write(ready, url)

    if "agent" in roles:
        _check_model(config)
    if ready is not None:
        ready_file.clear(ready)
    async with _redis_url(config) as redis_url:
        await wiring.serve(
            config,
            roles=frozenset(roles),
            redis_url=redis_url,
            port=config.gateway.port if port is None else port,
            ready=tell_ready,
            hurry=hurry,
        )


@asynccontextmanager
async def _redis_url(config: Config) -> AsyncIterator[str]:
    if config.redis.url is None:
        async with EmbeddedRedis(config.data) as embedded:
            yield embedded.url
        return
    async with Redis.from_url(config.redis.url) as redis:
        for warning in await broken_promises(redis):
            log.warning("redis_promise_broken", what=warning)
    yield config.redis.url


def _check_model(config: Config) -> None:
    if not (config.model.base_url or config.model.api_key):
        message = (
            "model.base_url and model.api_key are both empty: set OPENAI_API_KEY,"
            " or let `handrail up` start the demo model"
        )
        raise CannotRun(message)
