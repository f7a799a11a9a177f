"""How fast work goes, as far as is known: so much may be fetched ahead."""


class Pace:
    """How many handlers follow each other in one place within some time, as far as is known."""

    def __init__(self) -> None:
        self._seconds: float | None = None

    def took(self, seconds: float) -> None:
        """One handler ran so long. The newest tenth counts most, and a slow one is believed at once."""
        known = self._seconds
        self._seconds = seconds if known is None or seconds > known else 0.9 * known + 0.1 * seconds

    def in_seconds(self, seconds: float) -> int:
        """None until one is known."""
        return 0 if self._seconds is None else int(seconds / max(self._seconds, 1e-4))
