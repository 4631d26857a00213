"""Every Redis key and channel handrail uses, by slot.

`{s<k>}` is the shard of a conversation, `{desk}` the line and who is at work, `{cust:<id>}` one
customer, `{staff}` accounts and sign-in. Keys of one slot may be changed together in one script;
nothing is atomic across slots.
"""

from __future__ import annotations

from binascii import crc32
from dataclasses import dataclass

JOB_GROUP = "workers"


@dataclass(frozen=True, slots=True)
class Shard:
    """The keys all conversations of one shard share."""

    jobs: str
    timers: str
    outbox: str
    summaries: str
    holds: str
    cuts: str
    """Channel: which turns were ended by somebody other than their worker."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one conversation, and its shard's."""

    log: str
    head: str
    dedupe: str
    reply: str
    reply_text: str
    feed: str
    """Channel: "reached seq n, epoch e", frames of the reply being written, typing, seen, line."""
    shard: Shard


def shard(k: int) -> Shard:
    """The keys of shard `k`, counted from 0."""
    slot = f"{{s{k}}}"
    return Shard(
        jobs=f"{slot}:jobs",
        timers=f"{slot}:timers",
        outbox=f"{slot}:outbox",
        summaries=f"{slot}:summaries",
        holds=f"{slot}:holds",
        cuts=f"{slot}:cuts",
    )


def shard_of(conversation: str, shards: int) -> int:
    """Which of `shards` shards holds a conversation; stable for ever."""
    return crc32(conversation.encode()) % shards


def keys(conversation: str, shards: int) -> Keys:
    """All keys of one conversation."""
    k = shard_of(conversation, shards)
    stem = f"{{s{k}}}:c:{conversation}"
    return Keys(
        log=f"{stem}:log",
        head=f"{stem}:head",
        dedupe=f"{stem}:dedupe",
        reply=f"{stem}:reply",
        reply_text=f"{stem}:reply:text",
        feed=f"{stem}:feed",
        shard=shard(k),
    )


def current_conversation(customer: str) -> str:
    """The conversation a known customer is in; a hint, checked against its log."""
    return f"{{cust:{customer}}}:conversation"


LINE = "{desk}:line"
"""Sorted set: who waits for a person, by the time they began to wait (ms)."""
PRESENCE = "{desk}:presence"
"""Hash: staff id → status and the time (ms) until which it holds."""
SHARDS = "{desk}:shards"
"""How many shards this Redis was begun with; where a conversation lies follows from it."""
ACCOUNTS = "{staff}:accounts"
"""Hash: staff id → account."""
ACCOUNT_EMAILS = "{staff}:emails"
"""Hash: e-mail in lower case → staff id."""


def sign_in_code(digest: str) -> str:
    """A one-time sign-in code, by its digest; holds a staff id."""
    return f"{{staff}}:code:{digest}"


def sign_in_failures(email_digest: str) -> str:
    """How often signing in with an e-mail failed of late."""
    return f"{{staff}}:failures:{email_digest}"
