"""All keys are named in one place, and a conversation never leaves its slot."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest
from redis.crc import key_slot

from conversation.keys import current_conversation, keys, shard, shard_of
from conversation.log import Log
from conversation.store import Store
from tests.conftest import Clock
from tests.conversation.acts import ALL, Calls, Decides, Says
from tests.conversation.work import claimed_turn, show, worker

ROOT = Path(__file__).parents[2]
PACKAGES = ("conversation", "handoff", "archive", "agent", "gateway", "handrail", "demo", "bench")
LITERAL = re.compile(r"\{(s$|s\d|desk\}|staff\}|cust:|target:)")
"""How a key begins; in an f-string the constant part ends where the shard's number follows."""


def flat(values: object) -> Iterator[str]:
    if isinstance(values, tuple):
        for value in values:
            yield from flat(value)
    else:
        assert isinstance(values, str)
        yield values


@pytest.mark.parametrize("shards", [1, 2, 16, 1024])
@pytest.mark.parametrize("conversation", ["c_1", "c_}{", "c_{s0}", "c_\u00fc:log"])
def test_everything_of_one_conversation_lies_in_one_slot(conversation: str, shards: int) -> None:
    own = list(flat(astuple(keys(conversation, shards))))
    assert len(own) == len(set(own))
    assert len({key_slot(key.encode()) for key in own}) == 1


def test_the_shard_of_a_conversation_never_changes() -> None:
    assert shard_of("123456789", 1024) == 0xCBF43926 % 1024  # the check value of CRC-32
    assert {shard_of(f"c_{n}", 1) for n in range(100)} == {0}
    assert {shard_of(f"c_{n}", 16) for n in range(400)} == set(range(16))


def test_no_two_conversations_share_a_key() -> None:
    names = ["c_1", "c_1:log", "c_1:reply", "c_1:reply:text", "c_1:head", "1", "c:c_1"]
    own = [key for name in names for key in flat(astuple(keys(name, 1))[:-1])]
    assert len(own) == len(set(own))


def test_no_two_customers_share_a_key() -> None:
    assert len({current_conversation(name) for name in ("a", "a}", "a}:conversation", "")}) == 4


async def test_whatever_happens_is_kept_under_the_shard_of_its_conversation(
    store: Store, clock: Clock
) -> None:
    many = Store(store.url, shards=4)
    log = Log(many, clock=clock)
    for n in range(12):
        name = f"c_{n}"
        state = (await log.commit(name, Says())).state
        for act in (*ALL, Calls(), Decides("approved"), *ALL):
            await log.commit(name, act)
        k = shard_of(name, 4)
        entries = await many.reads.xrange(shard(k).jobs)
        assert name.encode() in {fields[b"conversation"] for _, fields in entries}
        assert (await log.head(name)).seq > state.seq
    stems = {f"{{s{shard_of(f'c_{n}', 4)}}}:c:c_{n}:" for n in range(12)}
    shared = {key for k in range(4) for key in flat(astuple(shard(k)))}
    for key in await many.reads.keys():
        text = key.decode()
        assert text in shared or text[: text.rindex(":") + 1] in stems
    await many.close()


async def test_a_reply_lies_with_its_conversation(log: Log, store: Store) -> None:
    job, state = await claimed_turn(log, await worker(store))
    await show(log, job, state, "Hel")
    assert await store.reads.exists(log.keys("c_1").reply, log.keys("c_1").reply_text) == 2


def sources() -> list[Path]:
    files = [file for name in PACKAGES for file in (ROOT / name).rglob("*.py")]
    return [file for file in files if "node_modules" not in file.parts]


def literals(file: Path) -> list[str]:
    """The texts of a module that begin like a key; what only documents is left out."""
    tree = ast.parse(file.read_text())
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in documents and LITERAL.search(node.value)
    ]


def test_keys_are_named_in_one_module_only() -> None:
    named = {file.relative_to(ROOT).as_posix() for file in sources() if literals(file)}
    assert named == {"conversation/keys.py"}


def test_scripts_reach_keys_only_through_their_arguments() -> None:
    scripts = [file for name in PACKAGES for file in (ROOT / name).rglob("*.lua")]
    assert scripts
    for file in scripts:
        text = file.read_text()
        for call in re.findall(r"redis\.p?call\('(?!PUBLISH)\w+', *(?:'[A-Z]+', *)?([^,)]+)", text):
            assert re.fullmatch(r"KEYS\[\d+\]", call), (file.name, call)
        assert not re.search(r"\{(s\d|desk|staff|cust|target)", text), file.name


async def test_the_number_of_shards_is_that_of_the_first_start(store: Store) -> None:
    assert await store.pin_shards() == store.shards

    other = Store(store.url, shards=store.shards + 3)
    try:
        assert await other.pin_shards() == store.shards
    finally:
        await other.close()
