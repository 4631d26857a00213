"""Staff accounts: who may sign in, with which role; passwords by argon2, codes for one sign-in."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from typing import Any, Literal, get_args

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct
from msgspec.structs import replace

from conversation.errors import Refused
from conversation.keys import ACCOUNT_EMAILS, ACCOUNTS, sign_in_code
from gateway import attempts

Role = Literal["agent", "supervisor", "admin"]
CODE_LIVES_S = 24 * 3600
PASSWORD_CHARACTERS = 8


class Account(Struct, frozen=True):
    """A member of staff; `generation` counts what ends all sign-ins so far."""

    id: str
    email: str
    name: str
    role: Role
    password: str
    disabled: bool = False
    generation: int = 0


class AccountError(ValueError):
    """An account that cannot be made or found; the sentence says why."""


_hasher = PasswordHasher()
_decoder = msgspec.json.Decoder(Account)


async def add(redis: Any, *, email: str, name: str, role: str, password: str) -> Account:
    """Make an account; raises `AccountError`."""
    if role not in get_args(Role):
        raise AccountError(f"role is one of {', '.join(get_args(Role))}")
    if "@" not in email or not name.strip():
        raise AccountError("an e-mail address and a name are needed")
    id_ = f"p_{secrets.token_hex(8)}"
    account = Account(id_, email, name, role, _hash(password))  # type: ignore[arg-type]
    await _save(redis, account)  # first: an e-mail never names an account that is not there
    if not await redis.hsetnx(ACCOUNT_EMAILS, email.lower(), id_):
        await redis.hdel(ACCOUNTS, id_)
        raise AccountError(f"{email} has an account already")
    return account


async def list_staff(redis: Any) -> list[Account]:
    """Every account, by e-mail."""
    raw = await redis.hvals(ACCOUNTS)
    return sorted((_decoder.decode(line) for line in raw), key=lambda account: account.email)


async def disable(redis: Any, email: str) -> Account:
    """Let nobody sign in with this account, and end its sign-ins."""
    account = await _named(redis, email)
    account = replace(account, disabled=True, generation=account.generation + 1)
    await _save(redis, account)
    return account


async def reset(redis: Any, email: str, password: str) -> Account:
    """Set a new password, end all sign-ins and let the account in again."""
    account = await _named(redis, email)
    account = replace(
        account, password=_hash(password), disabled=False, generation=account.generation + 1
    )
    await _save(redis, account)
    return account


async def one_time_code(redis: Any, email: str) -> str:
    """A code that signs in once, within a day."""
    account = await _named(redis, email)
    code = secrets.token_urlsafe(24)
    signs_in = f"{account.id} {account.generation}"
    await redis.set(sign_in_code(_digest(code)), signs_in, ex=CODE_LIVES_S)
    return code


async def find(redis: Any, id_: str) -> Account | None:
    """The account with this id."""
    return read(await redis.hget(ACCOUNTS, id_))


def read(raw: bytes | None) -> Account | None:
    """An account as it is kept."""
    return None if raw is None else _decoder.decode(raw)


async def by_password(redis: Any, email: str, password: str, *, address: str) -> Account:
    """Sign in; raises `Refused`, in the same time whether the account or the password is wrong.

    An attempt counts as a failure until it has succeeded, so that many at once are limited too.
    """
    email = email.lower()
    id_ = await redis.hget(ACCOUNT_EMAILS, email)
    account = await find(redis, id_.decode() if id_ else "")
    staff = account.id if account else ""
    known = await attempts.is_known(redis, address, staff=staff)
    await attempts.attempt(redis, email, address, known=known)
    hashed = account.password if account else _NOBODY
    right = await asyncio.to_thread(_verify, hashed, password)
    if account is None or account.disabled or not right:
        raise Refused("unauthorized", "e-mail or password is wrong")
    await attempts.succeeded(redis, email, address, staff=staff)
    return account


async def by_code(redis: Any, code: str) -> Account:
    """Sign in with a one-time code, which is used up; raises `Refused`."""
    signs_in = await redis.getdel(sign_in_code(_digest(code)))
    id_, _, generation = signs_in.decode().partition(" ") if signs_in else ("", "", "")
    account = await find(redis, id_)
    if account is None or account.disabled or generation != str(account.generation):
        raise Refused("unauthorized", "this sign-in link was used or is too old")
    return account


async def _named(redis: Any, email: str) -> Account:
    id_ = await redis.hget(ACCOUNT_EMAILS, email.lower())
    account = await find(redis, id_.decode()) if id_ else None
    if account is None:
        raise AccountError(f"there is no account {email}")
    return account


async def _save(redis: Any, account: Account) -> None:
    await redis.hset(ACCOUNTS, account.id, msgspec.json.encode(account))


def _hash(password: str) -> str:
    if len(password) < PASSWORD_CHARACTERS:
        raise AccountError(f"a password has at least {PASSWORD_CHARACTERS} characters")
    return _hasher.hash(password)


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""A hash no password has: signing in to an unknown account takes as long as to a known one."""
