"""What a stand-in for a model says: turns that a test writes down.

No state of a conversation is kept. Which turn comes next is read from the request, so that repeated requests, resumed
sessions and many agents at once all work.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.talk import Talk

_PING_SECONDS = 0.5
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model calls, by its full name."""

    tool: str
    input: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Failure:
    """What the API answers `times` times before it answers the turn; 401, 429 and 529 are what a CLI must live with."""

    status: int
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model says and does. It begins to answer when `until` is true (asked every few milliseconds)."""

    text: str = ""
    calls: Sequence[Call] = ()
    until: Callable[[], object] | None = None
    fails: Failure | None = None
    tokens_in: int = 100
    tokens_out: int = 20


# A turn may depend on what has been said and answered so far.
Step = Turn | Callable[[Talk], Turn]
THE_END = Turn("That is all.")


@dataclass(frozen=True, slots=True)
class Script:
    """The turns of the conversations that `when` picks: one after the other, then `THE_END` again and again."""

    turns: Sequence[Step]
    when: Callable[[Talk], bool] = lambda _talk: True


class ScriptedModel:
    """Answers at `url`. `asked` has every request for a reply; `problems` what a script could not do."""

    def __init__(self, *scripts: Script) -> None:
        self.url = ""
        self.scripts = list(scripts)
        self.asked: list[Talk] = []
        self.problems: list[str] = []
        self.closing = threading.Event()
        self._failed: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()

    def reply(self, talk: Talk) -> Turn | Failure:
        """What to answer."""
        if not talk.tools:
            return Turn("OK.")  # a side call, for example for the session's title
        with self._lock:
            self.asked.append(talk)
        turn = self._turn(talk)
        spot = (talk.session, talk.turn)
        with self._lock:
            if turn.fails is not None and self._failed[spot] < turn.fails.times:
                self._failed[spot] += 1
                return turn.fails
        return turn

    def wait_for(self, turn: Turn, while_waiting: Callable[[], None]) -> None:
        """Until the turn may begin."""
        pinged = time.monotonic()
        while turn.until is not None and not turn.until() and not self.closing.wait(_LOOK_SECONDS):
            if time.monotonic() > pinged + _PING_SECONDS:
                while_waiting()
                pinged = time.monotonic()

    def _turn(self, talk: Talk) -> Turn:
        script = next((script for script in self.scripts if script.when(talk)), Script([]))
        if talk.turn >= len(script.turns):
            return THE_END
        step = script.turns[talk.turn]
        if isinstance(step, Turn):
            return step
        try:
            return step(talk)
        except Exception as error:  # noqa: BLE001 (a script is a test's own code: the test is told, the client too)
            problem = f"turn {talk.turn}: {type(error).__name__}: {error}; last: {talk.results[-1:]}"
            self.problems.append(problem)
            return Turn(f"The script failed at {problem}")
