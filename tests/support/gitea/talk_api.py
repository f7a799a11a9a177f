"""Issues, pull requests and what is said on them in the fake Gitea's API."""

from typing import Any

from starlette.responses import JSONResponse, Response

from tests.support.gitea.api import Asked, empty
from tests.support.gitea.changes import Refused
from tests.support.gitea.world import Entry, Judgement, LineWords, Repository, Words, now

_VERDICTS = {"APPROVED", "REQUEST_CHANGES", "COMMENT"}


async def list_pulls(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}/pulls"""
    repository = asked.repository()
    found = [one for one in repository.pulls() if asked.wanted(one)]
    if asked.request.query_params.get("sort") == "recentupdate":
        found.sort(key=lambda one: (one.updated, one.number), reverse=True)
    return asked.page([asked.changes.shapes.pull(repository, one, asked.login) for one in found], links=True)


async def open_pull(asked: Asked) -> Response:
    """POST /repos/{owner}/{repo}/pulls"""
    repository = asked.repository("read")
    head, base, title = asked.text("head"), asked.text("base"), asked.text("title")
    branches = repository.branches()
    if repository.archived:
        raise Refused(423, f"{repository.full_name} is archived")
    if head == base:
        raise Refused(422, "Invalid PullRequest: There are no changes between the head and the base")
    if head not in branches or base not in branches:
        raise Refused(404, "The target couldn't be found.")
    if any((one.state, one.head, one.base) == ("open", head, base) for one in repository.pulls()):
        raise Refused(409, "pull request already exists for these targets [id: 1, issue_id: 1]")
    entry = Entry(_next(repository), asked.login, title, asked.body.get("body") or "", head, base, branches[head])
    repository.entries[entry.number] = entry
    repository.git("update-ref", f"refs/pull/{entry.number}/head", branches[head])
    asked.changes.tell_pull(repository, asked.login, entry, "opened")
    return JSONResponse(asked.changes.shapes.pull(repository, entry, asked.login), 201)


async def get_pull(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}/pulls/{index}"""
    repository = asked.repository()
    return JSONResponse(asked.changes.shapes.pull(repository, asked.entry(repository, pull=True), asked.login))


async def edit_pull(asked: Asked) -> Response:
    """PATCH /repos/{owner}/{repo}/pulls/{index}"""
    repository = asked.repository("write")
    pull = asked.entry(repository, pull=True)
    _edit(asked, repository, pull)
    return JSONResponse(asked.changes.shapes.pull(repository, pull, asked.login), 201)


async def merge_pull(asked: Asked) -> Response:
    """POST /repos/{owner}/{repo}/pulls/{index}/merge"""
    repository = asked.repository("write")
    async with repository.lock:
        await asked.changes.merge(repository, asked.login, asked.entry(repository, pull=True), asked.body)
    return empty(200)


async def list_reviews(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}/pulls/{index}/reviews"""
    repository = asked.repository()
    pull = asked.entry(repository, pull=True)
    return asked.page([asked.changes.shapes.review(repository, pull, one) for one in pull.reviews])


async def add_review(asked: Asked) -> Response:
    """POST /repos/{owner}/{repo}/pulls/{index}/reviews"""
    repository = asked.repository("read")
    pull = asked.entry(repository, pull=True)
    lines: list[dict[str, Any]] = asked.body.get("comments") or []
    body, verdict = asked.body.get("body") or "", asked.body.get("event") or "COMMENT"
    silent = not body and (verdict == "REQUEST_CHANGES" or (verdict == "COMMENT" and not lines))
    if verdict not in _VERDICTS or silent:
        raise Refused(422, "Body is required for review")
    if pull.author == asked.login and verdict != "COMMENT":
        raise Refused(422, "approve/reject your own pull is not allowed")
    review = Judgement(
        asked.changes.world.next_id(),
        asked.login,
        verdict,
        body,
        asked.body.get("commit_id") or pull.sha,
        [
            LineWords(
                asked.changes.world.next_id(),
                one["path"],
                one["body"],
                one.get("new_position") or 0,
                one.get("old_position") or 0,
            )
            for one in lines
        ],
    )
    asked.changes.reviewed(repository, asked.login, pull, review)
    return JSONResponse(asked.changes.shapes.review(repository, pull, review))


async def list_lines(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}/pulls/{index}/reviews/{id}/comments"""
    repository = asked.repository()
    pull = asked.entry(repository, pull=True)
    number = int(asked.request.path_params["id"])
    review = next((one for one in pull.reviews if one.id == number), None)
    if review is None:
        raise Refused(404, "The target couldn't be found.")
    return JSONResponse([asked.changes.shapes.line(repository, pull, review, one) for one in review.lines])


