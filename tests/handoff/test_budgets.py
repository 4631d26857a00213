"""What a tool may move in a while, across conversations, currencies, people and processes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from conversation import events as ev
from conversation.keys import customer_spent
from conversation.log import Log
from conversation.store import Store
from handoff.judgement import Judgement
from handoff.judging import Asked
from handoff.limits import UNCOUNTED
from handoff.lowering import Lowering
from handoff.settings import MoneySettings
from tests.conftest import Clock
from tests.handoff.till import ADA, Chat, Till, money, refund, refunds
from tests.redis_server import RedisServer

DAY_S = 86_400
FOR_A_CUSTOMER = {"per": "customer", "window": 30 * DAY_S, "max": "150.00 USD", "then": "hold"}
DENIES = FOR_A_CUSTOMER | {"then": "deny"}
FOR_A_TARGET = {"per": "target", "window": 30 * DAY_S, "max": "100.00 USD", "then": "deny"}
ABOVE = "more than $150.00 for one customer in 30 days"
ALL_HELD = [{"then": "hold"}]

Tills = Callable[..., Till]


@pytest.fixture
def till(store: Store, clock: Clock) -> Tills:
    def make(*limits: dict[str, Any], **more: list[dict[str, Any]]) -> Till:
        return Till(Log(store, clock=clock), refunds(*(limits or (FOR_A_CUSTOMER,)), **more))

    return make


async def test_amounts_add_up_over_conversations(till: Tills) -> None:
    shop = till()
    first, second = await shop.chat("1"), await shop.chat("2")

    assert await first.verdict(refund("100.00")) == "allow"
    assert await second.verdict(refund("50.00", order="W2")) == "allow"
    assert await second.verdict(refund("0.01", order="W3")) == "hold"
    assert await first.verdict(refund("0.01", order="W4")) == "hold"


async def test_what_is_above_a_limit_says_which(till: Tills) -> None:
    chat = await till().chat("1")
    (call,) = await chat.asks(refund("150.01"))
    held = (await chat.hold(call)).held

    assert (call.verdict, call.because) == ("hold", ABOVE)
    assert held.rule == ABOVE
    assert [(reason.signal, reason.text) for reason in held.reasons] == [("limit", ABOVE)]


async def test_a_rule_and_a_limit_that_both_hold_both_say_so(till: Tills) -> None:
    chat = await till(rules=[{"then": "hold", "because": "on Mondays"}]).chat("1")
    (call,) = await chat.asks(refund("151"))
    held = (await chat.hold(call)).held

    assert (call.because, held.rule) == ("on Mondays", f"on Mondays; {ABOVE}")
    assert [reason.text for reason in held.reasons] == ["on Mondays", ABOVE]


async def test_the_strictest_wins(till: Tills) -> None:
    denied_by_limit = await till(DENIES, rules=ALL_HELD).chat("1")
    denied_by_rule = await till(rules=[{"then": "deny"}]).chat("2")

    assert await denied_by_limit.verdict(refund("151")) == "deny"
    assert await denied_by_rule.verdict(refund("151")) == "deny"


async def test_what_is_denied_does_not_count(till: Tills) -> None:
    chat = await till(DENIES, FOR_A_TARGET).chat("1")
    calls = await chat.asks(refund("151"), refund("101"), refund("90"), refund("11"), refund("10"))

    assert [call.verdict for call in calls] == ["deny", "deny", "allow", "deny", "allow"]


NO_AMOUNT = "the money could not be read: there is no amount, and what this moves is limited"


async def test_without_an_amount_a_limit_cannot_be_kept(till: Tills) -> None:
    """A tool may well take null for "all of it"."""
    chat = await till().chat("1")
    (call,) = await chat.asks(refund("null"))

    assert (call.verdict, call.because) == ("hold", NO_AMOUNT)


@pytest.mark.parametrize("rule", [{"then": "allow"}, {"when": "money.minor > 5", "then": "hold"}])
async def test_what_cannot_be_counted_waits_for_other_arguments(
    till: Tills, rule: dict[str, Any]
) -> None:
    chat = await till(rules=[rule]).chat("1")
    (call,) = await chat.asks(refund("1000", currency="usd"))
    assert call.verdict == "hold"
    assert UNCOUNTED in (await chat.hold(call)).held.reasons

    edited = await chat.edits(call, money("140"))
    assert isinstance(edited, ev.Held)
    assert UNCOUNTED not in edited.reasons
    assert await chat.verdict(refund("11", order="W2")) == "hold"


async def test_without_an_amount_what_moves_nothing_or_has_no_limit_is_allowed(
    till: Tills, store: Store, clock: Clock
) -> None:
    nothing = await till().chat("1")
    arguments = '{"amount": null, "order": "W1", "currency": "USD", "direction": null}'
    unlimited = await Till(Log(store, clock=clock), refunds()).chat("2")

    assert await nothing.verdict(Asked(tool="refund", arguments=arguments)) == "allow"
    assert await unlimited.verdict(refund("null", order="W2")) == "allow"


async def test_every_customer_has_a_limit_of_their_own(till: Tills) -> None:
    shop = till()
    robin, kim = await shop.chat("1"), await shop.chat("2", customer="u_kim")

    assert await robin.verdict(refund("150")) == "allow"
    assert await kim.verdict(refund("150", order="W2")) == "allow"


async def test_a_limit_of_a_target_counts_for_everybody(till: Tills) -> None:
    shop = till(FOR_A_TARGET)
    robin, kim = await shop.chat("1"), await shop.chat("2", customer="u_kim")

    assert await robin.verdict(refund("100")) == "allow"
    assert await kim.verdict(refund("0.01")) == "deny"
    assert await kim.verdict(refund("100", order="W2")) == "allow"


async def test_every_tool_has_a_limit_of_its_own(till: Tills) -> None:
    chat = await till().chat("1")
    other = replace(refund("150", order="W2"), tool="pay_back")

    assert [call.verdict for call in await chat.asks(refund("150"), other)] == ["allow", "allow"]


async def test_people_share_it_with_the_assistant(till: Tills) -> None:
    shop = till()
    chat, other = await shop.chat("1"), await shop.chat("2")
    await chat.taken_over()

    assert await chat.staff_asks("s1", refund("100")) == "allow"
    assert await other.verdict(refund("100", order="W2")) == "hold"
    assert await chat.staff_asks("s2", refund("1", order="W3")) == "hold"


# Currencies and directions


async def test_a_currency_that_no_limit_names_is_held(till: Tills) -> None:
    chat = await till().chat("1")
    (call,) = await chat.asks(refund("1", currency="EUR"))

    assert (call.verdict, call.because) == ("hold", "none of the limits is in EUR")
    assert await chat.verdict(refund("150", order="W2")) == "allow"


async def test_each_currency_has_its_own_sum(till: Tills) -> None:
    euros = FOR_A_CUSTOMER | {"max": "20.00 EUR"}
    chat = await till(FOR_A_CUSTOMER, euros).chat("1")
    calls = await chat.asks(
        refund("150"),
        refund("20", currency="EUR", order="W2"),
        refund("0.01", currency="EUR", order="W3"),
        refund("0.01", order="W4"),
    )

    assert [call.verdict for call in calls] == ["allow", "allow", "hold", "hold"]


async def test_only_what_moves_counts_and_whichever_way(till: Tills) -> None:
    shop = till()
    literal = await shop.chat("1")
    calls = await literal.asks(
        refund("100", direction="from_customer"), refund("100", order="W2"), refund("0", order="W3")
    )

    assert [call.verdict for call in calls] == ["allow", "hold", "allow"]


# Windows


async def test_what_lies_behind_the_window_does_not_count(till: Tills, clock: Clock) -> None:
    chat = await till().chat("1")
    assert await chat.verdict(refund("150")) == "allow"
    clock.advance(30 * DAY_S - 1)
    assert await chat.verdict(refund("1", order="W2")) == "hold"
    clock.advance(1)
    assert await chat.verdict(refund("149", order="W3")) == "allow"


async def test_a_short_and_a_long_window_are_both_kept(till: Tills, clock: Clock) -> None:
    an_hour = {"per": "customer", "window": 3600, "max": "50.00 USD", "then": "deny"}
    chat = await till(FOR_A_CUSTOMER, an_hour).chat("1")
    verdicts = []
    for number in range(4):
        verdicts.append(await chat.verdict(refund("50", order=f"A{number}")))
        verdicts.append(await chat.verdict(refund("0.01", order=f"B{number}")))
        clock.advance(3600)

    assert verdicts == ["allow", "deny", "allow", "deny", "allow", "deny", "hold", "deny"]


# What becomes of a call


@pytest.mark.parametrize(
    ("path", "then"),
    [
        ((), "hold"),
        (("needs_info",), "hold"),
        (("approved",), "hold"),
        (("approved", "executing"), "hold"),
        (("approved", "executing", "unknown"), "hold"),
        (("approved", "executing", "succeeded"), "hold"),
        (("approved", "executing", "failed"), "allow"),
        (("rejected",), "allow"),
        (("withdrawn",), "allow"),
        (("expired",), "allow"),
    ],
)
async def test_what_is_held_counts_until_it_cannot_happen_any_more(
    till: Tills, path: tuple[ev.HoldStatus, ...], then: str
) -> None:
    shop = till(rules=[{"when": "money.minor > 9999", "then": "hold"}, {"then": "allow"}])
    chat, other = await shop.chat("1"), await shop.chat("2")
    (held,) = await chat.asks(refund("100"))
    await chat.becomes(held, *path)

    assert await other.verdict(refund("51", order="W2")) == then


@pytest.mark.parametrize(
    ("outcome", "then"),
    [("succeeded", "hold"), ("unknown", "hold"), ("failed", "allow"), ("not_started", "allow")],
)
async def test_what_was_allowed_counts_unless_it_did_not_happen(
    till: Tills, outcome: ev.CallOutcome, then: str
) -> None:
    shop = till()
    chat, other = await shop.chat("1"), await shop.chat("2")
    (call,) = await chat.asks(refund("100"))
    await chat.finished(call, outcome)

    assert await other.verdict(refund("51", order="W2")) == then


async def test_what_is_known_to_have_happened_is_not_read_again(till: Tills, store: Store) -> None:
    chat = await till().chat("1")
    (call,) = await chat.asks(refund("150"))
    await chat.finished(call, "succeeded")
    before = await entries(store)
    await chat.verdict(refund("1", order="W2"))

    assert [text.split()[3] for text in before.values()] == ["0"]
    assert sorted(text.split()[3] for text in (await entries(store)).values()) == ["0", "1"]


async def entries(store: Store) -> dict[str, str]:
    kept = await store.reads.hgetall(customer_spent("u_robin", "refund"))
    return {id_.decode(): text.decode() for id_, text in kept.items()}


# Between reserving and committing


async def test_a_call_that_was_never_committed_counts_for_a_minute(
    till: Tills, clock: Clock
) -> None:
    shop = till()
    died, other = await shop.chat("1"), await shop.chat("2")
    await died.judged(refund("150"))
    clock.advance(59.999)
    assert (await other.judged(refund("1")))[0][0].verdict == "hold"
    clock.advance(0.001)
    assert (await other.judged(refund("1")))[0][0].verdict == "allow"


@pytest.mark.parametrize("line", [b'{"v":99}', b"{"])
async def test_what_lies_in_a_log_that_cannot_be_read_counts_on(
    till: Tills, store: Store, clock: Clock, line: bytes
) -> None:
    shop = till()
    theirs, other = await shop.chat("1"), await shop.chat("2")
    await theirs.judged(refund("150"))
    await store.writes.rpush(shop.log.keys(theirs.conversation).log, line)
    clock.advance(60)
    assert await other.verdict(refund("1")) == "hold"


async def test_a_call_that_is_judged_again_counts_once(till: Tills) -> None:
    shop = till()
    chat, other = await shop.chat("1"), await shop.chat("2")
    for _ in range(3):
        await chat.judged(refund("75"))
    assert await chat.verdict(refund("75")) == "allow"
    assert await other.verdict(refund("75", order="W2")) == "allow"


async def test_the_log_says_what_counts_of_a_step_that_was_asked_twice(till: Tills) -> None:
    """The model answers a repeated step otherwise; the worker that died had reserved more."""
    shop = till()
    chat, other = await shop.chat("1"), await shop.chat("2")
    await chat.judged(refund("150", order="W9"), refund("150", order="W8"))
    assert await chat.verdict(refund("75")) == "hold"
    (call,) = await chat.asks(refund("75", order="W2"))
    assert call.verdict == "hold"

    clean = till()
    chat, other = await clean.chat("3", customer="u_kim"), await clean.chat("4", customer="u_kim")
    await chat.judged(refund("150"))
    assert await chat.verdict(refund("75")) == "allow"
    assert await other.verdict(refund("75", order="W2")) == "allow"


# Edits, supersedes and dispatch


async def test_an_edit_takes_the_place_of_what_it_edits(till: Tills) -> None:
    shop = till(rules=ALL_HELD)
    chat, other = await shop.chat("1"), await shop.chat("2")
    (call,) = await chat.asks(refund("150"))
    now = await chat.edits(call, money("50"))
    (beside,) = await other.asks(refund("100", order="W2"))
    (above,) = await other.asks(refund("0.01", order="W3"))

    assert isinstance(now, ev.Held)
    assert [reason.signal for reason in now.reasons] == ["rule"]
    assert ABOVE not in str((await other.hold(beside)).held.rule)
    assert ABOVE in str((await other.hold(above)).held.rule)


async def test_a_lower_amount_is_nobodys_approval_of_a_limit_they_were_not_shown(
    till: Tills,
) -> None:
    moves = MoneySettings(amount="args.amount", currency="USD", direction="to_customer")
    lowering = Lowering({"refund": replace(refunds(), money=moves)})
    shop = till(rules=ALL_HELD)
    chat, other = await shop.chat("1"), await shop.chat("2")
    (call,) = await chat.asks(refund("100"))
    before = (await chat.hold(call)).held
    lower = await chat.edits(call, money("90"))
    await other.asks(refund("100", order="W2"))
    above = await chat.edits(call, money("80"))

    assert isinstance(lower, ev.Held)
    assert isinstance(above, ev.Held)
    assert ABOVE in str(above.rule)
    assert lowering.only(before, lower)
    assert not lowering.only(lower, above)


async def test_an_edit_may_not_get_around_a_limit(till: Tills) -> None:
    chat = await till(DENIES, rules=ALL_HELD).chat("1")
    (call, _) = await chat.asks(refund("100"), refund("50", order="W2"))
    now = await chat.edits(call, money("100.01"))

    assert isinstance(now, Judgement)
    assert (now.verdict, now.because) == ("deny", ABOVE)
    assert isinstance(await chat.edits(call, money("99.99")), ev.Held)


async def test_what_takes_the_place_of_another_does_not_add_to_it(till: Tills) -> None:
    chat = await till(DENIES, rules=ALL_HELD).chat("1")
    calls = await chat.asks(refund("100"), refund("150"), refund("150.01"), refund("120"))

    assert [call.verdict for call in calls] == ["hold", "hold", "deny", "hold"]


async def test_what_was_approved_in_spite_of_a_limit_runs(till: Tills) -> None:
    chat = await till().chat("1")
    (call,) = await chat.asks(refund("151"))
    await chat.becomes(call, "approved")
    now = await chat.dispatched(call)

    assert isinstance(now, ev.Held)
    assert now.digest == (await chat.hold(call)).digest


@pytest.mark.parametrize("answered", [False, True])
async def test_what_waits_behind_an_approved_call_does_not_stand_in_its_way(
    till: Tills, clock: Clock, answered: bool
) -> None:
    """Nor when an answer has made it a new revision of the same call."""
    shop = till(rules=ALL_HELD)
    chat, other = await shop.chat("1"), await shop.chat("2")
    (first,) = await chat.asks(refund("100"))
    clock.advance(1)
    (second,) = await other.asks(refund("100", order="W2"))
    if answered:
        await chat.put_back(first, (await chat.hold(first)).held)
    await chat.becomes(first, "approved")
    now = await chat.dispatched(first)

    assert ABOVE in str((await other.hold(second)).held.rule)
    assert isinstance(now, ev.Held)
    assert now.digest == (await chat.hold(first)).digest


async def test_an_approved_call_waits_again_when_a_limit_speaks_that_nobody_has_heard(
    till: Tills,
) -> None:
    shop = till(rules=ALL_HELD)
    chat, other = await shop.chat("1"), await shop.chat("2")
    (first,) = await chat.asks(refund("100"))
    (second,) = await other.asks(refund("100", order="W2"))
    await other.becomes(second, "approved", "executing", "succeeded")
    await chat.becomes(first, "approved")
    now = await chat.dispatched(first)

    assert isinstance(now, ev.Held)
    assert now.digest != (await chat.hold(first)).digest
    assert ABOVE in str(now.rule)

    await chat.put_back(first, now)
    await chat.becomes(first, "approved")
    again = await chat.dispatched(first)

    assert isinstance(again, ev.Held)
    assert again.digest == (await chat.hold(first)).digest


async def test_what_was_put_back_still_counts(till: Tills) -> None:
    """Also when nobody judged it again, and its new revision has no reservation of its own."""
    shop = till(DENIES, rules=ALL_HELD)
    chat, other = await shop.chat("1"), await shop.chat("2")
    (call,) = await chat.asks(refund("100"))
    await chat.put_back(call, (await chat.hold(call)).held)

    assert await other.verdict(refund("51", order="W2")) == "deny"
    assert await other.verdict(refund("50", order="W2")) == "hold"


# All at once


async def test_nothing_slips_through_when_everybody_asks_at_once(
    till: Tills, redis_server: RedisServer, clock: Clock
) -> None:
    """50 calls of one cent less than a third, in five conversations, by two processes."""
    shop = till(DENIES)
    chats = [await shop.chat(str(number)) for number in range(5)]
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, redis_server.url, str(clock()),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert other.stdin is not None
    assert other.stdout is not None
    assert await other.stdout.readline() == b"ready\n"
    other.stdin.write(b"go\n")
    ours = await asyncio.gather(*(one(chat, n) for chat in chats for n in range(5)))
    theirs, _ = await other.communicate()
    verdicts = [*ours, *theirs.decode().split()]

    assert len(verdicts) == 50
    assert sorted(verdicts) == ["allow"] * 3 + ["deny"] * 47


async def one(chat: Chat, number: int) -> str:
    """One call of a step, judged beside the others."""
    state = replace(await chat.state(), steps=number)
    judge = chat.till.judge
    call = refund("49.99", order=f"{chat.conversation} {number}")
    (ruled,), _ = await judge.step(state, number + 1, [call], by=ev.By("assistant"))
    return ruled.verdict


async def _another_process(url: str, now_ms: int) -> None:
    store = Store(url)
    shop = Till(Log(store, clock=lambda: now_ms), refunds(DENIES))
    chats = [Chat(shop, f"c_{number}") for number in range(5)]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    verdicts = await asyncio.gather(*(one(chat, n) for chat in chats for n in range(5, 10)))
    sys.stdout.write("\n".join(verdicts))
    await store.close()


if __name__ == "__main__":
    asyncio.run(_another_process(sys.argv[1], int(sys.argv[2])))


@pytest.mark.parametrize(
    "late",
    [refund("151"), refund("101", order="W9"), refund("1", order="W9")],
    ids=["denied to the customer", "denied for its target", "of another target"],
)
async def test_an_attempt_that_was_overtaken_takes_back_nothing(
    till: Tills, clock: Clock, late: Asked
) -> None:
    """It wakes up once another has recorded the same step: its call has the same id."""
    shop = till(DENIES, FOR_A_TARGET)
    first, second = await shop.chat("1"), await shop.chat("2")
    before = await first.state()
    calls = await first.asks(refund("90", order="W1"), refund("60", order="W2"))
    clock.advance(1)
    await shop.judge.step(before, before.steps + 1, [late], by=ADA)

    assert [call.verdict for call in calls] == ["allow", "allow"]
    assert await second.verdict(refund("0.01", order="W3")) == "deny"
