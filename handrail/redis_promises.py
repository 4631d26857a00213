"""What somebody else's Redis promises about acknowledged messages, said at start-up."""

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from handrail.problems import CannotRun
from handrail.redis_binary import OLDEST

FSYNC = {
    "always": None,
    "everysec": "appendfsync is everysec: a power cut may lose the last second of messages",
    "no": "appendfsync is no: a power cut may lose many seconds of messages",
}

TORN = {
    "yes": "aof-load-truncated is yes: after a power cut and a second restart a commit may stand in"
    " its log twice; set it to no, and redis-check-aof mends a torn file"
}
"""See `handrail/torn_tail.py`."""


class UnfitRedisError(CannotRun):
    """The server cannot hold conversations."""


async def broken_promises(redis: Redis) -> list[str]:
    """Say what the server's settings do not promise; raises UnfitRedisError when it is too old."""
    information = await redis.info("server")
    version = str(information["redis_version"])
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        message = f"Redis {version} is too old; 6.2 is the oldest that will do"
        raise UnfitRedisError(message)
    try:
        found = {
            name: value
            for pattern in ("append*", "aof-load-truncated", "maxmemory*")
            for name, value in (await redis.config_get(pattern)).items()
        }
    except ResponseError:
        return ["its settings may not be read: whether messages are on disk is not known"]
    settings = {str(name): str(value) for name, value in found.items()}
    return [*_about_disk(settings), *_about_memory(settings)]


def _about_disk(settings: dict[str, str]) -> list[str]:
    if settings.get("appendonly") != "yes":
        return ["appendonly is off: a restart loses messages"]
    warnings = [
        FSYNC.get(settings.get("appendfsync", "")),
        TORN.get(settings.get("aof-load-truncated", "")),
    ]
    return [warning for warning in warnings if warning]


def _about_memory(settings: dict[str, str]) -> list[str]:
    policy = settings.get("maxmemory-policy", "noeviction")
    if policy == "noeviction":
        return []
    return [f"maxmemory-policy is {policy}: Redis may drop conversations; set noeviction"]
