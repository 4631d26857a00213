"""The front ends' types name what the server sends, no more and no less."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conversation.events import TYPES
from conversation.summary import ConversationSummary, HoldSummary
from gateway.notices import Notice

WIRE = Path(__file__).parents[1] / "gateway" / "web" / "shared" / "wire"
OF_CUSTOMERS = {"held": {"status"}, "owner_changed": {"status", "staff"}}
"""Fields that only customers are sent, by event."""


def interface(file: str, name: str) -> str:
    """What stands between the braces of an interface."""
    text = (WIRE / file).read_text()
    return text.partition(f"export interface {name} {{\n")[2].partition("\n}\n")[0]


def outside_braces(declared: str) -> str:
    """A declaration without its comments and the objects inside it."""
    bare = re.sub(r"/\*\*.*?\*/", "", declared)
    while bare != (flat := re.sub(r"\{[^{}]*\}", "", bare)):
        bare = flat
    return bare


def names(declared: str) -> set[str]:
    """The fields of an interface."""
    return set(re.findall(r"(\w+)\??:", outside_braces(declared)))


def event_types() -> dict[str, str]:
    """How each event's data are declared."""
    parts = re.split(r"^  (\w+): ", interface("events.ts", "EventData"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def sent(struct: type[Any]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(struct)}


@pytest.mark.parametrize("struct", [ConversationSummary, HoldSummary, Notice])
def test_a_summary_or_notice_has_the_fields_of_its_type(struct: type[Any]) -> None:
    assert names(interface("staff.ts", struct.__name__)) == sent(struct)


def test_every_event_has_a_type() -> None:
    assert event_types().keys() == TYPES.keys()


@pytest.mark.parametrize("type_", TYPES)
def test_an_event_has_the_fields_of_its_type(type_: str) -> None:
    base, _, fields = event_types()[type_].partition("{")
    own = names(fields.rpartition("}")[0])
    shared = names(interface("events.ts", "PublicHold")) if "PublicHold" in base else set()

    assert sent(TYPES[type_]) <= own | shared
    assert own - OF_CUSTOMERS.get(type_, set()) <= sent(TYPES[type_])
