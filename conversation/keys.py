"""Every Redis key and channel handrail uses, by slot.

`{s<k>}` is the shard of a conversation, `{desk}` the line and who is at work, `{cust:<id>}` one
customer, `{address:<digest>}` where strangers come from, `{staff}` accounts and sign-in. Keys of
one slot may be changed together in one script; nothing is atomic across slots.
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
    tokens: str
    """Tokens spent on steps of which the log keeps nothing: they were cut."""
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
        tokens=f"{stem}:tokens",
        feed=f"{stem}:feed",
        shard=shard(k),
    )


def current_conversation(customer: str) -> str:
    """The conversation a known customer is in; a hint, checked against its log."""
    return f"{{cust:{customer}}}:conversation"


def customer_limit(customer: str) -> str:
    """What staff allow a customer who was limited or blocked, until when."""
    return f"{{cust:{customer}}}:limit"


def customer_messages(customer: str) -> str:
    """How many messages a limited customer sent in this minute."""
    return f"{{cust:{customer}}}:messages"


def intent(customer: str, digest: str) -> str:
    """Hash: the holds of one customer's intent, by the digest of its tool and target."""
    return f"{{cust:{customer}}}:intents:{digest}"


def customer_spent(customer: str, tool: str) -> str:
    """Hash: what a tool has moved for one customer, of late; see `handoff/lua/reserve.lua`."""
    return f"{{cust:{customer}}}:spent:{tool}"


def target_spent(digest: str, tool: str) -> str:
    """The same for one target, by its digest."""
    return f"{{target:{digest}}}:spent:{tool}"


def customer_tokens(customer: str, day: str) -> str:
    """Tokens spent on one customer in all conversations of a day (ISO date, UTC)."""
    return f"{{cust:{customer}}}:tokens:{day}"


def day_tokens(day: str) -> str:
    """Tokens spent on all conversations of a day (ISO date, UTC)."""
    return f"{{desk}}:tokens:{day}"


LINE = "{desk}:line"
"""Sorted set: who waits for a person, by the time they began to wait (ms)."""
PRESENCE = "{desk}:presence"
"""Hash: staff id → status, and until when (ms) each place with a console of theirs holds it."""
SHARDS = "{desk}:shards"
"""How many shards this Redis was begun with; where a conversation lies follows from it."""
COUNTERS = "{desk}:counters"
"""Hash: name → how often it happened, in all processes since this Redis was begun."""
ACCOUNTS = "{staff}:accounts"
"""Hash: staff id → account."""
ACCOUNT_EMAILS = "{staff}:emails"
"""Hash: e-mail in lower case → staff id."""
LIMIT_CHANGES = "{staff}:limits"
"""Stream: customers whose limit was changed, for the processes they are connected to."""


def sign_in_code(digest: str) -> str:
    """A one-time sign-in code, by its digest; holds a staff id."""
    return f"{{staff}}:code:{digest}"


def sign_in_failures(digest: str) -> str:
    """How often signing in with an e-mail failed of late, from one address or from anywhere."""
    return f"{{staff}}:failures:{digest}"


def sign_in_wait(digest: str) -> str:
    """There while the next attempt has to wait."""
    return f"{{staff}}:wait:{digest}"


def known_addresses(staff: str) -> str:
    """Sorted set: digests of the addresses somebody signed in from, by when that was last (s)."""
    return f"{{staff}}:known:{staff}"


def ended_session(session: str) -> str:
    """There once somebody signed out, for as long as the session's token would be good."""
    return f"{{staff}}:ended:{session}"


def opened_from(address_digest: str) -> str:
    """How many conversations strangers opened from an address in this minute."""
    return f"{{address:{address_digest}}}:opened"
