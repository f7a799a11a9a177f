"""A Gitea for tests: a real HTTP server with state, whose repositories are real, and which can misbehave.

    async with fake_gitea(tmp_path) as gitea:
        gitea.user("ada")
        shop = gitea.repository("team/shop", ada="admin", aiworker="write")
        gitea.trouble("POST /repos/*/pulls/*/merge", Answer(405, "Please try again later"))
        async with gitea.client("ada") as ada:      # what a person does by hand
            await ada.post("/repos/team/shop/issues", json={"title": "Broken"})
        await gitea.deliveries.settled()            # every webhook has been sent

Each exchange is held to the description of the real API; the context ends with an error if one does not fit.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.support.descriptions import Description
from tests.support.gitea import git_http, repositories_api, talk_api
from tests.support.gitea.api import Asked
from tests.support.gitea.changes import Changes, Refused
from tests.support.gitea.deliveries import Deliveries
from tests.support.gitea.shapes import Shapes
from tests.support.gitea.world import ALL_SCOPES, Repository, Token, World
from tests.support.http_server import free_socket, serving

_API = "/api/v1"
_ALWAYS = frozenset({401, 403, 404, 423, 429, 500, 502, 503, 504, 301, 307})
Call = Callable[[Asked], Awaitable[Response]]

_CALLS: dict[str, Call] = {
    "GET /version": repositories_api.version,
    "GET /user": repositories_api.user,
    "POST /user/repos": repositories_api.make,
    "POST /orgs/{org}/repos": repositories_api.make,
    "GET /repos/{owner}/{repo}": repositories_api.get,
    "PATCH /repos/{owner}/{repo}": repositories_api.edit,
    "DELETE /repos/{owner}/{repo}": repositories_api.remove,
    "GET /repos/{owner}/{repo}/hooks": repositories_api.list_hooks,
    "POST /repos/{owner}/{repo}/hooks": repositories_api.add_hook,
    "PATCH /repos/{owner}/{repo}/hooks/{id:int}": repositories_api.edit_hook,
    "DELETE /repos/{owner}/{repo}/hooks/{id:int}": repositories_api.remove_hook,
    "GET /repos/{owner}/{repo}/commits/{ref}/status": repositories_api.combined_status,
    "POST /repos/{owner}/{repo}/statuses/{sha}": repositories_api.add_status,
    "GET /repos/{owner}/{repo}/pulls": talk_api.list_pulls,
    "POST /repos/{owner}/{repo}/pulls": talk_api.open_pull,
    "GET /repos/{owner}/{repo}/pulls/{index:int}": talk_api.get_pull,
    "PATCH /repos/{owner}/{repo}/pulls/{index:int}": talk_api.edit_pull,
    "POST /repos/{owner}/{repo}/pulls/{index:int}/merge": talk_api.merge_pull,
    "GET /repos/{owner}/{repo}/pulls/{index:int}/reviews": talk_api.list_reviews,
    "POST /repos/{owner}/{repo}/pulls/{index:int}/reviews": talk_api.add_review,
    "GET /repos/{owner}/{repo}/pulls/{index:int}/reviews/{id:int}/comments": talk_api.list_lines,
    "GET /repos/{owner}/{repo}/issues": talk_api.list_issues,
    "POST /repos/{owner}/{repo}/issues": talk_api.open_issue,
    "GET /repos/{owner}/{repo}/issues/{index:int}": talk_api.get_issue,
    "PATCH /repos/{owner}/{repo}/issues/{index:int}": talk_api.edit_issue,
    "GET /repos/{owner}/{repo}/issues/{index:int}/comments": talk_api.list_comments,
    "POST /repos/{owner}/{repo}/issues/{index:int}/comments": talk_api.add_comment,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Trouble: this is answered, and nothing is done."""

    status: int
    message: str = "something went wrong"
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Cut:
    """Trouble: the connection breaks, before anything is done or (`after`) when it is done."""

    after: bool = False


@dataclass(frozen=True, slots=True)
class Slow:
    """Trouble: nothing happens until the event is set; `begun` is when it was asked for."""

    until: asyncio.Event
    begun: asyncio.Event = field(default_factory=asyncio.Event)


Trouble = Answer | Cut | Slow


