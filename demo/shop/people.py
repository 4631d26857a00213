"""Who buys at Tarnfield: three customers anybody may try the demo as, and many made-up others."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Address:
    """Where a parcel goes."""

    name: str
    street: str
    city: str
    postcode: str
    country: str


@dataclass(frozen=True)
class Customer:
    """Somebody with orders; `id` is also the subject of their token."""

    id: str
    email: str
    card: str
    address: Address


DEMO_CUSTOMERS = (
    Customer(
        "jonas",
        "jonas.albrecht@example.com",
        "Visa ending 4410",
        Address("Jonas Albrecht", "Uferweg 12", "Berlin", "10999", "Germany"),
    ),
    Customer(
        "elena",
        "elena.marchetti@example.com",
        "Visa ending 4417",
        Address("Elena Marchetti", "208 Alder Street", "Portland, OR", "97205", "United States"),
    ),
    Customer(
        "priya",
        "priya.nair@example.com",
        "Mastercard ending 0932",
        Address("Priya Nair", "7 Chandler's Row", "Leeds", "LS2 7DJ", "United Kingdom"),
    ),
)
"""The customers the page can be signed in as."""

_FIRST = (
    "Ada", "Amara", "Bea", "Casper", "Chidi", "Dilan", "Edda", "Emil", "Farah", "Greta", "Hana",
    "Ines", "Ivo", "Jamal", "Kaja", "Leo", "Lotte", "Malik", "Mina", "Nils", "Oda", "Otis", "Pia",
    "Quentin", "Rosa", "Samir", "Tessa", "Umar", "Vera", "Wanda", "Yusuf", "Zora",
)  # fmt: skip
_LAST = (
    "Abara", "Berg", "Castell", "Duarte", "Ekman", "Fischer", "Grove", "Haddad", "Ito", "Jensen",
    "Kaya", "Lund", "Moreau", "Novak", "Okafor", "Petit", "Quist", "Rossi", "Sato", "Tran",
    "Ueda", "Varga", "Weber", "Young",
)  # fmt: skip
_STREETS = ("Mill Lane", "Harbour Street", "Lindenweg", "Station Road", "Orchard Close", "Am Hang")
_CITIES = (
    ("Seattle, WA", "98101", "United States"),
    ("Denver, CO", "80203", "United States"),
    ("Burlington, VT", "05401", "United States"),
    ("Leipzig", "04109", "Germany"),
    ("Hamburg", "20457", "Germany"),
    ("Bristol", "BS1 4DJ", "United Kingdom"),
    ("Glasgow", "G1 1XQ", "United Kingdom"),
)
_CARDS = ("Visa", "Mastercard", "American Express")


def others(rng: Random, count: int) -> tuple[Customer, ...]:
    """Make up `count` further customers, the same ones for the same `rng`."""
    return tuple(_made_up(rng, number) for number in range(1, count + 1))


def _made_up(rng: Random, number: int) -> Customer:
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    city, postcode, country = rng.choice(_CITIES)
    street = f"{rng.randint(1, 180)} {rng.choice(_STREETS)}"
    return Customer(
        id=f"c-{1000 + number}",
        email=f"{first}.{last}.{number}@example.com".lower(),
        card=f"{rng.choice(_CARDS)} ending {rng.randint(0, 9999):04d}",
        address=Address(f"{first} {last}", street, city, postcode, country),
    )