async def list_issues(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}/issues"""
    repository = asked.repository()
    kind = asked.request.query_params.get("type")
    found = [
        entry
        for _, entry in sorted(repository.entries.items(), reverse=True)
        if asked.wanted(entry)
        and asked.since(entry.updated)
        and (kind is None or (entry.head is None) == (kind == "issues"))
    ]
    return asked.page([asked.changes.shapes.issue(repository, one) for one in found], links=True)


async def open_issue(asked: Asked) -> Response:
    """POST /repos/{owner}/{repo}/issues"""
    repository = asked.repository("read")
    entry = Entry(_next(repository), asked.login, asked.text("title"), asked.body.get("body") or "")
    repository.entries[entry.number] = entry
    asked.changes.tell_issue(repository, asked.login, entry, "opened")
    return JSONResponse(asked.changes.shapes.issue(repository, entry), 201)


async def get_issue(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}/issues/{index}"""
    repository = asked.repository()
    return JSONResponse(asked.changes.shapes.issue(repository, asked.entry(repository)))


async def edit_issue(asked: Asked) -> Response:
    """PATCH /repos/{owner}/{repo}/issues/{index}"""
    repository = asked.repository("write")
    entry = asked.entry(repository)
    _edit(asked, repository, entry)
    return JSONResponse(asked.changes.shapes.issue(repository, entry), 201)


async def list_comments(asked: Asked) -> Response:
    """GET /repos/{owner}/{repo}/issues/{index}/comments: all of them, there are no pages."""
    repository = asked.repository()
    entry = asked.entry(repository)
    return JSONResponse(
        [asked.changes.shapes.comment(repository, entry, one) for one in entry.comments if asked.since(one.at)]
    )


async def add_comment(asked: Asked) -> Response:
    """POST /repos/{owner}/{repo}/issues/{index}/comments"""
    repository = asked.repository()
    entry = asked.entry(repository)
    if repository.archived:
        raise Refused(423, f"{repository.full_name} is archived")
    words = Words(asked.changes.world.next_id(), asked.login, asked.text("body"))
    asked.changes.commented(repository, asked.login, entry, words)
    return JSONResponse(asked.changes.shapes.comment(repository, entry, words), 201)


def _next(repository: Repository) -> int:
    """Issues and pull requests are counted together."""
    return max(repository.entries, default=0) + 1


def _edit(asked: Asked, repository: Repository, entry: Entry) -> None:
    entry.title = asked.body.get("title", entry.title)
    entry.body = asked.body.get("body", entry.body)
    entry.updated = now()
    wanted = asked.body.get("state")
    if wanted == "closed":
        if entry.merged_by is not None:
            raise Refused(412, "cannot change state of this pull request, it was already merged")
        asked.changes.close(repository, asked.login, entry)
    elif wanted == "open" and entry.state == "closed":
        if entry.merged_by is not None:
            raise Refused(412, "cannot change state of this pull request, it was already merged")
        entry.state, entry.closed = "open", None
        if entry.head is None:
            asked.changes.tell_issue(repository, asked.login, entry, "reopened")
        else:
            asked.changes.tell_pull(repository, asked.login, entry, "reopened")
    elif entry.head is not None:
        asked.changes.tell_pull(repository, asked.login, entry, "edited")
    else:
        asked.changes.tell_issue(repository, asked.login, entry, "edited")
