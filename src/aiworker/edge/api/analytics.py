"""How the modules stand: who gets which robots, and who does best. Both are read through the cache."""

from bisect import bisect_left
from dataclasses import asdict

from aiworker.edge.api.context import ApiContext, Context, Reader
from aiworker.edge.api.routing import api_router
from aiworker.engine.modules.records import Score
from aiworker.engine.modules.routing import Candidate
from aiworker.storage.cache_table import ROUTING_TABLE, SCOREBOARD
from aiworker.wire.base import ListAnswer
from aiworker.wire.engine import Route, RoutedModule, Standing

router = api_router("analytics", "/analytics")


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
