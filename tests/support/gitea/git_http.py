"""git over HTTP as the fake Gitea serves it: git's own http-backend over its bare repositories."""

import asyncio
import os
import re

from starlette.requests import Request
from starlette.responses import Response

from tests.support.gitea.changes import Changes, Refused
from tests.support.gitea.world import Repository, Token

_PUSH = "git-receive-pack"
_NEEDS = {"git-upload-pack": "read:repository", "git-receive-pack": "write:repository"}
_PATH = re.compile(r"/(?P<name>[^/]+/[^/]+?)\.git/(?P<rest>info/refs|git-upload-pack|git-receive-pack)")


async def serve(request: Request, changes: Changes, token: Token | None) -> Response:
    """One request of git. Fetches may go beside each other; a push has the repository to itself."""
    found = _PATH.fullmatch(request.url.path)
    if found is None:
        return Response("Not found.", 404)
    moved = changes.world.moved.get(found["name"].lower())
    if moved is not None:
        return Response("", 307, {"Location": f"/{moved}.git/{found['rest']}?{request.url.query}"})
    service = request.query_params.get("service", found["rest"])
    try:
        repository, login = _admit(changes, token, found["name"], service)
    except Refused as refused:
        headers = {"WWW-Authenticate": 'Basic realm="Gitea"'} if refused.status == 401 else {}
        return Response(refused.message, refused.status, headers, "text/plain")
    if service != _PUSH or request.method != "POST":
        return await _backend(request, repository, login, found["rest"])
    async with repository.lock:
        before = repository.branches()
        answer = await _backend(request, repository, login, found["rest"])
        changes.pushed(repository, login, before)
        return answer


def _admit(changes: Changes, token: Token | None, name: str, service: str) -> tuple[Repository, str]:
    if token is None:
        raise Refused(401, "Unauthorized")
    repository = changes.world.find(name)
    may = None if repository is None else repository.may.get(token.login)
    if repository is None or may is None:
        raise Refused(404, "Not found.")
    if not token.scopes & {_NEEDS.get(service, ""), "write:repository"} or (service == _PUSH and may == "read"):
        raise Refused(403, "Forbidden")
    if service == _PUSH and repository.archived:
        raise Refused(403, "This repo is archived. You can view files and clone it, but cannot push.")
    return repository, token.login


async def _backend(request: Request, repository: Repository, login: str, rest: str) -> Response:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PROJECT_ROOT": str(repository.path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repository.path.name}/{rest}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.url.query,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REMOTE_USER": login,
        "REMOTE_ADDR": "127.0.0.1",
    }
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate(await request.body())
    head, _, body = out.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200").split()[0])
    return Response(body, status, headers)
