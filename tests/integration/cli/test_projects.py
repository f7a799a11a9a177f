import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import AiWorker
from tests.support import samples
from tests.support.stub_server import Reply, Stub, data


def test_add_sends_what_was_given_and_nothing_else(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/projects", data(samples.project()))
    result = aiworker("project", "add", "Shop", "--repo", "https://git.example.com/shop.git", "--start", "./run")
    assert result.out.startswith("SHOP  Shop\n")
    assert server.asked[0].body == {
        "name": "Shop",
        "repo": "https://git.example.com/shop.git",
        "startCommand": "./run",
    }


def test_add_sends_the_whole_path_of_a_folder(aiworker: AiWorker, server: Stub, tmp_path: Path) -> None:
    server.on("POST /api/projects", data(samples.project()))
    (tmp_path / "shop").mkdir()
    aiworker("project", "add", "Shop", "--repo", "shop", "--push")
    assert server.asked[0].body == {"name": "Shop", "repo": str(tmp_path / "shop"), "pushUpstream": True}


def test_list_shows_a_line_for_each(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/projects", data([samples.project(), samples.project(key="BLOG", name="[red]Blog")]))
    lines = aiworker("project", "list").out.splitlines()
    assert [line.split()[:2] for line in lines] == [["KEY", "NAME"], ["SHOP", "Shop"], ["BLOG", "[red]Blog"]]


def test_an_empty_list_says_what_to_do(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/projects", data([]))
    assert aiworker("project", "list").out == "No projects yet; `aiworker project add` makes one.\n"


def test_show_tells_settings_and_counts(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/projects/SHOP", data(samples.project(envVars=["TOKEN"])))
    server.on("GET /api/projects/SHOP/metrics", data(samples.metrics()))
    running = samples.environment(environment="staging", url="http://staging", commit=samples.HEAD, health="healthy")
    server.on("GET /api/projects/SHOP/environments", data([running, samples.environment(environment="production")]))
    out = aiworker("project", "show", "SHOP").out
    assert "staging  http://staging at 3f2a91c, healthy\n" in out
    assert "production" not in out
    assert "TOKEN" in out
    assert "backlog    2\ncompleted  1\n" in out
    both = json.loads(aiworker("project", "show", "SHOP", "--json").out)
    assert (both["key"], both["metrics"]["totalTasks"]) == ("SHOP", 3)


@pytest.mark.parametrize(("verb", "status"), [("pause", "paused"), ("resume", "active")])
def test_pause_and_resume_change_the_status(aiworker: AiWorker, server: Stub, verb: str, status: str) -> None:
    server.on("PATCH /api/projects/SHOP", data(samples.project(status=status)))
    assert aiworker("project", verb, "SHOP").out == f"SHOP is {status}.\n"
    assert server.asked[0].body == {"status": status}


STANDING = {"standing": "refused", "message": "main is checked out there.", "command": "git -C /shop pull /forge main"}


def synced(**changes: object) -> Reply:
    state = {**STANDING, "remarks": [], "checkedAt": "2026-09-01T12:00:00Z"}
    project = samples.project(upstream="/shop", upstreamState=state, pushUpstream=True)
    return data({"project": project, "imported": False, "fetched": 2, "pushed": ["release-1"], "ahead": 1, **changes})


def test_sync_tells_in_one_glance_what_it_did_and_what_is_left_to_do(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/projects/SHOP/sync", synced())
    assert aiworker("project", "sync", "SHOP").out.splitlines() == [
        "SHOP and /shop",
        "fetched    2 commits",
        "pushed     release-1",
        "not there  1 commit of main",
        "main is checked out there.",
        "To have it there: git -C /shop pull /forge main",
    ]
    assert server.asked[0].body == {}


def test_sync_sends_another_place_and_what_was_agreed(aiworker: AiWorker, server: Stub, tmp_path: Path) -> None:
    server.on("POST /api/projects/SHOP/sync", synced(imported=True))
    result = aiworker("project", "sync", "SHOP", "--repo", "./moved here", "--no-push")
    assert "fetched    the whole repository" in result.out
    assert server.asked[0].body == {"repo": str(tmp_path / "moved here"), "pushUpstream": False}


def test_a_sync_that_cannot_go_on_fails_with_the_sentence_and_shows_how_far_it_was(
    aiworker: AiWorker, server: Stub
) -> None:
    refused = {"success": False, "status": 409, "error": {"code": "upstream_diverged", "message": "Both moved."}}
    lines = [{"progress": "Receiving objects: 45%"}, refused]
    body = "".join(json.dumps(line) + "\n" for line in lines)
    server.on("POST /api/projects/SHOP/sync", Reply(body, headers={"Content-Type": "application/x-ndjson"}))
    result = aiworker("project", "sync", "SHOP")
    assert (result.status, result.err) == (1, "aiworker: Both moved.\n")


def test_a_server_that_goes_away_in_the_middle_is_told(aiworker: AiWorker, server: Stub) -> None:
    body = json.dumps({"progress": "Receiving objects: 45%"}) + "\n"
    server.on("POST /api/projects", Reply(body, headers={"Content-Type": "application/x-ndjson"}))
    result = aiworker("project", "add", "Shop", "--repo", "/shop")
    assert result.status == 1
    assert "went away before it was done" in result.err


def test_add_explains_that_nothing_is_pushed(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/projects", data(samples.project(upstream="/shop")))
    out = aiworker("project", "add", "Shop", "--repo", "/shop").out
    assert "Nothing is pushed to /shop; `project sync SHOP --push` agrees to it.\n" in out


def test_show_tells_what_is_wrong_with_the_upstream_and_what_to_run(aiworker: AiWorker, server: Stub) -> None:
    state = {**STANDING, "remarks": ["It has submodules."], "checkedAt": "2026-09-01T12:00:00Z"}
    server.on("GET /api/projects/SHOP", data(samples.project(upstream="/shop", upstreamState=state)))
    server.on("GET /api/projects/SHOP/metrics", data(samples.metrics()))
    server.on("GET /api/projects/SHOP/environments", data([]))
    out = aiworker("project", "show", "SHOP").out
    assert "upstream  /shop, not pushed to\n" in out
    assert "main is checked out there.\nTo have it there: git -C /shop pull /forge main\nIt has submodules.\n" in out


def test_set_sends_the_settings_as_the_api_names_them(aiworker: AiWorker, server: Stub) -> None:
    server.on("PATCH /api/projects/SHOP", data(samples.project()))
    given = ["wipLimit=3", "taskCostLimitUsd=2.5", "setupCommand=npm ci", "dayCostLimitUsd=none", 'agentAllow=["Edit"]']
    assert aiworker("project", "set", "SHOP", *given).out.startswith("SHOP: wipLimit, taskCostLimitUsd,")
    assert server.asked[0].body == {
        "wipLimit": 3,
        "taskCostLimitUsd": 2.5,
        "setupCommand": "npm ci",
        "dayCostLimitUsd": None,
        "agentAllow": ["Edit"],
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["wipLimit"], "NAME=VALUE"),
        ([], "NAME is one of agentAllow"),
        (["wipLimits=3"], "wipLimits"),
        (["wipLimit=many"], "wipLimit"),
    ],
)
def test_set_refuses_what_is_no_setting(aiworker: AiWorker, server: Stub, given: list[str], told: str) -> None:
    result = aiworker("project", "set", "SHOP", *given)
    assert result.status == 2
    assert told in result.err
    assert server.asked == []


@pytest.mark.parametrize(
    ("repo", "sent"),
    [
        ("https://ana@example.com:8443/shop.git", "https://ana:s%40%2Fcret@example.com:8443/shop.git"),
        ("https://ana:other@example.com/shop.git", "https://ana:other@example.com/shop.git"),
        ("https://example.com/shop.git", "https://example.com/shop.git"),
        ("ssh://git@example.com/shop.git", "ssh://git@example.com/shop.git"),
    ],
)
def test_a_password_comes_by_a_variable_and_not_by_the_command_line(
    aiworker: AiWorker, server: Stub, monkeypatch: pytest.MonkeyPatch, repo: str, sent: str
) -> None:
    monkeypatch.setenv("AIWORKER_REPO_PASSWORD", "s@/cret")
    server.on("POST /api/projects", data(samples.project()))
    said = aiworker("project", "add", "Shop", "--repo", repo, "--no-push")
    assert server.asked[0].body["repo"] == sent
    assert "cret" not in said.out + said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "Shop", "--start", "npm ci && npm start"), "start_command: needs a shell"),
        (("add", "Shop", "--setup", "echo 'x"), "setup_command: has a quotation mark that is never closed"),
        (("set", "SHOP", "staticRoot=../../etc"), "staticRoot: must be a folder of the repository, such as public"),
        (("set", "SHOP", "dockerImage=--privileged"), "dockerImage: must be the name of an image"),
        (("set", "SHOP", 'setEnvVars={"A-B": "x"}'), "setEnvVars.A-B: is no name for a variable"),
    ],
)
def test_what_could_not_be_run_is_refused_before_it_is_sent(
    aiworker: AiWorker, server: Stub, words: tuple[str, ...], sentence: str
) -> None:
    result = aiworker("project", *words)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"aiworker: {sentence}")
    assert result.err.count("\n") == 1
    assert server.asked == []
