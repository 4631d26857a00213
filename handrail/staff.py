"""`handrail staff`: the accounts of staff, before and while serving."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from redis.asyncio import Redis

from conversation.store import Store
from gateway import accounts
from handrail import redis_folder
from handrail.config import Config
from handrail.embedded_redis import EmbeddedRedis
from handrail.problems import CannotRun

Action = Literal["add", "list", "disable", "reset"]


@dataclass(frozen=True)
class StaffCommand:
    """What is asked for; which fields are needed depends on the action."""

    action: Action
    email: str = ""
    name: str = ""
    role: str = "agent"
    password: str = ""


async def change_staff(config: Config, command: StaffCommand) -> list[str]:
    """Do it and say the lines to show; raises CannotRun."""
    async with _redis(config) as redis:
        try:
            return await _change(redis, command)
        except accounts.AccountError as error:
            raise CannotRun(str(error)) from error


async def _change(redis: Redis, command: StaffCommand) -> list[str]:
    match command.action:
        case "add":
            staff = await accounts.add(
                redis,
                email=command.email,
                name=command.name,
                role=command.role,
                password=command.password,
            )
            return [f"added {staff.email}, {staff.role}"]
        case "disable":
            await accounts.disable(redis, command.email)
            return [f"disabled {command.email}"]
        case "reset":
            await accounts.reset(redis, command.email, command.password)
            return [f"reset the password of {command.email}"]
        case "list":
            return [
                f"{staff.email}\t{staff.role}\t{staff.name}\t"
                f"{'disabled' if staff.disabled else 'enabled'}"
                for staff in await accounts.list_staff(redis)
            ]


@asynccontextmanager
async def _redis(config: Config) -> AsyncIterator[Redis]:
    """Reach the configured Redis, the embedded one that runs, or one started for the moment."""
    if config.redis.url is not None:
        url = config.redis.url
    elif redis_folder.is_in_use(config.data):
        url = f"unix://{redis_folder.socket_path(config.data)}"
    else:
        async with EmbeddedRedis(config.data) as embedded, _connected(embedded.url) as redis:
            yield redis
        return
    async with _connected(url) as redis:
        yield redis


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Redis]:
    store = Store(url)
    try:
        yield store.writes
    finally:
        await store.close()
