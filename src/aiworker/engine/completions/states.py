"""How an execution ends well. Nothing here touches a database."""

from datetime import datetime, timedelta

from aiworker.engine.completions.records import Ending, Running
from aiworker.engine.executions.states import efficiency, worked_between
from aiworker.engine.reviews.records import WAITING, Review
from aiworker.wire.engine import Complete


def ending(running: Running, result: Complete, now: datetime, *, by: str | None, steps: int) -> Ending:
    """What a completion writes. `steps`: how many are completed in the end."""
    worked = worked_between(running.started_at, now, paused_at=running.paused_at, paused_ms=running.paused_ms)
    return Ending(
        execute_id=running.execute_id,
        robot_id=running.robot_id,
        moves=running.moves,
        ended_by=by,
        output_data=result.output_data,
        completeness_score=_or(result.completeness_score, running.completeness_score),
        confidence_score=_or(result.confidence_score, running.confidence_score),
        processing_time_ms=worked,
        actual_duration_minutes=round(worked / 60_000),
        duration_ms=worked,
        paused_ms=(now - running.started_at) // timedelta(milliseconds=1) - worked,
        completed_steps=steps,
        total_steps=max(steps, running.total_steps),
        efficiency_score=efficiency(running.estimated_duration_minutes, worked),
    )


def too_little(running: Running, result: Complete) -> str | None:
    """Why a person has to look at a result first; None if it may count as it is. What is not told counts as nothing."""
    wanted = (
        ("completeness", result.completeness_score, running.required_completeness),
        ("confidence", result.confidence_score, running.required_confidence),
    )
    short = [
        f"{name} {score if score is not None else 'not told'}, {least} is wanted"
        for name, score, least in wanted
        if least is not None and (score or 0) < least
    ]
    return "; ".join(short) or None


def held(running: Running, result: Complete, why: str, now: datetime) -> Review:
    """The result, kept for a person to look at."""
    return Review(
        robot_id=running.robot_id,
        execute_id=running.execute_id,
        output_data=result.output_data,
        completeness_score=result.completeness_score,
        confidence_score=result.confidence_score,
        why=why,
        state=WAITING,
        asked_at=now,
        decided_at=None,
        decided_by=None,
        comment=None,
    )


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
