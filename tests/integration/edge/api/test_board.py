"""What people do with projects, tasks and releases over REST, and what is refused to them, on a real repository."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiworker.wire.access import Scope
from tests.support.checkouts import Checkout
from tests.support.house import House, open_house
from tests.support.tasks import in_one_task

Json = dict[str, Any]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with in_one_task(open_house(tmp_path)) as opened:
        yield opened


@pytest.fixture
async def ada(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with an admin's key."""
    _, key = await house.key("ada", Scope.ADMIN)
    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=f"{house.url}/api/", headers=headers, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
async def shop(ada: httpx2.AsyncClient, source: Checkout) -> Json:
    return await good(ada.post("projects", json={"name": "Shop", "repo": source.source}), 201)


@pytest.fixture
def source(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "source")
    checkout.commit("First", index__html="<h1>One</h1>")
    return checkout


async def good(request: Any, status: int = 200) -> Any:
    answer = await request
    assert answer.status_code == status, answer.text
    assert answer.json()["success"] is True
    return answer.json()["data"]


async def refused(request: Any, status: int, code: str) -> str:
    """The sentence of a refusal."""
    answer = await request
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code, error
    return error["message"]


async def add(ada: httpx2.AsyncClient, title: str = "Show prices with tax", **fields: Any) -> Json:
    return await good(ada.post("tasks", json={"projectId": "SHOP", "title": title, **fields}), 201)


async def test_a_project_is_named_after_its_words_and_its_secrets_are_never_shown(
    ada: httpx2.AsyncClient, source: Checkout
) -> None:
    body = {"name": "Größe & Söhne", "repo": source.source, "envVars": {"TOKEN": "very-secret"}}
    made = await good(ada.post("projects", json=body), 201)
    assert made["key"] == "GROESOHNE"
    assert made["envVars"] == ["TOKEN"]
    assert "very-secret" not in (await ada.get("projects")).text
    assert "very-secret" not in (await ada.get("audit")).text


async def test_one_variable_is_set_or_removed_and_the_others_stay_as_they_are(
    house: House, ada: httpx2.AsyncClient
) -> None:
    await good(ada.post("projects", json={"name": "Shop", "envVars": {"TOKEN": "old", "PORTS": "80"}}), 201)
    changed = await good(ada.patch("projects/SHOP", json={"setEnvVars": {"TOKEN": "new", "MODE": "quick"}}))
    assert changed["envVars"] == ["MODE", "PORTS", "TOKEN"]
    await good(ada.patch("projects/SHOP", json={"setEnvVars": {"PORTS": None, "NEVER_SET": None}}))
    project = await house.read(house.delivery.projects.get, "SHOP")
    assert house.delivery.projects.environment_variables(project) == {"TOKEN": "new", "MODE": "quick"}

    many = {f"NAME_{number}": "x" for number in range(99)}
    await refused(ada.patch("projects/SHOP", json={"setEnvVars": many}), 422, "too_many_variables")
    await good(ada.patch("projects/SHOP", json={"description": "Sells things."}))
    assert (await good(ada.get("projects/SHOP")))["envVars"] == ["MODE", "TOKEN"]


@pytest.mark.parametrize(
    "repo",
    ["shop", "./shop", "--upload-pack=touch pwned", "ext::sh -c 'touch pwned'", "$(touch pwned)", "~/shop"],
)
async def test_an_address_that_is_no_repositorys_is_refused(ada: httpx2.AsyncClient, tmp_path: Path, repo: str) -> None:
    await refused(ada.post("projects", json={"name": "Shop", "repo": repo}), 422, "upstream_invalid")
    assert (await ada.get("projects")).json()["count"] == 0
    assert not await asyncio.to_thread(lambda: list(tmp_path.rglob("pwned")))


