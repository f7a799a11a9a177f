"""The REST application: guards, routers, errors, OpenAPI."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

from aiworker.edge.api import (
    agent_pool,
    agents,
    analytics,
    attempts,
    audit,
    batches,
    deployments,
    executions,
    forge_people,
    groups,
    health,
    imports,
    keys,
    modules,
    projects,
    questions,
    reviews,
    robot_batches,
    robots,
    schedules,
    session,
    tasks,
    webhooks,
)
from aiworker.edge.api.context import AnyCaller, ApiContext
from aiworker.edge.api.docs import docs_page
from aiworker.edge.api.errors import add_error_answers
from aiworker.edge.api.routing import api_router
from aiworker.edge.guards import BodyLimit, Guard, RequestLog
from aiworker.wire.base import ListAnswer, Wire

_DOCS_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_BATCHES = (
    "/api/executions/end",
    "/api/executions/report",
    "/api/robots/batches",
)
_ANY_HOST = ("/api/health", "/api/ready")
ROUTERS: Sequence[APIRouter] = (
    health.router,
    session.public,
    session.router,
    keys.router,
    audit.router,
    projects.router,
    tasks.router,
    questions.router,
    agents.router,
    agent_pool.router,
    attempts.router,
    groups.router,
    groups.merge,
    deployments.router,
    modules.router,
    robot_batches.router,
    reviews.router,
    robots.router,
    executions.router,
    batches.router,
    schedules.router,
    schedules.times,
    analytics.router,
    forge_people.router,
    imports.router,
    webhooks.router,
)
# Routes are tried in turn, and workers ask far more often than people: most often of their executions.
_OF_WORKERS = (
    executions.router,
    batches.router,
    modules.router,
    robot_batches.router,
    reviews.router,
    robots.router,
)


class EndPoint(Wire):
    """One thing that can be asked."""

    method: str
    path: str
    summary: str


def api_app(context: ApiContext, routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """An ASGI application that serves `/api/…`."""
    first = [router for router in _OF_WORKERS if router in routers]
    app = _routed(context.version, [*first, *(router for router in routers if router not in first)])
    app.state.context = context
    add_error_answers(app)
    # The last one added sees a request first.
    app.add_middleware(BodyLimit, batches=_BATCHES)
    app.add_middleware(Guard, hosts=context.hosts, any_host=_ANY_HOST)
    app.add_middleware(RequestLog)
    return app


def describe(version: str) -> dict[str, Any]:
    """The OpenAPI description, for programs that are written against it."""
    return _schema(_routed(version, ROUTERS))


def _routed(version: str, routers: Sequence[APIRouter]) -> FastAPI:
    app = FastAPI(
        title="AiWorker",
        version=version,
        summary="Takes a team's backlog to production with AI coding agents, with people in charge.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    # Not `include_router`: that makes each route once more for each application, at its first request, and tries it
    # twice for each one. Ours know their whole path.
    app.router.routes.extend(route for router in (*routers, _about(app)) for route in router.routes)
    return app


def _about(app: FastAPI) -> APIRouter:
    about = api_router("about", "")
    writing = asyncio.Lock()

    async def schema() -> dict[str, Any]:
        # The first time it takes so long that all other requests would feel it.
        async with writing:
            return await asyncio.to_thread(_schema, app)

    @about.get("/")
    async def list_end_points(_caller: AnyCaller) -> ListAnswer[EndPoint]:  # pyright: ignore[reportUnusedFunction]
        """Every end point."""
        found = [
            EndPoint(method=method.upper(), path=path, summary=str(operation.get("summary", "")))
            for path, operations in (await schema())["paths"].items()
            for method, operation in operations.items()
        ]
        return ListAnswer(data=found, count=len(found))

    @about.get("/openapi.json", include_in_schema=False)
    async def openapi(_caller: AnyCaller) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """The OpenAPI 3.1 description."""
        return await schema()

    @about.get("/docs", include_in_schema=False, response_class=HTMLResponse)
    async def docs(_caller: AnyCaller) -> HTMLResponse:  # pyright: ignore[reportUnusedFunction]
        """The same to read."""
        return HTMLResponse(docs_page(await schema()), headers={"content-security-policy": _DOCS_POLICY})

    return about


def _schema(app: FastAPI) -> dict[str, Any]:
    """The description with its security: everywhere but on public routes, a key or a session."""
    if app.openapi_schema is None:
        schema = app.openapi()
        schema.setdefault("components", {})["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer", "description": "An API key."},
            "session": {"type": "apiKey", "in": "cookie", "name": "aiworker_session"},
        }
        schema["security"] = [{"key": []}, {"session": []}]
        for path in ("/api/health", "/api/ready"):
            schema["paths"][path]["get"]["security"] = []
        for path in ("/api/session", "/api/webhooks/gitea"):
            schema["paths"][path]["post"]["security"] = []
    return app.openapi()
