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


def by_hand(count: int, **fields: object) -> dict[str, object]:
    told = {"since": samples.HEAD, "until": samples.HEAD, "count": count, "author": "Ada", "subject": "Mend the title"}
    return {**told, "stagingCommit": None, "conflictFiles": [], "leftOut": False, **fields}


def test_a_check_tells_what_stands_in_the_way_and_ships_nothing(aiworker: AiWorker, server: Stub) -> None:
    found = {
        "shippable": False,
        "tasks": ["SHOP-1", "SHOP-2"],
        "missing": [{"task": "SHOP-1", "problem": "is in backlog, not approved"}],
        "conflicts": [
            {"task": "SHOP-1", "beside": None, "files": ["cart.py"]},
            {"task": "SHOP-2", "beside": "SHOP-1", "files": ["cart.py", "tax.py"]},
        ],
        "byHand": [by_hand(2), by_hand(1, leftOut=True, conflictFiles=["cart.py"]), by_hand(1, leftOut=True)],
        "stagingCommit": samples.HEAD,
    }
    server.on("GET /api/task-groups/check", data(found))
    result = aiworker("ship", "--check", "SHOP-1", "SHOP-2")
    assert result.out.splitlines() == [
        "SHOP-1 is in backlog, not approved",
        "SHOP-1 conflicts with staging in cart.py",
        "SHOP-2 conflicts with SHOP-1 in cart.py, tax.py",
        "From the default branch: 2 commits up to “Mend the title” by Ada",
        "Left out: 1 commit up to “Mend the title” by Ada, which conflicts with staging in cart.py",
        "Left out: 1 commit up to “Mend the title” by Ada, which merges commits of AiWorker",
    ]
    assert (result.status, result.err) == (1, "aiworker: SHOP-1, SHOP-2 cannot be shipped together now.\n")
    assert [(asked.method, asked.query) for asked in server.asked] == [("GET", {"taskIds": "SHOP-1,SHOP-2"})]


def test_a_check_that_finds_nothing_says_in_which_order_they_go(aiworker: AiWorker, server: Stub) -> None:
    found = {"shippable": True, "tasks": ["SHOP-2", "SHOP-1"], "missing": [], "conflicts": [], "byHand": []}
    found |= {"stagingCommit": samples.HEAD}
    server.on("GET /api/task-groups/check", data(found))
    assert aiworker("ship", "--check", "SHOP-1", "SHOP-2").out == "SHOP-2, SHOP-1 would go in, in this order.\n"
    assert json.loads(aiworker("ship", "--check", "SHOP-1", "SHOP-2", "--json").out) == found


def test_a_release_for_later_is_not_waited_for(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups", data(samples.group(underWay=None)))
    result = aiworker("ship", "SHOP-1", "--at", "2099-01-02T03:04:00")
    assert "It goes at 2099-01-02 03:04" in result.out
    assert "`aiworker withdraw 7`" in result.out
    assert server.asked[0].body["deferUntil"].startswith("2099-01-0")


def test_a_release_is_withdrawn_and_a_conflict_sent_back(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups/7/withdraw", data(done("withdrawn")))
    server.on("POST /api/task-groups/7/send-back", data(done("failed")))
    assert aiworker("withdraw", "7").out == "Release 7 is withdrawn.\n"
    assert aiworker("send-back", "7").out == "The conflict of release 7 is with the task's agent now.\n"


def test_a_release_that_moves_already_is_not_withdrawn(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/task-groups/7/withdraw", problem(409, "release_under_way", "Release 7 is under way."))
    result = aiworker("withdraw", "7")
    assert (result.status, result.err) == (1, "aiworker: Release 7 is under way.\n")