async def test_a_repository_that_cannot_be_imported_leaves_the_name_free(
    ada: httpx2.AsyncClient, tmp_path: Path, source: Checkout
) -> None:
    (tmp_path / "empty folder").mkdir()
    unborn = Checkout(tmp_path / "unborn")
    for repo in (str(tmp_path / "nowhere"), str(tmp_path / "empty folder"), "file:///dev/null", unborn.source):
        answer = await ada.post("projects", json={"name": "Shop", "repo": repo})
        assert answer.status_code in {409, 422}, answer.text
    wrong = {"name": "Shop", "repo": unborn.source, "mcpPermissions": {"fly": True}}
    assert (await ada.post("projects", json=wrong)).status_code == 422
    wrong = {"name": "Shop", "repo": source.source, "mcpPermissions": {"fly": True}}
    await refused(ada.post("projects", json=wrong), 422, "unknown_permission")
    wrong = {"name": "Shop", "repo": source.source, "mcpTools": ["get_next_task", "fly"]}
    assert "get_next_task" in await refused(ada.post("projects", json=wrong), 422, "invalid")

    other = Checkout(tmp_path / "other")
    other.commit("First", a__txt="a")
    made = await good(ada.post("projects", json={"name": "Shop", "repo": other.source}), 201)
    assert made["key"] == "SHOP"


async def test_a_default_branch_that_is_not_there_is_refused(ada: httpx2.AsyncClient, source: Checkout) -> None:
    body = {"name": "Shop", "repo": source.source, "defaultBranch": "trunk"}
    sentence = await refused(ada.post("projects", json=body), 422, "no_default_branch")
    assert sentence == "The repository has no branch trunk."
    made = await good(ada.post("projects", json={**body, "defaultBranch": "main"}), 201)
    assert made["defaultBranch"] == "main"
    await refused(ada.patch("projects/SHOP", json={"defaultBranch": "trunk"}), 422, "no_default_branch")


async def test_a_default_branch_named_staging_is_refused(ada: httpx2.AsyncClient, tmp_path: Path) -> None:
    other = Checkout(tmp_path / "other", branch="staging")
    other.commit("First", a__txt="a")
    sentence = await refused(
        ada.post("projects", json={"name": "Shop", "repo": other.source}), 422, "default_branch_is_staging"
    )
    assert sentence.startswith("The default branch cannot be staging")
    other.switch("main")
    made = await good(ada.post("projects", json={"name": "Shop", "repo": other.source, "defaultBranch": "main"}), 201)
    assert made["defaultBranch"] == "main"
    await refused(ada.patch("projects/SHOP", json={"defaultBranch": "staging"}), 422, "default_branch_is_staging")


async def test_a_new_repository_without_a_commit_may_name_its_branch(ada: httpx2.AsyncClient) -> None:
    made = await good(ada.post("projects", json={"name": "Shop", "defaultBranch": "trunk"}), 201)
    assert made["defaultBranch"] == "trunk"


async def test_a_key_is_taken_once(ada: httpx2.AsyncClient, shop: Json, source: Checkout) -> None:
    again = {"name": "Shop", "key": "SHOP", "repo": source.source}
    await refused(ada.post("projects", json=again), 409, "project_key_taken")
    assert (await good(ada.post("projects", json={"name": "Shop"}), 201))["key"] == "SHOP2"


@pytest.mark.parametrize("thing", ["projects/SHOP", "tasks/SHOP-1"])
async def test_two_people_do_not_overwrite_each_other(ada: httpx2.AsyncClient, shop: Json, thing: str) -> None:
    await add(ada)
    read = await good(ada.get(thing))
    word = "title" if "title" in read else "name"
    version = f'"{read["version"]}"'
    changed = await good(ada.patch(thing, json={word: "Mine"}, headers={"if-match": version}))
    assert changed["version"] == read["version"] + 1

    sentence = await refused(
        ada.patch(thing, json={word: "Yours"}, headers={"if-match": version}), 409, "version_conflict"
    )
    assert "changed by somebody else" in sentence
    await refused(ada.patch(thing, json={word: "Yours", "version": read["version"]}), 409, "version_conflict")
    await refused(ada.patch(thing, json={word: "Yours", "version": 10**30}), 409, "version_conflict")
    for nonsense in ("x", "-1", "1e9", "9" * 20, "١"):
        await refused(
            ada.patch(thing, json={word: "Yours"}, headers=[(b"if-match", nonsense.encode())]), 422, "bad_version"
        )
    assert (await good(ada.get(thing)))[word] == "Mine"


BACKLOG_MOVES = {
    "approve": {"commit": "0" * 40},
    "request-changes": {"body": "Please do."},
    "reopen": None,
    "stop": {},
    "release": {},
    "submit": {},
    "respond": {"response": "21 %"},
    "preview": None,
}


