"""How the modules stand, what they did, and where time is lost. Reports are read from where they were stored."""

from bisect import bisect_left
from dataclasses import asdict
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Query, Response

from aiworker.edge.api.context import ApiContext, Caller, Context, Limit, Reader, WithSystem
from aiworker.edge.api.csv import csv_answer
from aiworker.edge.api.routing import api_router
from aiworker.engine.analytics.paces import paces
from aiworker.engine.analytics.periods import LENGTHS, period_at
from aiworker.engine.analytics.service import next_count, report, stored
from aiworker.engine.modules.records import Score
from aiworker.engine.modules.routing import Candidate
from aiworker.engine.trends.records import TrendPoint as TrendRecord
from aiworker.engine.trends.service import moment_of, trends
from aiworker.storage.cache_table import ROUTING_TABLE, SCOREBOARD
from aiworker.wire.analytics import (
    BottleneckLine,
    CapacityLine,
    EfficiencyLine,
    ErrorLine,
    Paces,
    PerformanceLine,
    Report,
    ReportKind,
    ReportSummary,
    Route,
    RoutedModule,
    Standing,
    TrendPoint,
    Trends,
)
from aiworker.wire.base import Answer, ListAnswer, Wire

router = api_router("analytics", "/analytics")
L = TypeVar("L", bound=Wire)
PeriodName = Annotated[
    str | None,
    Query(max_length=10, description="A day (2026-11-21), a week (2026-W47) or a month (2026-11); else the newest."),
]
Form = Annotated[Literal["json", "csv"], Query(alias="format")]
AS_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("/routing")
async def get_routing_table(_caller: Reader, context: Context) -> ListAnswer[Route]:
    """Who gets robots of each type: the first module named, as long as it is well."""
    routes = [
        Route(robot_type=robot_type, modules=[RoutedModule.model_validate(candidate) for candidate in candidates])
        for robot_type, candidates in (await routing_table(context)).items()
    ]
    return ListAnswer(data=routes, count=len(routes))


@router.get("/modules")
async def get_scoreboard(_caller: Reader, context: Context) -> ListAnswer[Standing]:
    """The modules that are switched on by their score over the last 24 hours, the best first."""
    scores = await scoreboard(context)
    falling = [-score.performance_score for score in scores]
    standings = [
        Standing(place=1 + bisect_left(falling, -score.performance_score), **asdict(score)) for score in scores
    ]
    return ListAnswer(data=standings, count=len(standings))


@router.get("/performance", response_model=Answer[Report[PerformanceLine]], responses=AS_CSV)
async def get_performance(
    caller: Reader, period: PeriodName = None, form: Form = "json", system: WithSystem = True
) -> Any:
    """A day's tries by module and type: how many, how well, how long they took and waited."""
    return await _report(caller, ReportKind.PERFORMANCE, PerformanceLine, period, form, system=system)


@router.get("/errors", response_model=Answer[Report[ErrorLine]], responses=AS_CSV)
async def get_errors(caller: Reader, period: PeriodName = None, form: Form = "json", system: WithSystem = True) -> Any:
    """A week's failures by what they have in common: category, type, step and message."""
    return await _report(caller, ReportKind.ERRORS, ErrorLine, period, form, system=system)


@router.get("/capacity", response_model=Answer[Report[CapacityLine]], responses=AS_CSV)
async def get_capacity(
    caller: Reader, period: PeriodName = None, form: Form = "json", system: WithSystem = True
) -> Any:
    """A month's load by module and day: what ran and waited, how full it was, how long robots queued."""
    return await _report(caller, ReportKind.CAPACITY, CapacityLine, period, form, system=system)


@router.get("/efficiency", response_model=Answer[Report[EfficiencyLine]], responses=AS_CSV)
async def get_efficiency(
    caller: Reader, period: PeriodName = None, form: Form = "json", system: WithSystem = True
) -> Any:
    """A week's robots with an estimate: what was estimated against what it took."""
    return await _report(caller, ReportKind.EFFICIENCY, EfficiencyLine, period, form, system=system)


