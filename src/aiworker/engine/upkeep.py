"""Upkeep: what the clock does. Everything here may run in many processes at once; each piece is done by one."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiworker.engine.changes import wake
from aiworker.engine.executions import queries as executions
from aiworker.engine.executions.service import Executions
from aiworker.engine.modules import queries as modules
from aiworker.engine.modules import service as modules_service
from aiworker.engine.modules.routing import answers_to, away_from
from aiworker.engine.modules.service import route
from aiworker.engine.owners import Transition
from aiworker.engine.queues import queries as queues
from aiworker.engine.queues.service import claim_topic
from aiworker.engine.robots import queries as robots
from aiworker.engine.robots.states import rerouted
from aiworker.storage.transaction import Tx
from aiworker.storage.troubles import spoils_the_unit

logger = logging.getLogger(__name__)

# How long a change that its owner could not take is left alone.
_POSTPONED = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Tick:
    """What one round of upkeep did. `next_at`: when there is something to do again, as far as is known now."""

    due: int
    lost: int
    parked: int
    timed_out: int
    next_at: datetime | None


class Upkeep:
    """Makes due robots claimable, ends leases and time-outs that are over, moves robots away from ill modules."""

    def __init__(self, upkept: Executions) -> None:
        self._executions = upkept

    def tick(self, tx: Tx, limit: int) -> Tick:
        """One round, at most `limit` of each kind."""
        due = self._make_due_ready(tx, limit)
        ended = self._end_what_is_over(tx, limit)
        return Tick(
            due=due,
            lost=ended.count(Transition.LOST),
            parked=ended.count(Transition.PARKED),
            timed_out=ended.count(Transition.FAILED),
            next_at=next_at(tx),
        )

    def reroute(self, tx: Tx, limit: int) -> int:
        """Move robots that wait for a module that is not well to the next best; how many moved."""
        moved = 0
        for ill in modules.not_well(tx):
            if moved < limit:
                moved += self._move_away(tx, ill.module_name, limit - moved)
        modules_service.switch_off_drained(tx)
        return moved

    def _move_away(self, tx: Tx, name: str, limit: int) -> int:
        """Those of a module's waiting robots for whom another one is well; whoever asked for this very one stays."""
        waiting = robots.kinds_waiting_for(tx, name)
        types = sorted({robot_type for robot_type, _ in waiting})
        known = modules.candidates(tx, types).of_type if types else {}
        moved = 0
        for robot_type, asked in waiting:
            meant = [one for one in known.get(robot_type, ()) if asked is None or answers_to(one, asked)]
            if moved >= limit or not any(one.well for one in meant):
                continue
            movers = robots.waiting_for(tx, name, robot_type, asked, limit - moved)
            decisions, _ = route(tx, [(robot_type, asked)] * len(movers))
            for robot, routed in zip(movers, decisions.get((robot_type, asked), ()), strict=True):
                decision = away_from(routed, name)
                lane_id = queues.lane_for(tx, decision.module_name, robot.queue, robot.needs)
                after = rerouted(robot, decision, lane_id, tx.now)
                robots.save(tx, robot, after)
                wake(tx, robot, after)
                moved += 1
        return moved

    def _make_due_ready(self, tx: Tx, limit: int) -> int:
        due = robots.due(tx, limit)
        robots.make_ready(tx, [robot.robot_id for robot in due])
        for module_name in {robot.module_name for robot in due}:
            tx.wake(claim_topic(module_name))
        return len(due)

    def _end_what_is_over(self, tx: Tx, limit: int) -> list[Transition]:
        ended: list[Transition] = []
        for execute_id in executions.expired(tx, limit):
            try:
                with tx.savepoint():
                    transition = self._executions.check(tx, execute_id)
            except Exception as error:
                if spoils_the_unit(error):
                    raise
                # One owner that fails must not keep the leases of all others alive.
                logger.exception("execution %s is over, but its owner could not take it; later again", execute_id)
                self._executions.postpone_check(tx, execute_id, tx.now + _POSTPONED)
            else:
                if transition is not None:
                    ended.append(transition)
        return ended


def next_at(tx: Tx) -> datetime | None:
    """When the next robot is due, or the next lease or time-out over."""
    moments = (robots.next_due(tx), executions.next_check(tx))
    return min((moment for moment in moments if moment is not None), default=None)
