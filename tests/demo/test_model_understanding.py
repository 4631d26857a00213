"""What the stand-in reads out of a message, and what its knowledge says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from demo.model import intents
from demo.model.retrieval import KNOWLEDGE, Knowledge
from demo.model.slots import Address, read_slots
from demo.shop.goods import GOODS


@pytest.mark.parametrize(
    ("text", "order_id"),
    [
        ("TF-20871", "TF-20871"),
        ("my order tf20871 please", "TF-20871"),
        ("TF 20871", "TF-20871"),
        ("#20871", "TF-20871"),
        ("order number 20871", "TF-20871"),
        ("I live in 20871", None),
        ("TF-208719", None),
    ],
)
def test_order_numbers(text: str, order_id: str | None) -> None:
    assert read_slots(text).order_id == order_id


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("refund $20 for TF-20871", Decimal(20)),
        ("$1,250.50 please", Decimal("1250.50")),
        ("give me 18.50 dollars", Decimal("18.50")),
        ("refund 20, not more", Decimal(20)),
        ("refund TF-20871", None),
        ("refund 2 items", None),
        ("I am 20 years old", None),
    ],
)
def test_amounts(text: str, amount: Decimal | None) -> None:
    assert read_slots(text).amount == amount


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("it is jo.b+x@example.co.uk.", "jo.b+x@example.co.uk"),
        ("LS2 7DJ", "LS2 7DJ"),
        ("order TF-20871", None),
    ],
)
def test_contacts(text: str, contact: str | None) -> None:
    assert read_slots(text).contact == contact


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (
            "new address: 7 Chandler's Row, Leeds LS2 7DJ, UK",
            Address("7 Chandler's Row", "Leeds", "LS2 7DJ", "United Kingdom"),
        ),
        (
            "Uferweg 12\n10999 Berlin\nGermany",
            Address("Uferweg 12", "Berlin", "10999", "Germany"),
        ),
        ("12 Harbour Street, Leipzig, Germany", None),
        ("12 Harbour Street, 04109 Leipzig", None),
        ("hello, how are you, fine", None),
    ],
)
def test_addresses(text: str, address: Address | None) -> None:
    assert read_slots(text).address == address


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("when will my parcel arrive", "track"),
        ("status of order 20871", "track"),
        ("give me my money back", "refund"),
        ("can you cancel my order", "cancel"),
        ("the address of TF-20931 is wrong", "address"),
        ("what did I order?", "orders"),
        ("cancel my newsletter subscription", None),
        ("please don't cancel anything", None),
        ("I want to know more about TF-20871", None),
        ("what does delivery cost", None),
        ("change my e-mail address", None),
    ],
)
def test_actions(text: str, action: str | None) -> None:
    assert intents.action(text) == action


def test_knowledge_tells_the_prices_of_the_goods() -> None:
    knowledge = Knowledge.read()

    for good in GOODS:
        passage = knowledge.answer(f"How much is the {good.title}?")
        assert passage is not None
        assert f"${good.price_minor / 100:.2f}" in passage.text


def test_every_heading_finds_its_own_passage() -> None:
    knowledge = Knowledge.read()
    headings = [
        line.removeprefix("## ")
        for file in KNOWLEDGE.glob("*.md")
        for line in file.read_text().splitlines()
        if line.startswith("## ")
    ]

    found = {heading: knowledge.answer(heading) for heading in headings}

    assert {h: passage and passage.heading for h, passage in found.items()} == {
        h: h for h in headings
    }