@router.get("/bottlenecks", response_model=Answer[Report[BottleneckLine]], responses=AS_CSV)
async def get_bottlenecks(
    caller: Reader, period: PeriodName = None, form: Form = "json", system: WithSystem = True
) -> Any:
    """A week's steps by type, those that take most time first."""
    return await _report(caller, ReportKind.BOTTLENECKS, BottleneckLine, period, form, system=system)


@router.get("/reports")
async def get_reports(caller: Reader, kind: ReportKind | None = None, limit: Limit = 100) -> ListAnswer[ReportSummary]:
    """What reports are stored, the latest periods first; each is read at the address of its kind with `?period=`."""
    found = [ReportSummary.model_validate(one) for one in await caller.read(stored, kind, limit=limit)]
    return ListAnswer(data=found, count=len(found))


@router.get("/trends", response_model=Answer[Trends], responses=AS_CSV)
async def get_trends(
    caller: Reader,
    module_name: Annotated[str | None, Query(alias="moduleName", max_length=100)] = None,
    hours: Annotated[int, Query(ge=1, le=720)] = 24,
    form: Form = "json",
) -> Any:
    """Load, queue, errors and resources of one module or all of them, by the minute; longer times in pieces."""
    step, found = await caller.read(trends, module_name, hours=hours)
    points = [_point(one) for one in found]
    if form == "csv":
        return csv_answer("trends", TrendPoint, points)
    return Answer(data=Trends(step_minutes=step, points=points))


@router.get("/paces")
async def get_paces(
    caller: Reader,
    module_name: Annotated[str, Query(alias="moduleName", min_length=1, max_length=100)],
    hours: Annotated[int, Query(ge=1, le=720)] = 24,
) -> Answer[Paces]:
    """How long a module's tries took and its robots waited: over a day in pieces, over longer times by the day (UTC),
    as the stored reports have it."""
    return Answer(data=await caller.read(paces, module_name, hours=hours))


async def _report(
    caller: Caller, kind: ReportKind, line: type[L], period: str | None, form: str, *, system: bool
) -> Response:
    found = await caller.read(report, kind, period, system=system)
    name = found.period if found is not None else period_at(LENGTHS[kind], await caller.read(lambda tx: tx.now)).name
    lines = [line.model_validate(one) for one in found.data] if found is not None else []
    if form == "csv":
        return csv_answer(f"{kind}-{name}", line, lines)
    complete = found is not None and found.complete
    told = Report[line](
        kind=kind,
        period=name,
        made_at=found.made_at if found is not None else None,
        next_at=None if complete else await caller.read(next_count, kind),
        complete=complete,
        lines=lines,
    )
    # Encoded here: FastAPI would first turn ten thousand lines into as many dictionaries.
    return Response(Answer[Report[line]](data=told).model_dump_json(by_alias=True), media_type="application/json")


def _point(one: TrendRecord) -> TrendPoint:
    values = {**asdict(one), "at": moment_of(one.minute), "error_rate": one.failed / one.ended if one.ended else 0.0}
    return TrendPoint.model_validate(values)


async def routing_table(context: ApiContext) -> dict[str, list[Candidate]]:
    """Who does robots of each type, the best first. Whoever makes a robot looks at the modules themselves."""
    return await context.cache.get(
        ROUTING_TABLE.key(),
        ROUTING_TABLE.seconds,
        dict[str, list[Candidate]],
        lambda: context.database.read(context.engine.routing_table),
    )


async def scoreboard(context: ApiContext) -> list[Score]:
    """The modules that are switched on, the best score first."""
    return await context.cache.get(
        SCOREBOARD.key(), SCOREBOARD.seconds, list[Score], lambda: context.database.read(context.engine.scoreboard)
    )
