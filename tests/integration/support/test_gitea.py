import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.checkouts import Checkout, run_git
from tests.support.gitea import Answer, Cut, FakeGitea, fake_gitea
from tests.support.http_server import free_socket, serving


@pytest.fixture
async def gitea(tmp_path: Path) -> AsyncGenerator[FakeGitea]:
    async with fake_gitea(tmp_path / "gitea") as made:
        made.user("ada")
        made.repository("Team/shop", ada="admin", aiworker="write")
        yield made


@pytest.fixture
def ada(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "ada")
    checkout.commit("First", readme__md="one\n")
    return checkout


async def push(gitea: FakeGitea, checkout: Checkout, refspec: str, *, who: str = "ada") -> str:
    remote = gitea.remote(who, "Team/shop")
    pushed = await asyncio.to_thread(run_git, checkout.path, "push", remote, refspec)
    return pushed.stderr.decode() if pushed.returncode else ""


async def test_a_merge_by_hand_is_told_to_the_hooks_with_a_signature(gitea: FakeGitea, ada: Checkout):
    heard: list[tuple[str, bool]] = []

    async def hear(request: Request) -> Response:
        body = await request.body()
        signature = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
        assert request.headers["X-Gitea-Signature"] == signature
        heard.append((request.headers["X-Gitea-Event"], bool(json.loads(body).get("pull_request", {}).get("merged"))))
        return Response()

    app = Starlette(routes=[Route("/hook", hear, methods=["POST"])])
    async with serving(app, free_socket()) as url, gitea.client("ada") as api:
        config = {"url": f"{url}/hook", "content_type": "json", "secret": "secret"}
        hook = {"type": "gitea", "active": True, "events": ["pull_request"], "config": config}
        assert (await api.post("/repos/Team/shop/hooks", json=hook)).status_code == 201
        assert await push(gitea, ada, "main") == ""
        ada.switch("task")
        ada.commit("Task", app__py="1\n")
        assert await push(gitea, ada, "task") == ""
        pull = {"head": "task", "base": "main", "title": "A task"}
        assert (await api.post("/repos/team/shop/pulls", json=pull)).status_code == 201
        assert (await api.post("/repos/Team/shop/pulls/1/merge", json={"Do": "squash"})).status_code == 200
        gitea.deliveries.lose, gitea.deliveries.double = 0, 0
        await gitea.deliveries.settled()

    assert sorted(heard) == [("pull_request", False), ("pull_request", True)]


async def test_a_protected_branch_refuses_a_push_with_giteas_sentence(gitea: FakeGitea, ada: Checkout):
    repository = gitea.world.find("team/shop")
    assert repository is not None
    await push(gitea, ada, "main")
    repository.protect("main", push=["ada"])
    ada.commit("Second")

    assert "Gitea: Not allowed to push to protected branch main" in await push(gitea, ada, "main", who="aiworker")
    assert await push(gitea, ada, "main") == ""


async def test_trouble_comes_in_turn_and_then_all_is_well(gitea: FakeGitea):
    gitea.trouble("GET /repos/*", Answer(502), Cut())

    async with gitea.client("ada") as api:
        assert (await api.get("/repos/Team/shop")).status_code == 502
        with pytest.raises(httpx2.HTTPError):
            await api.get("/repos/Team/shop")
        assert (await api.get("/repos/Team/shop")).status_code == 200


async def test_a_token_without_a_scope_is_refused(gitea: FakeGitea):
    gitea.user("ada", scopes=frozenset({"read:repository"}))

    async with gitea.client("ada") as api:
        assert (await api.get("/repos/Team/shop")).status_code == 200
        refused = await api.post("/repos/Team/shop/pulls", json={})
        assert (refused.status_code, "[write:repository]" in refused.text) == (403, True)


async def test_what_the_real_api_does_not_know_is_noticed(tmp_path: Path):
    async def misspelt() -> None:
        async with fake_gitea(tmp_path) as gitea, gitea.client("aiworker") as api:
            gitea.repository("aiworker/shop")
            await api.post("/repos/aiworker/shop/issues", json={"title": "T", "colour": "red"})

    with pytest.raises(AssertionError, match="no field colour"):
        await misspelt()
