"""Repositories, hooks and commit statuses in the fake Gitea's API."""

from starlette.responses import JSONResponse, Response

from tests.support.gitea.api import Asked, empty
from tests.support.gitea.changes import Refused
from tests.support.gitea.deliveries import events_of
from tests.support.gitea.world import Hook, Repository, now

_STATES = {"pending", "success", "error", "failure", "warning"}
# The worst of them is the combined one.
_RANK = ["success", "warning", "pending", "failure", "error"]


async def version(asked: Asked) -> Response:
    """GET /version"""
    return JSONResponse({"version": "1.21.8"})


async def user(asked: Asked) -> Response:
    """GET /user"""
    return JSONResponse(asked.changes.shapes.user(asked.login))


async def make(asked: Asked) -> Response:
    """POST /user/repos, POST /orgs/{org}/repos"""
    owner = asked.request.path_params.get("org", asked.login)
    name = asked.text("name")
    if asked.changes.world.find(f"{owner}/{name}") is not None:
        raise Refused(409, "The repository with the same name already exists.")
    made = asked.changes.world.make(owner, name, default_branch=asked.body.get("default_branch") or "main")
    made.may[asked.login] = "admin"
    return JSONResponse(asked.changes.shapes.repository(made, asked.login), 201)


async def get(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}"""
    return JSONResponse(asked.changes.shapes.repository(asked.repository(), asked.login))


async def edit(asked: Asked) -> Response:
    """PATCH /repos/{owner}/{repo}"""
    repository = asked.repository("admin")
    for field in ("archived", "allow_rebase", "allow_manual_merge", "default_branch"):
        if field in asked.body:
            setattr(repository, field, asked.body[field])
    repository.git("symbolic-ref", "HEAD", f"refs/heads/{repository.default_branch}")
    if asked.body.get("name", repository.name) != repository.name:
        asked.changes.world.rename(repository, asked.body["name"])
    return JSONResponse(asked.changes.shapes.repository(repository, asked.login))


async def remove(asked: Asked) -> Response:
    """DELETE /repos/{owner}/{repo}"""
    del asked.changes.world.repositories[asked.repository("admin").full_name.lower()]
    return empty(204)


async def list_hooks(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}/hooks"""
    return asked.page([asked.changes.shapes.hook(one) for one in asked.repository("admin").hooks])


async def add_hook(asked: Asked) -> Response:
    """POST /repos/{owner}/{repo}/hooks"""
    config = asked.body.get("config") or {}
    if asked.body.get("type") != "gitea" or not config.get("url") or config.get("content_type") not in ("json", "form"):
        raise Refused(422, "Invalid hook type, or a config without url and content_type")
    made = asked.changes.hook(
        config["url"],
        config.get("secret", ""),
        config["content_type"],
        events_of(asked.body.get("events") or []),
        active=bool(asked.body.get("active")),
    )
    asked.repository("admin").hooks.append(made)
    return JSONResponse(asked.changes.shapes.hook(made), 201)


async def edit_hook(asked: Asked) -> Response:
    """PATCH /repos/{owner}/{repo}/hooks/{id}: the secret stays as it is, and without events only pushes are left."""
    hook = _hook(asked, asked.repository("admin"))
    config = asked.body.get("config") or {}
    hook.url = config.get("url", hook.url)
    hook.content_type = config.get("content_type", hook.content_type)
    hook.events = events_of(asked.body.get("events") or [])
    hook.active = asked.body.get("active", hook.active)
    return JSONResponse(asked.changes.shapes.hook(hook))


async def remove_hook(asked: Asked) -> Response:
    """DELETE /repos/{owner}/{repo}/hooks/{id}"""
    repository = asked.repository("admin")
    repository.hooks.remove(_hook(asked, repository))
    return empty(204)


async def combined_status(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}/commits/{ref}/status: null where nobody said anything."""
    repository = asked.repository()
    commit = asked.request.path_params["ref"]
    if not repository.knows(commit):
        raise Refused(404, "The target couldn't be found.")
    latest = {one["context"]: one for one in repository.statuses.get(commit, [])}
    if not latest:
        return JSONResponse(None)
    worst = max((one["status"] for one in latest.values()), key=_RANK.index)
    shown = {"state": worst, "sha": commit, "total_count": len(latest), "url": "", "commit_url": ""}
    everything = list(latest.values())
    return JSONResponse({**shown, "statuses": asked.cut(everything)}, headers=asked.total(everything))


async def add_status(asked: Asked) -> Response:
    """POST /repos/{owner}/{repo}/statuses/{sha}"""
    repository = asked.repository("write")
    commit = asked.request.path_params["sha"]
    if not repository.knows(commit):
        raise Refused(404, "The target couldn't be found.")
    if asked.body.get("state") not in _STATES:
        raise Refused(422, "[State]: unknown")
    made = {
        "id": asked.changes.world.next_id(),
        "status": asked.body["state"],
        "context": asked.body.get("context") or "default",
        "description": asked.body.get("description") or "",
        "target_url": asked.body.get("target_url") or "",
        "url": "",
        "creator": asked.changes.shapes.user(asked.login),
        "created_at": now(),
        "updated_at": now(),
    }
    repository.statuses.setdefault(commit, []).append(made)
    return JSONResponse(made, 201)


def _hook(asked: Asked, repository: Repository) -> Hook:
    number = int(asked.request.path_params["id"])
    found = next((one for one in repository.hooks if one.id == number), None)
    if found is None:
        raise Refused(404, "The target couldn't be found.")
    return found
