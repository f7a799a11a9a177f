"""How long to wait before the next try."""

import random

_LARGEST_EXPONENT = 30


def backoff(earlier_retries: int, *, base_seconds: float, cap_seconds: float, chance: float | None = None) -> float:
    """Seconds until the next try: exponential with full jitter, so that what failed together does not return together.

    `chance` in [0, 1) stands for the dice, by default thrown here.
    """
    ceiling = min(cap_seconds, base_seconds * 2 ** min(earlier_retries, _LARGEST_EXPONENT))
    return ceiling * (random.random() if chance is None else chance)  # noqa: S311 (jitter, no secret)