@pytest.mark.parametrize("move", BACKLOG_MOVES)
async def test_a_move_that_the_state_does_not_allow_is_refused_and_changes_nothing(
    ada: httpx2.AsyncClient, shop: Json, move: str
) -> None:
    before = await add(ada)
    answer = await ada.post("tasks/SHOP-1/" + move, json=BACKLOG_MOVES[move])
    assert answer.status_code == 409, answer.text
    assert await good(ada.get("tasks/SHOP-1")) == before
    assert len(await good(ada.get("tasks/SHOP-1/timeline"))) == 1


async def test_an_illegal_move_names_the_legal_ones(ada: httpx2.AsyncClient, shop: Json) -> None:
    await add(ada)
    await good(ada.post("tasks/SHOP-1/cancel", json={"reason": "Not now"}))
    sentence = await refused(ada.post("tasks/SHOP-1/cancel"), 409, "illegal_move")
    assert sentence == "SHOP-1 is in 'cancelled' and cannot be cancelled; allowed from here: be reopened."


async def test_an_approval_is_for_one_commit(
    house: House, ada: httpx2.AsyncClient, source: Checkout, shop: Json
) -> None:
    task = await add(ada)
    await good(ada.post("tasks/SHOP-1/start"))
    await refused(ada.post("tasks/SHOP-1/submit"), 409, "no_branch")
    await refused(ada.post("task-groups", json={"taskIds": ["SHOP-1"]}), 409, "not_shippable")

    first = await asyncio.to_thread(push, house, ada, source, "<h1>Two</h1>")
    await good(ada.post("tasks/SHOP-1/submit", json={"reason": "As asked"}))
    await refused(ada.post("tasks/SHOP-1/approve", json={"commit": "0" * 40}), 409, "head_moved")
    await refused(ada.post("tasks/SHOP-1/approve", json={"commit": first[:7]}), 422, "invalid")
    approved = await good(ada.post("tasks/SHOP-1/approve", json={"commit": first}))
    assert (approved["state"], approved["approvedCommit"]) == ("approved", first)

    second = await asyncio.to_thread(push, house, ada, source, "<h1>Three</h1>")
    pushed = await good(ada.get(f"tasks/{task['id']}"))
    assert (pushed["state"], pushed["headCommit"], pushed["approvedCommit"]) == ("ready_to_test", second, None)
    await refused(ada.post("tasks/SHOP-1/approve", json={"commit": first}), 409, "head_moved")
    await refused(ada.post("task-groups", json={"taskIds": ["SHOP-1"]}), 409, "not_shippable")


def push(house: House, ada: httpx2.AsyncClient, source: Checkout, page: str) -> str:
    """A person's change on the task's branch; the commit."""
    commit = source.commit("Change", index__html=page)
    key = ada.headers["authorization"].removeprefix("Bearer ")
    url = house.url.replace("://", f"://ada:{key}@")
    source.git("push", "--quiet", f"{url}/git/shop.git", "HEAD:refs/heads/task-shop-1-show-prices-with-tax")
    return commit


async def test_dependencies_make_no_circle_and_stay_in_their_project(ada: httpx2.AsyncClient, shop: Json) -> None:
    await add(ada)
    second = await add(ada, dependsOn=["shop-1"])
    assert second["waiting"] == "after SHOP-1"
    sentence = await refused(ada.patch("tasks/SHOP-1", json={"dependsOn": ["SHOP-2"]}), 409, "dependency_circle")
    assert sentence == "SHOP-1 would wait for itself."
    await refused(ada.patch("tasks/SHOP-1", json={"dependsOn": ["SHOP-1"]}), 409, "dependency_circle")
    await refused(ada.patch("tasks/SHOP-1", json={"dependsOn": ["SHOP-99"]}), 404, "task_not_found")
    await good(ada.post("projects", json={"name": "Other"}), 201)
    body = {"projectId": "OTHER", "title": "x", "dependsOn": ["SHOP-1"]}
    await refused(ada.post("tasks", json=body), 422, "dependency_of_another_project")


async def test_words_of_the_shell_in_a_title_are_only_words(
    ada: httpx2.AsyncClient, shop: Json, tmp_path: Path
) -> None:
    title = "$(touch pwned) `touch pwned`; rm -rf / && <script>alert(1)</script> 漢字 " + "x" * 150
    assert (await add(ada, title))["title"] == title
    assert (await good(ada.get("tasks", params={"q": "touch pwned"})))[0]["title"] == title
    for pattern in ("%", "_", "\\", "'", "100%"):
        found = (await ada.get("tasks", params={"q": pattern})).json()["data"]
        assert [task["title"] for task in found if pattern not in task["title"]] == [], pattern
    assert not await asyncio.to_thread(lambda: list(tmp_path.rglob("pwned")))