class FakeGitea:
    """The server. `asked` is every request to the API, as `METHOD /path` below `/api/v1`."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.shapes = Shapes()
        self.deliveries = Deliveries()
        self.changes = Changes(self.world, self.shapes, self.deliveries)
        self.asked: list[str] = []
        self.problems: list[str] = []
        self._description = Description("gitea", always=_ALWAYS)
        self._troubles: list[tuple[str, Trouble]] = []
        routes = [
            Route(_API + path, self._endpoint(call), methods=[method])
            for method, _, path, call in ((*what.partition(" "), call) for what, call in _CALLS.items())
        ]
        git = Route("/{owner}/{repo}/{rest:path}", self._git, methods=["GET", "POST"])
        self._app = Starlette(routes=[*routes, git])

    @property
    def url(self) -> str:
        """Its address."""
        return self.shapes.url

    def user(self, login: str, *, token: str | None = None, scopes: frozenset[str] = ALL_SCOPES) -> str:
        """An account with a token (`token-ada` by default), or one more token for it; the token."""
        token = token or f"token-{login}"
        self.world.tokens[token] = Token(login, scopes)
        return token

    def repository(self, full_name: str, **may: str) -> Repository:
        """A new, empty repository, and who may `read`, `write` or `admin` it."""
        owner, _, name = full_name.partition("/")
        made = self.world.make(owner, name)
        made.may |= may
        return made

    def client(self, login: str) -> httpx2.AsyncClient:
        """A client of the API, as this person."""
        headers = {"Authorization": f"token token-{login}"}
        return httpx2.AsyncClient(base_url=self.url + _API, headers=headers, trust_env=False, timeout=60)

    def remote(self, login: str, repository: str) -> str:
        """The address from which this person's git clones."""
        return f"{self.url}/{repository}.git".replace("://", f"://{login}:token-{login}@")

    def trouble(self, pattern: str, *troubles: Trouble) -> None:
        """The next requests that match (`POST /repos/*/pulls`, `GET /team/shop.git/*`) get these troubles, in turn."""
        self._troubles += [(pattern, one) for one in troubles]

    def calm(self) -> None:
        """No more trouble."""
        self._troubles.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, with its trouble."""
        path: str = scope["path"].removeprefix(_API)
        trouble = self._next_trouble(f"{scope['method']} {path}")
        if isinstance(trouble, Slow):
            trouble.begun.set()
            await trouble.until.wait()
        if isinstance(trouble, Answer):
            if scope["path"].startswith(_API):
                self.asked.append(f"{scope['method']} {path}")
            refusal = JSONResponse(self._error(trouble.message), trouble.status, headers=trouble.headers)
            await refusal(scope, receive, send)
        elif isinstance(trouble, Cut):
            if trouble.after:
                await self._app(scope, receive, _nowhere)
            # An answer that never comes to its end is a broken connection.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
        else:
            await self._app(scope, receive, send)

    def _next_trouble(self, asked: str) -> Trouble | None:
        for place, (pattern, trouble) in enumerate(self._troubles):
            if fnmatch(asked, pattern):
                del self._troubles[place]
                return trouble
        return None

    def _endpoint(self, call: Call) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            body = json.loads(raw) if raw else None
            answer = await self._answer(call, request, body)
            path = request.url.path.removeprefix(_API)
            self.asked.append(f"{request.method} {path}")
            told = json.loads(bytes(answer.body)) if answer.body and answer.status_code < 400 else None
            query = dict(request.query_params)
            self.problems += self._description.problems(request.method, path, query, body, answer.status_code, told)
            return answer

        return endpoint

    async def _answer(self, call: Call, request: Request, body: Any) -> Response:
        try:
            token = _admitted(request, self._token(request))
            full_name = "/".join(str(request.path_params.get(part, "")) for part in ("owner", "repo"))
            if (moved := self.world.moved.get(full_name.lower())) is not None:
                rest = request.url.path.split("/", 6)[6:]
                return Response(b"", 301, {"Location": "/".join([f"{_API}/repos/{moved}", *rest])})
            return await call(Asked(request, self.changes, token, body or {}))
        except Refused as refused:
            return JSONResponse(self._error(refused.message), refused.status)

    async def _git(self, request: Request) -> Response:
        return await git_http.serve(request, self.changes, self._token(request))

    def _token(self, request: Request) -> Token | None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                user, _, password = base64.b64decode(given).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return None
            return self.world.tokens.get(password) or self.world.tokens.get(user)
        return self.world.tokens.get(given)

    def _error(self, message: str) -> dict[str, str]:
        return {"message": message, "url": f"{self.url}/api/swagger"}


def _admitted(request: Request, token: Token | None) -> Token:
    path = request.url.path.removeprefix(_API)
    if token is None:
        raise Refused(401, "token is required")
    kind = "user" if path.startswith("/user") else "repository"
    if path.split("/")[4:5] == ["issues"]:
        kind = "issue"
    needed = [f"{level}:{kind}" for level in (("read", "write") if request.method == "GET" else ("write",))]
    if path != "/version" and not token.scopes & set(needed):
        raise Refused(403, f"token does not have at least one of required scope(s): [{needed[0]}]")
    return token


async def _nowhere(_message: Any) -> None:
    pass


@asynccontextmanager
async def fake_gitea(folder: Path) -> AsyncGenerator[FakeGitea]:
    """A fake Gitea on a free port of this machine, with an account `aiworker` that may do everything."""
    gitea = FakeGitea(folder)
    gitea.user("aiworker")
    bound = free_socket()
    gitea.shapes.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    async with serving(gitea, bound):
        yield gitea
        await gitea.deliveries.settled()
    assert not gitea.problems, "\n".join(dict.fromkeys(gitea.problems))
