"""What Tarnfield sells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    """One article; `slug` names its drawing on the page, `tint` the ground behind it."""

    slug: str
    title: str
    caption: str
    price_minor: int
    tint: str
    variants: tuple[str, ...] = ()


GOODS = (
    Good(
        slug="skerry",
        title="Skerry rain jacket",
        caption="Three layers, taped seams",
        price_minor=18000,
        tint="#dfe6e6",
        variants=("XS", "S", "M", "L", "XL"),
    ),
    Good("tarn", "Tarn 2 tent", "Two people, 1.9 kg", 42000, "#e9e2d2"),
    Good("cairn", "Cairn day pack", "24 litres", 12800, "#dde1e8", ("slate", "moss")),
    Good("haar", "Haar wool blanket", "Woven from offcuts", 9600, "#ece0db"),
    Good("beck", "Beck flask", "0.75 litres, steel", 3400, "#dde7e2"),
    Good("ember", "Ember mug", "Enamel, 0.35 litres", 1800, "#e4e6dc"),
    Good("hollin", "Hollin lantern", "80 hours a charge", 6200, "#ebe4d6"),
    Good("fleet", "Fleet socks", "Merino, two pairs", 2800, "#e6e0e4", ("36-39", "40-43", "44-47")),
)
"""The whole range, in the order the page shows it; prices in cents."""

BY_SLUG = {good.slug: good for good in GOODS}
