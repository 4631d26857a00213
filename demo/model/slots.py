"""The particulars in a customer's words: order number, e-mail or postcode, amount, address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from demo.model.words import normal


@dataclass(frozen=True)
class Address:
    """Where a parcel shall go."""

    street: str
    city: str
    postcode: str
    country: str


@dataclass(frozen=True)
class Slots:
    """What a message names; `bare` is a lone five-digit number: an order's or a postcode."""

    order_id: str | None = None
    bare: str | None = None
    contact: str | None = None
    amount: Decimal | None = None
    address: Address | None = None


_ORDER = re.compile(
    r"\bTF[-\s]?(\d{5})\b|(?:#\s?|\border\s+(?:number\s+|no\.?\s*)?)(\d{5})\b", re.IGNORECASE
)
_BARE = re.compile(r"(?<![\w$.,-])(\d{5})(?![\w-]|[.,]\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_UK_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b", re.IGNORECASE)
_POSTCODE = re.compile(
    rf"{_UK_POSTCODE.pattern}|\b\d{{5}}(?:-\d{{4}})?\b|\b\d{{4}}\s?[A-Z]{{2}}\b", re.IGNORECASE
)
_AMOUNT = re.compile(
    r"(?:\$|\busd)\s?(\d[\d,]*(?:\.\d{1,2})?)|\b(\d[\d,]*(?:\.\d{1,2})?)\s?(?:dollars?|usd|bucks|\$)"
    r"|\brefund\s+(?:me\s+|of\s+)*(\d{1,4}(?:\.\d{1,2})?)\b(?![-\w]|\s*(?:items?|of|pieces?))",
    re.IGNORECASE,
)
_COUNTRIES = {
    "us": "United States", "usa": "United States", "united states": "United States",
    "uk": "United Kingdom", "united kingdom": "United Kingdom", "great britain": "United Kingdom",
    "england": "United Kingdom", "scotland": "United Kingdom", "wales": "United Kingdom",
    "germany": "Germany", "deutschland": "Germany", "france": "France", "spain": "Spain",
    "italy": "Italy", "austria": "Austria", "switzerland": "Switzerland", "ireland": "Ireland",
    "netherlands": "Netherlands", "the netherlands": "Netherlands", "belgium": "Belgium",
    "denmark": "Denmark", "sweden": "Sweden", "norway": "Norway", "finland": "Finland",
    "poland": "Poland", "portugal": "Portugal",
}  # fmt: skip
_LEAD = re.compile(
    r"^.*?(?:\baddress\b[^,:\n]*?(?:\bto\b|\bis\b|:)|\bto\b|:)\s*(?=\S*\d)",
    re.IGNORECASE | re.DOTALL,
)


def read_slots(text: str) -> Slots:
    """Pick out everything `text` names."""
    order = _ORDER.search(text)
    address = _address(text)
    rest = _ORDER.sub(" ", text)
    bare = None if address else _BARE.search(rest)
    return Slots(
        order_id=f"TF-{order[1] or order[2]}" if order else None,
        bare=bare[1] if bare else None,
        contact=None if address else _contact(rest),
        amount=_amount(rest),
        address=address,
    )


def _contact(text: str) -> str | None:
    found = _EMAIL.search(text) or _UK_POSTCODE.search(text)
    return found[0] if found else None


def _amount(text: str) -> Decimal | None:
    found = _AMOUNT.search(text)
    if found is None:
        return None
    digits = next(group for group in found.groups() if group)
    return Decimal(digits.replace(",", ""))


def _address(text: str) -> Address | None:
    """Read `12 Harbour Street, 04109 Leipzig, Germany`; None when a part of it is missing."""
    bare = _LEAD.sub("", _ORDER.sub("", text), count=1)
    parts = [part.strip(" .!") for part in re.split(r"[,\n]", bare) if part.strip(" .!")]
    if len(parts) < 3:
        return None
    country = _COUNTRIES.get(normal(parts[-1]))
    street, *middle = parts[:-1]
    postcode = _POSTCODE.search(", ".join(middle))
    if country is None or postcode is None or not re.search(r"\d", street):
        return None
    city = ", ".join(middle).replace(postcode[0], "").strip(" ,")
    return Address(street, city, postcode[0], country) if city else None
