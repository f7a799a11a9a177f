import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import AiWorker
from tests.support import samples
from tests.support.stub_server import Stub, data


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
