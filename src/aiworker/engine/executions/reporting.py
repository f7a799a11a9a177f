"""What workers tell while they work, of many executions at a time: a few statements, however many they are."""

from collections.abc import Mapping, Sequence

from aiworker.engine.checkpoints import queries as checkpoints
from aiworker.engine.executions import queries, states
from aiworker.engine.executions.records import Execution
from aiworker.engine.executions.steps import StepBook
from aiworker.engine.robots import queries as robots
from aiworker.engine.types.hiding import Secrets
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import Report, ReportAnswer

_SAYS_NOTHING_OF_THE_WORK = frozenset({"execute_id", "lease_token", "log"})


def report_many(tx: Tx, told: Mapping[str, Sequence[Report]]) -> dict[str, ReportAnswer]:
    """Take the reports of executions, by their ids, each in order; what each is to do."""
    return report_on(tx, _lock(tx, told), told)


def report_on(tx: Tx, locked: Sequence[Execution], told: Mapping[str, Sequence[Report]]) -> dict[str, ReportAnswer]:
    """The same, of executions that are locked already; who tells of a checkpoint has locked their robots, too."""
    told = _hidden(tx, locked, told)
    names = {report.step.name for reports in told.values() for report in reports if report.step is not None}
    book = StepBook(tx, [execution.execute_id for execution in locked], sorted(names))
    answers = {execute_id: ReportAnswer(directive="lost") for execute_id in told}
    changes: list[tuple[Execution, Execution]] = []
    saved: dict[str, checkpoints.Checkpoint] = {}
    for before in locked:
        after, directive = before, answers[before.execute_id].directive
        for report in told[before.execute_id]:
            if (directive := states.directive(before, report.lease_token)) in states.OVER:
                break
            after = states.reported(after, report, tx.now)
            if report.step is not None:
                after = book.record(after, report.step)
            if report.checkpoint is not None:
                saved[after.robot_id] = checkpoints.Checkpoint(after.execute_id, report.checkpoint)
            _announce(tx, after, report)
        over = directive in states.OVER
        answers[before.execute_id] = ReportAnswer(
            directive=directive, lease_expires_at=None if over else after.lease_expires_at
        )
        changes.append((before, after))
    book.write()
    checkpoints.save_many(tx, saved)
    queries.save_many(tx, changes)
    return answers


def _lock(tx: Tx, told: Mapping[str, Sequence[Report]]) -> list[Execution]:
    """Those that exist. The robots first, as everywhere, unless there is but one lock to take."""
    execute_ids = sorted(told)
    if len(execute_ids) == 1 and not any(report.checkpoint is not None for report in told[execute_ids[0]]):
        execution = queries.lock(tx, execute_ids[0])
        return [] if execution is None else [execution]
    seen = queries.by_ids(tx, execute_ids)
    if not seen:
        return []
    robots.lock_many(tx, sorted({one.robot_id for one in seen}))
    return queries.lock_many(tx, sorted(one.execute_id for one in seen))


def _hidden(
    tx: Tx, locked: Sequence[Execution], told: Mapping[str, Sequence[Report]]
) -> Mapping[str, Sequence[Report]]:
    """The same without what is sensitive in the robots' inputs; it is read only where something is said in words."""
    telling = {
        one.execute_id: one.robot_id
        for one in locked
        if one.contains_sensitive_data
        and any(report.log or report.step or report.current_step for report in told[one.execute_id])
    }
    of_robot = {robot.robot_id: Secrets.of(robot) for robot in robots.by_ids(tx, sorted(set(telling.values())))}
    hidden = {
        execute_id: [of_robot[robot_id].hide_in_report(report) for report in told[execute_id]]
        for execute_id, robot_id in telling.items()
    }
    return {**told, **hidden}


def _announce(tx: Tx, execution: Execution, report: Report) -> None:
    room = f"robot:{execution.robot_id}"
    for line in report.log:
        data = {
            "robotId": execution.robot_id,
            "executeId": execution.execute_id,
            "moduleName": execution.module_name,
            "level": line.level,
            "message": line.message,
        }
        tx.announce(room, "execution:log", data)
    if report.model_fields_set <= _SAYS_NOTHING_OF_THE_WORK:
        return
    data = {
        "robotId": execution.robot_id,
        "executeId": execution.execute_id,
        "moduleName": execution.module_name,
        "progressPercentage": execution.progress_percentage,
        "currentStep": execution.current_step,
        "stepCategory": execution.step_category.value,
        "completedSteps": execution.completed_steps,
        "totalSteps": execution.total_steps,
    }
    tx.announce(room, "execution:progress", data)
