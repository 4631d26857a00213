"""What a tool may still move for a customer or a target, across conversations and people.

Reserve, commit, confirm: an amount is reserved in one script before its call is committed, and
counts from then on, be the call allowed or held. What became of it is looked up in the log of its
conversation only when it would make a difference: when an amount would be above a limit, everything
that counts and is not known to have happened is looked up, and what never came to be is let go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from conversation import events as ev
from conversation import keys
from conversation.errors import Newer
from conversation.log import Log
from conversation.store import answering
from handoff.limits import Limit
from handoff.reservation import Account, Entry, read_entry, target_mark


class Claim(Struct, frozen=True, kw_only=True):
    """An amount a call would move; `instead_of` are calls whose place it takes."""

    conversation: str
    customer: str
    tool: str
    target: str
    call: str
    revision: int
    money: ev.Money
    instead_of: tuple[str, ...] = ()


class Budgets:
    """The limits of all tools, and what counts against them."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._reserve = log.store.script("handoff", "reserve")
        self._recount = log.store.script("handoff", "recount")

    async def reserve(
        self, claim: Claim, limits: Sequence[Limit], *, decided: bool = False
    ) -> list[Limit]:
        """Count an amount from now on; the limits it is above, none of which may deny it.

        One that denies leaves nothing reserved. `decided`: people have approved the call, so that
        what waits and was asked for after it does not stand in its way.
        """
        above: list[Limit] = []
        reserved: list[str] = []
        entry = _entry(claim, self._log.clock())
        for key, per in _places(claim).items():
            applying = [limit for limit in limits if limit.per == per]
            if not any(limit.most.currency == claim.money.currency for limit in applying):
                continue
            found = await self._reserve_at(key, claim, entry, applying, decided=decided)
            above += found
            if any(limit.then == "deny" for limit in found):
                await self._let_go(reserved, entry)
                break
            reserved.append(key)
        return above

    async def _reserve_at(
        self, key: str, claim: Claim, entry: Entry, limits: Sequence[Limit], *, decided: bool
    ) -> list[Limit]:
        if decided:
            behind = await self._look_up(key, claim)
            return await self._try(key, claim, entry, limits, without=behind)
        if not await self._try(key, claim, entry, limits):
            return []
        await self._look_up(key, claim)
        return await self._try(key, claim, entry, limits)

    async def _try(
        self,
        key: str,
        claim: Claim,
        entry: Entry,
        limits: Sequence[Limit],
        *,
        without: Sequence[str] = (),
    ) -> list[Limit]:
        counting = [limit for limit in limits if limit.most.currency == claim.money.currency]
        ask = {
            "id": entry.id,
            "call": claim.call,
            "at": entry.at,
            "minor": claim.money.minor,
            "currency": claim.money.currency,
            "told": entry.told,
            "keep_ms": max(limit.window_ms for limit in limits),
            "without": [*claim.instead_of, *without],
            "limits": [
                {
                    "window_ms": limit.window_ms,
                    "max": limit.most.minor,
                    "denies": limit.then == "deny",
                }
                for limit in counting
            ],
        }
        above: list[int] = await self._reserve([key], [msgspec.msgpack.encode(ask)])
        return [counting[n - 1] for n in above]

    async def _look_up(self, key: str, claim: Claim) -> list[str]:
        """Read the logs of what counts and is not settled; the calls that wait behind this one."""
        entries = await self._entries(key)
        own = _own(entries, claim)
        unsure = [e for e in entries if not e.settled and e.call != claim.call]
        accounts = {
            conversation: await self._account(conversation)
            for conversation in {entry.conversation for entry in unsure}
        }
        now, ids = self._log.clock(), {entry.id for entry in entries}
        of_target = _places(claim)[key] == "target"
        changes: list[bytes | str | int] = []
        behind: list[str] = []
        for entry in unsure:
            account = accounts[entry.conversation]
            known = account.now(entry, tool=claim.tool, now_ms=now, beside=ids, of_target=of_target)
            if known != entry:
                changes += [entry.id, entry.text(), known.text() if known else ""]
            if own is not None and account.waits(entry) and entry.since > own.since:
                behind.append(entry.call)
        if changes:
            await self._recount([key], changes)
        return behind

    async def _account(self, conversation: str) -> Account:
        """What its log says; what nobody here can read counts on."""
        try:
            return Account(conversation, await self._log.read(conversation))
        except (ev.UnreadableEvent, Newer):
            return Account(conversation, [])

    async def _entries(self, key: str) -> list[Entry]:
        with answering():
            kept = await self._log.store.reads.hgetall(key)
        return [read_entry(id_.decode(), text.decode()) for id_, text in kept.items()]

    async def _let_go(self, reserved: Sequence[str], entry: Entry) -> None:
        """Take back what was just reserved; an earlier attempt at the call may be in the log."""
        for key in reserved:
            await self._recount([key], [entry.id, entry.text(), ""])


def _own(entries: Sequence[Entry], claim: Claim) -> Entry | None:
    """What is reserved for a claim; an answer makes a revision that reserves nothing anew."""
    earlier = [
        entry
        for entry in entries
        if entry.call == claim.call
        and entry.currency == claim.money.currency
        and entry.revision <= claim.revision
    ]
    return max(earlier, key=lambda entry: entry.revision, default=None)


def _places(claim: Claim) -> Mapping[str, str]:
    """Where amounts are kept, and whose they are; the customer's first."""
    return {
        keys.customer_spent(claim.customer, claim.tool): "customer",
        keys.target_spent(target_mark(claim.target), claim.tool): "target",
    }


def _entry(claim: Claim, now_ms: int) -> Entry:
    return Entry(
        call=claim.call,
        revision=claim.revision,
        currency=claim.money.currency,
        at=now_ms,
        since=now_ms,
        minor=claim.money.minor,
        settled=False,
        conversation=claim.conversation,
        target=target_mark(claim.target),
    )
