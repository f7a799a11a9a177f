"""The two deadlines of a roll-out: for its image, which may still be being built, and for getting healthy."""

import time

from aiworker.adapters.runtime.kubernetes.pods import Stand
from aiworker.core.sayings import Saying
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.runtime import RolloutFailed


class Clock:
    """Counts the time spent waiting for the image apart from the rest."""

    def __init__(self, image_seconds: float, health_seconds: float) -> None:
        self._image_seconds = image_seconds
        self._health_seconds = health_seconds
        self._image = self._health = 0.0
        self._last = self._fresh = self._answered = time.monotonic()
        self._unpulled: Saying | None = None

    @property
    def shortest(self) -> float:
        """The shorter of the two deadlines."""
        return min(self._image_seconds, self._health_seconds)

    def tick(self, stand: Stand | None) -> None:
        """The time since the last tick was spent like this (None: there is nothing to see yet)."""
        now = time.monotonic()
        if stand is not None and stand.sentence.code == troubles.IMAGE_NOT_PULLED.code:
            self._unpulled = stand.sentence
        if stand is not None and stand.phase == "image":
            self._image += now - self._last
        else:
            self._health += now - self._last
        self._last = self._answered = now

    def away(self) -> float:
        """Seconds without an answer, which are nobody's."""
        self._last = time.monotonic()
        return self._last - self._answered

    @property
    def is_over(self) -> bool:
        """Whether one of the two times is spent."""
        return self._image > self._image_seconds or self._health > self._health_seconds

    def image_late(self, stand: Stand) -> RolloutFailed:
        """The image was not there in time; why, was perhaps told by an earlier pod, which a fresh one has replaced."""
        why = self._unpulled or stand.sentence
        return RolloutFailed(troubles.IMAGE_LATE(seconds=self._image_seconds, stand=why))

    def wants_fresh_pods(self, stand: Stand, every: float) -> bool:
        """Whether a pod has waited for its image so long that a new one would ask sooner."""
        if stand.phase != "image" or "BackOff" not in stand.sentence.words or self._last - self._fresh < every:
            return False
        self._fresh = self._last
        return True
