"""What is read into the cache before the first request comes."""

from aiworker.core.errors import AiWorkerError
from aiworker.core.logging import get_logger
from aiworker.edge.api.analytics import routing_table, scoreboard
from aiworker.edge.api.context import ApiContext
from aiworker.edge.api.health import checked
from aiworker.edge.api.modules import known_modules

_log = get_logger(__name__)


async def warm(context: ApiContext) -> None:
    """Read what everybody asks for. What cannot be read now is read when it is asked for."""
    try:
        await known_modules(context)
        await routing_table(context)
        await scoreboard(context)
        await checked(context)
    except AiWorkerError as error:
        _log.warning("cache_not_warmed", reason=error.message)
