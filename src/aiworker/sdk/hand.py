"""One robot in this process, from its claim to its ending."""

import asyncio
import time
from concurrent.futures import Future

from aiworker.core.sayings import Sentence
from aiworker.sdk.handlers import Handler
from aiworker.sdk.notes import Notes
from aiworker.sdk.standing import Standing
from aiworker.wire.batches import Ending
from aiworker.wire.engine import ClaimedRobot, Directive, Release
from aiworker.wire.telling import telling

MODULE_STOPS = Sentence("module_stops", "the module stops")


class Hand:
    """What is known of a robot here. Times are of the monotonic clock."""

    def __init__(self, robot: ClaimedRobot, handler: Handler, lease_seconds: float) -> None:
        self.robot = robot
        self.handler = handler
        self.notes = Notes(robot.execute_id, robot.lease_token)
        self.standing = Standing()
        self.future: Future[Ending] | None = None
        self.task: asyncio.Task[None] | None = None
        self.given_back = False
        self._lease_seconds = lease_seconds
        # When the server was last known to have renewed the lease.
        self.confirmed = time.monotonic()

    @property
    def lease_is_over(self) -> bool:
        """Whether the server has surely given it up, as far as can be known without asking."""
        return time.monotonic() > self.confirmed + self._lease_seconds

    def silent_for(self, seconds: float) -> bool:
        """Whether nothing was told for so long."""
        return time.monotonic() > self.confirmed + seconds

    def obey(self, directive: Directive, asked_at: float) -> None:
        """What the server answered to what it was asked then."""
        self.standing.obey(directive)
        if self.standing.over is None:
            self.confirmed = max(self.confirmed, asked_at)
        else:
            self.interrupt()

    def end(self, why: str) -> None:
        """It is not to go on here."""
        self.standing.end(why)
        self.interrupt()

    def interrupt(self) -> None:
        """A coroutine is cancelled; others look at their standing."""
        if self.future is not None and self.handler.place == "loop":
            self.future.cancel()

    def release(self) -> Ending:
        """The ending of a robot that is given back, because its module stops."""
        why = MODULE_STOPS()
        given_back = Release(lease_token=self.robot.lease_token, reason=why.words, told=telling(why.told))
        return Ending(execute_id=self.robot.execute_id, release=given_back)
