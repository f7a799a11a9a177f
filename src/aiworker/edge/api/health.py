"""Is it alive, is it ready: for whoever watches it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response
from pydantic import Field

from aiworker.core.errors import AiWorkerError
from aiworker.edge.api.context import ApiContext, Check, context_of
from aiworker.edge.api.routing import identify, public_router
from aiworker.storage.cache_table import SYSTEM_HEALTH
from aiworker.wire.base import Timestamp, Wire

router = public_router("health")
_CHECK_SECONDS = 2.0


class Health(Wire):
    """`checks` is for those who have a credential."""

    status: str = Field(description="`ok`; `degraded`: it answers, but a neighbour is away; or `unavailable`.")
    timestamp: Timestamp
    version: str
    checks: dict[str, str] | None = Field(default=None, description="`ok` or what is wrong, by neighbour.")


@router.get("/health", response_model=Health, response_model_exclude_none=True)
async def health(request: Request) -> Any:
    """Whether this process answers. A neighbour that is away does not make it sick: it must not be restarted for it."""
    context = context_of(request)
    checks = await checked(context) if await _may_know(request) else None
    return _health(context, _status(context, checks), checks)


@router.get("/ready", response_model=Health, response_model_exclude_none=True, responses={503: {"model": Health}})
async def ready(request: Request, response: Response) -> Any:
    """Whether requests should come here: the database answers."""
    context = context_of(request)
    state = await _check(context.database.ping)
    checks = await checked(context) if await _may_know(request) else None
    if state != "ok":
        response.status_code = 503
        return _health(context, "unavailable", checks)
    return _health(context, _status(context, checks), checks)


def _health(context: ApiContext, status: str, checks: dict[str, str] | None) -> Health:
    return Health(status=status, timestamp=datetime.now(UTC), version=context.version, checks=checks)


async def _may_know(request: Request) -> bool:
    try:
        await identify(request)
    except AiWorkerError:
        return False
    return True


def _status(context: ApiContext, checks: dict[str, str] | None) -> str:
    well = not context.degraded() and all(state == "ok" for state in (checks or {}).values())
    return "ok" if well else "degraded"


async def checked(context: ApiContext) -> dict[str, str]:
    """The state of each neighbour, through the cache unless one is known to be away."""
    if context.degraded():
        return await _ask(context)
    return await context.cache.get(SYSTEM_HEALTH.key(), SYSTEM_HEALTH.seconds, dict[str, str], lambda: _ask(context))


async def _ask(context: ApiContext) -> dict[str, str]:
    checks = {"database": context.database.ping, **context.checks}
    states = await asyncio.gather(*(_check(check) for check in checks.values()))
    return dict(zip(checks, states, strict=True))


async def _check(check: Check) -> str:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except AiWorkerError as error:
        return error.message
    except TimeoutError:
        return f"It does not answer within {_CHECK_SECONDS:.0f} s."
    except Exception:  # noqa: BLE001 (whatever a neighbour does, health answers)
        return "It does not answer."
    return "ok"
