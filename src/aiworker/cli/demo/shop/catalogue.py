"""What the shop sells. Prices are net, in cents."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """One article: its name, what it is like, its net price, and the colour of its label."""

    name: str
    note: str
    cents: int
    colour: str


PRODUCTS = [
    Product("Finca Aurora", "Coffee from Huila: caramel, red apple", 850, "#b45309"),
    Product("Night Train", "Espresso, dark: cocoa, toasted almond", 790, "#57301f"),
    Product("First Flush", "Darjeeling, spring: muscat, meadow", 1120, "#4d7c0f"),
    Product("Harbour Smoke", "Lapsang, smoked over pine", 940, "#334155"),
    Product("Garden Mint", "Peppermint, whole leaves", 480, "#0f766e"),
    Product("Orange Peel", "Rooibos with peel and vanilla", 560, "#c2410c"),
]


def euros(cents: int) -> str:
    """An amount as people read it: 850 is €8.50."""
    return f"€{cents // 100}.{cents % 100:02d}"


def price_label(product: Product) -> str:
    """The price as it stands on the page."""
    return f"{euros(product.cents)} plus tax"
