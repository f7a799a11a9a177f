"""Submitting many robots, seeing how far they are, and ending them together."""

from collections.abc import Collection, Mapping
from contextlib import suppress

from aiworker.core.paging import Cursor
from aiworker.engine.batches import queries
from aiworker.engine.batches.errors import BatchNotFound, WrongRobots
from aiworker.engine.batches.records import Batch, Progress, Submitted
from aiworker.engine.changes import Changes, Work, tell
from aiworker.engine.owners import RobotChange, Transition
from aiworker.engine.robots.errors import IllegalMove, ModuleLacksType, SystemRobotType, UnknownRobotType
from aiworker.engine.robots.service import Robots
from aiworker.engine.robots.states import cancelled
from aiworker.engine.types.errors import InputRefused
from aiworker.storage.outbox.events import SYSTEM_FEED, Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot, RobotStatus

_REFUSALS = (UnknownRobotType, ModuleLacksType, SystemRobotType, InputRefused)
_AT_ONCE = 500
_RETRIED_AT_ONCE = 100


class Batches:
    """Robots of one correlation id. `among`: only robots of these modules are there."""

    def __init__(self, changes: Changes, robots: Robots) -> None:
        self._changes = changes
        self._robots = robots

    def submit(
        self,
        tx: Tx,
        correlation_id: str,
        new_robots: Mapping[int, NewRobot],
        *,
        by: str,
        partial: bool,
        among: Collection[str] | None = None,
    ) -> Submitted:
        """All of them or none; `partial`: those that can be taken, and why the others cannot. By their places.

        Raises: WrongRobots, unless `partial`.
        """
        refused = self._robots.refusals(tx, new_robots, among=among) if partial else {}
        mine = {
            place: new.model_copy(update={"correlation_id": correlation_id})
            for place, new in new_robots.items()
            if place not in refused
        }
        wanted = list(mine.values())
        try:
            made = self._robots.submit(tx, wanted, age=None, by=by, outside=True, among=among) if mine else []
        except _REFUSALS as error:
            # Which ones they are is looked up only now: mostly there are none. None: somebody has mended it meanwhile.
            if not (wrong := self._robots.refusals(tx, mine, among=among)):
                raise
            raise WrongRobots(wrong) from error
        shared = sum(robot.correlation_id != correlation_id for robot in made)
        if made:
            queries.note(tx, correlation_id, by=by, asked=len(made), shared=shared)
            data = {"correlationId": correlation_id, "robots": len(made), "by": by}
            tx.emit(Event(SYSTEM_FEED, f"batch:{correlation_id}", "batch:submitted", data))
        return Submitted(dict(zip(mine, made, strict=True)), shared, refused)

    def get(
        self, tx: Tx, correlation_id: str, *, among: Collection[str] | None = None
    ) -> tuple[Batch | None, Progress]:
        """How far it is; robots that were only given the same correlation id are a batch too. Raises: BatchNotFound."""
        batch = queries.find(tx, correlation_id)
        progress = queries.progress(tx, [correlation_id], among=among)[correlation_id]
        if (batch is None or among is not None) and not progress.total:
            raise BatchNotFound(correlation_id)
        return batch, progress

    def listed(
        self, tx: Tx, *, limit: int, cursor: str | None, among: Collection[str] | None = None
    ) -> tuple[list[tuple[Batch, Progress]], str | None]:
        """Newest first, each with how far it is, and the cursor of the next page."""
        found = queries.listed(tx, among=among, after=Cursor.decode(cursor), limit=limit + 1)
        page = found[:limit]
        progress = queries.progress(tx, [batch.correlation_id for batch in page], among=among) if page else {}
        following = Cursor(0, page[-1].made_at, page[-1].correlation_id).encode() if len(found) > limit else None
        return [(batch, progress[batch.correlation_id]) for batch in page], following

    def cancel(
        self, tx: Tx, correlation_id: str, *, by: str, reason: str | None, among: Collection[str] | None = None
    ) -> int:
        """End up to 500 of those that are not over, the waiting ones first; how many. 0: all are over.

        Raises: BatchNotFound, OwnedRobot.
        """
        if among is not None or queries.find(tx, correlation_id) is None:
            self.get(tx, correlation_id, among=among)
        waiting = queries.waiting(tx, correlation_id, _AT_ONCE, among=among)
        for robot in waiting:
            self._changes.owners.refuse_outsiders(robot, as_owner=False)
        after = [cancelled(robot, tx.now, by=by, reason=reason) for robot in waiting]
        if after:
            queries.save_cancelled(tx, after)
            for robot in after:
                tell(tx, Work(robot), Transition.CANCELLED)
                self._changes.tell_owner(tx, RobotChange(Transition.CANCELLED, robot, None, by, reason))
            return len(after)
        # Those that are being worked on are as many as there are workers.
        running = queries.with_status(tx, correlation_id, RobotStatus.PROCESSING, _AT_ONCE, among=among)
        for robot_id in running:
            # It may have ended by itself since.
            with suppress(IllegalMove):
                self._robots.cancel(tx, robot_id, by=by, reason=reason, as_owner=False)
        if not running and among is None:
            queries.mark_cancelled(tx, correlation_id, tx.now)
        return len(running)

    def retry(self, tx: Tx, correlation_id: str, *, by: str, among: Collection[str] | None = None) -> int:
        """Send up to 100 of those that FAILED back to wait, with all their tries; how many.

        Raises: BatchNotFound, OwnedRobot.
        """
        self.get(tx, correlation_id, among=among)
        failed = queries.with_status(tx, correlation_id, RobotStatus.FAILED, _RETRIED_AT_ONCE, among=among)
        for robot_id in failed:
            with suppress(IllegalMove):
                self._robots.retry(tx, robot_id, by=by, as_owner=False)
        return len(failed)
