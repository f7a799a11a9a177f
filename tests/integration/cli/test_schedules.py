import json
from datetime import UTC, datetime

from aiworker.wire.engine import NewRobot
from aiworker.wire.schedules import Schedule, ScheduleRun
from tests.integration.cli.conftest import AiWorker
from tests.support.samples import Json, sent
from tests.support.stub_server import Stub, data, problem

NOON = datetime(2026, 9, 2, 12, tzinfo=UTC)


def schedule(**changes: object) -> Json:
    robot = NewRobot(robot_type="ocr.read", input_data={"folder": "inbox"})
    fields = {"name": "nightly", "cron": "0 2 * * *", "timezone": "UTC", "robot": robot, "next_times": [NOON]}
    return sent(Schedule, fields, {"system": False, "isActive": True, **changes})


def run(**changes: object) -> Json:
    return sent(ScheduleRun, {"due_at": NOON, "outcome": "FIRED", "robot_id": "ocr_1_000001"}, {**changes})


def test_list_leaves_the_systems_own_out_unless_asked_for(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/schedules", data([schedule(), schedule(name="health.check", system=True)]))
    assert len(aiworker("schedule", "list").out.splitlines()) == 2
    assert len(aiworker("schedule", "list", "--all").out.splitlines()) == 3
    assert len(json.loads(aiworker("schedule", "list", "--json").out)) == 1


def test_show_tells_the_next_times_and_the_last_runs(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/schedules/nightly", data(schedule()))
    skipped = run(outcome="SKIPPED", robotId=None, detail="robot ocr_1 was not done")
    server.on("GET /api/schedules/nightly/runs", data([run(robotStatus="COMPLETED"), skipped]))
    out = aiworker("schedule", "show", "nightly").out
    assert '{"folder": "inbox"}' in out
    assert "completed  ocr_1_000001" in out
    assert "skipped  robot ocr_1 was not done" in out


def test_add_sends_the_robot_and_tells_the_next_times(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/schedules", data(schedule()))
    words = ["--cron", "0 2 * * *", "--type", "ocr.read", "--input", '{"folder": "inbox"}', "--overlap", "skip"]
    result = aiworker("schedule", "add", "nightly", *words, "--timezone", "Europe/Madrid")
    assert result.status == 0
    assert server.asked[0].body == {
        "name": "nightly",
        "cron": "0 2 * * *",
        "timezone": "Europe/Madrid",
        "overlap": "SKIP",
        "catchUp": "LATEST",
        "robot": {
            "robotType": "ocr.read",
            "inputData": {"folder": "inbox"},
            "priority": "NORMAL",
            "queue": "",
            "needs": [],
        },
    }
    assert result.out == "nightly is made. Its next times (UTC):\n2026-09-02 12:00\n"


def test_times_are_told_by_the_clock_that_the_schedule_goes_by(aiworker: AiWorker, server: Stub) -> None:
    there = schedule(timezone="Asia/Tokyo")
    server.on("GET /api/schedules", data([there]))
    server.on("GET /api/schedules/nightly", data(there))
    server.on("GET /api/schedules/nightly/runs", data([run(robotStatus="COMPLETED")]))
    server.on("PATCH /api/schedules/nightly", data(there))
    assert "2026-09-02 21:00" in aiworker("schedule", "list").out
    shown = aiworker("schedule", "show", "nightly").out
    assert "2026-09-02 21:00  completed" in shown
    assert "12:00" not in shown
    assert aiworker("schedule", "resume", "nightly").out == "nightly goes on; next at 2026-09-02 21:00 (Asia/Tokyo).\n"


def test_add_refuses_input_that_is_no_object(aiworker: AiWorker, server: Stub) -> None:
    for wrong in ("{", "[1]", '"x"'):
        result = aiworker("schedule", "add", "x", "--cron", "0 2 * * *", "--type", "ocr.read", "--input", wrong)
        assert result.status == 2
    assert server.asked == []


def test_run_tells_whether_a_robot_was_made(aiworker: AiWorker, server: Stub) -> None:
    skipped = run(outcome="SKIPPED", robotId=None, detail="robot ocr_1 was not done")
    server.on("POST /api/schedules/nightly/run", data(run()), data(skipped))
    assert aiworker("schedule", "run", "nightly").out == "Robot ocr_1_000001 is made.\n"
    assert aiworker("schedule", "run", "nightly").out == "No robot was made: robot ocr_1 was not done.\n"


def test_a_schedule_is_paused_resumed_and_removed(aiworker: AiWorker, server: Stub) -> None:
    server.on("PATCH /api/schedules/nightly", data(schedule()))
    server.on("DELETE /api/schedules/nightly", data(None))
    assert aiworker("schedule", "pause", "nightly").out == "nightly is paused.\n"
    assert aiworker("schedule", "resume", "nightly").out.startswith("nightly goes on; next at 2026-09-02")
    assert aiworker("schedule", "remove", "nightly").out == "nightly is removed.\n"
    assert [asked.body for asked in server.asked[:2]] == [{"isActive": False}, {"isActive": True}]


def test_the_systems_own_stay(aiworker: AiWorker, server: Stub) -> None:
    sentence = "Schedule health.check belongs to the system: it can be switched off, not replaced or removed."
    server.on("DELETE /api/schedules/health.check", problem(409, "system_schedule", sentence))
    result = aiworker("schedule", "remove", "health.check")
    assert (result.status, result.err) == (1, f"aiworker: {sentence}\n")
