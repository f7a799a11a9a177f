import json

import pytest

from aiworker.cli import follow
from tests.integration.cli.conftest import AiWorker
from tests.support import samples
from tests.support.stub_server import Stub, data, problem

ID = "group-1"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(_seconds: float) -> None: ...

    monkeypatch.setattr(follow.time, "sleep", at_once)


def done(status: str, **changes: object) -> dict[str, object]:
    return samples.group(status=status, underWay=None, **changes)


def test_ship_prints_each_step_once_and_waits_for_staging(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups", data(samples.group()))
    server.on(
        f"GET /api/task-groups/{ID}",
        data(samples.group(steps=[samples.step("merge", "running")])),
        data(samples.group(steps=[samples.step("merge", "completed"), samples.step("deploy", "running")])),
        data(done("staging", steps=[samples.step("merge", "completed"), samples.step("deploy", "completed")])),
    )
    result = aiworker("ship", "SHOP-1", "SHOP-2", "--notes", "taxes")
    assert result.out == ("Release 7 of SHOP: SHOP-1\n✓ merge  0.0 s\n✓ deploy  0.0 s\nRelease 7 is staging.\n")
    assert server.asked[0].body == {"taskIds": ["SHOP-1", "SHOP-2"], "notes": "taxes"}


def test_steps_of_the_same_name_are_told_for_each_robot_and_skipped_ones_for_none(
    aiworker: AiWorker, server: Stub
) -> None:
    server.on(
        "POST /api/task-groups", data(samples.group(robotId="merge", steps=[samples.step("record", "completed")]))
    )
    steps = [samples.step("undo", "skipped"), samples.step("record", "completed")]
    server.on("GET /api/task-groups/group-1", data(done("staging", robotId="deploy", steps=steps)))
    assert aiworker("ship", "SHOP-1").out.splitlines()[1:-1] == ["✓ record  0.0 s", "✓ record  0.0 s"]


def test_ship_can_leave_at_once(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups", data(samples.group()))
    assert aiworker("ship", "SHOP-1", "--no-wait").out == "Release 7 of SHOP: SHOP-1\n"
    assert len(server.asked) == 1


def test_a_release_that_fails_is_status_1_with_its_reason(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups", data(samples.group()))
    failed = done("failed", error="SHOP-1 conflicts in cart.py.", steps=[samples.step("merge", "failed")])
    server.on(f"GET /api/task-groups/{ID}", data(failed))
    result = aiworker("ship", "SHOP-1")
    assert "✗ merge" in result.out
    assert (result.status, result.err) == (1, "aiworker: SHOP-1 conflicts in cart.py.\n")


def test_a_release_that_ends_elsewhere_says_where(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups", data(done("withdrawn")))
    assert aiworker("ship", "SHOP-1").err == "aiworker: Release 7 is withdrawn, not staging.\n"


def test_ship_refused_shows_what_is_missing(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups", problem(409, "not_shippable", "SHOP-1 is not approved."))
    assert aiworker("ship", "SHOP-1").err == "aiworker: SHOP-1 is not approved.\n"


@pytest.mark.parametrize(("verb", "status"), [("promote", "production"), ("rollback", "rolled_back")])
def test_promote_and_rollback_name_the_release_by_its_number(
    aiworker: AiWorker, server: Stub, verb: str, status: str
) -> None:
    server.on(f"POST /api/task-groups/7/{verb}", data(done(status)))
    server.on("GET /api/projects/SHOP", data(samples.project()))
    result = aiworker(verb, "7")
    assert (result.status, result.out.splitlines()[-1]) == (0, f"Release 7 is {status.replace('_', ' ')}.")


def test_a_project_tells_apart_releases_of_the_same_number(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups/release-7/promote", data(done("production")))
    server.on("GET /api/projects/SHOP", data(samples.project()))
    assert aiworker("promote", "release-7", "--project", "SHOP").status == 0
    assert server.asked[0].query == {"projectId": "SHOP"}


def test_json_is_the_release_at_its_end_and_nothing_else(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups", data(samples.group()))
    server.on(f"GET /api/task-groups/{ID}", data(done("staging", steps=[samples.step("merge", "completed")])))
    assert json.loads(aiworker("ship", "SHOP-1", "--json").out)["status"] == "staging"


def test_a_release_that_could_not_be_pushed_names_the_pull_to_run(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups/7/promote", data(done("production")))
    state = {"standing": "refused", "message": "main is checked out.", "command": "git -C /shop pull /forge main"}
    project = samples.project(upstreamState={**state, "remarks": ["LFS"], "checkedAt": "2026-09-01T12:00:00Z"})
    server.on("GET /api/projects/SHOP", data(project))
    assert aiworker("promote", "7").out.splitlines()[-2:] == [
        "main is checked out.",
        "To have it there: git -C /shop pull /forge main",
    ]