async def test_a_paused_project_says_so_on_each_task(ada: httpx2.AsyncClient, shop: Json) -> None:
    await add(ada)
    await good(ada.patch("projects/SHOP", json={"status": "paused"}))
    assert (await good(ada.get("tasks/SHOP-1")))["waiting"] == "project paused"
    await refused(ada.delete("projects/SHOP"), 409, "project_not_archived")


def lacks_approval(task: str, state: str) -> Json:
    told = {"code": "lacks_approval", "values": {"state": state}}
    return {"task": task, "problem": f"is in {state}, not approved", "told": told}


async def test_what_a_release_would_come_to_is_asked_before_it_is_shipped(
    house: House, ada: httpx2.AsyncClient, source: Checkout, shop: Json
) -> None:
    await add(ada)
    await good(ada.post("tasks/SHOP-1/start"))
    await asyncio.to_thread(push, house, ada, source, "<h1>Two</h1>")
    await good(ada.post("tasks/SHOP-1/submit", json={}))
    await add(ada, "Another")
    for asked in ("taskIds=SHOP-2,shop-1", "taskIds=SHOP-2&taskIds=SHOP-1", "taskIds=SHOP-2, SHOP-1,,SHOP-2"):
        found = await good(ada.get(f"task-groups/check?{asked}"))
        assert found["tasks"] == ["SHOP-2", "SHOP-1"]
        assert found["shippable"] is False
        assert found["missing"] == [lacks_approval("SHOP-2", "backlog"), lacks_approval("SHOP-1", "ready_to_test")]
        assert found["conflicts"] == []


async def test_a_refusal_of_one_code_in_several_ways_brings_its_sentence_along(ada: httpx2.AsyncClient) -> None:
    told = [
        (await ada.post("projects", json=wrong)).json()["error"]["details"]["told"]
        for wrong in ({"name": "Shop", "repo": "~/shop"}, {"name": "", "key": 7})
    ]
    assert told[0] == {"code": "address_of_no_form", "values": {}}
    assert told[1]["code"] == "fields_broken"
    empty = {"words": "must not be empty", "code": "rule_not_empty", "values": {}}
    assert told[1]["values"] == {"field": "name", "error": empty, "more": 1}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 422, "invalid"),
        ("?taskIds=", 422, "bad_task_ids"),
        ("?taskIds=,%20,", 422, "bad_task_ids"),
        ("?taskIds=" + "A" * 101, 422, "bad_task_ids"),
        ("?taskIds=" + ",".join(f"A-{n}" for n in range(101)), 422, "bad_task_ids"),
        ("?taskIds=" + "A" * 5000, 422, "invalid"),
        ("?taskIds=SHOP-9", 404, "task_not_found"),
    ],
)
async def test_a_check_of_what_is_no_list_of_tasks_is_refused(
    ada: httpx2.AsyncClient, query: str, status: int, code: str
) -> None:
    await refused(ada.get(f"task-groups/check{query}"), status, code)


async def test_a_release_for_a_time_beyond_the_calendar_is_refused(ada: httpx2.AsyncClient, shop: Json) -> None:
    await add(ada)
    for moment in ("9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00", "soon", 10**20):
        sent = {"taskIds": ["SHOP-1"], "deferUntil": moment}
        await refused(ada.post("task-groups", json=sent), 422, "invalid")


@pytest.mark.usefixtures("shop")
async def test_tasks_are_read_together_by_their_ids_and_those_that_are_gone_are_left_out(
    ada: httpx2.AsyncClient,
) -> None:
    first, second, gone = [await add(ada, title) for title in ("First", "Second", "Gone")]
    await good(ada.delete(f"tasks/{gone['id']}"))
    asked = [("id", task["id"]) for task in (second, gone, first)]
    assert [task["key"] for task in await good(ada.get("tasks", params=asked))] == ["SHOP-1", "SHOP-2"]
    many = [("id", first["id"])] * 101
    assert "id" in await refused(ada.get("tasks", params=many), 422, "invalid")
