"""Money: kept in millionths of a dollar, shown in dollars."""

MICRODOLLARS = 1_000_000


def microdollars(dollars: float) -> int:
    """What the database keeps."""
    return round(dollars * MICRODOLLARS)


def dollars(micro: int | None) -> float | None:
    """What travels."""
    return None if micro is None else micro / MICRODOLLARS


def in_words(micro: int) -> str:
    """What people read: `$1,234.50`."""
    return f"${micro / MICRODOLLARS:,.2f}"
