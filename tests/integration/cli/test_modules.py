import json

from aiworker.wire.analytics import ModuleHistory
from aiworker.wire.engine import HealthStatus, Module
from tests.integration.cli.conftest import AiWorker
from tests.support.samples import NOW, Json, sent
from tests.support.stub_server import Stub, data, problem


def module(**changes: object) -> Json:
    fields = {"module_name": "ocr", "module_version": "2.0", "supported_robot_types": ["ocr.read"], "is_active": True}
    scored = {"performance_score": 0.93, "last_performance_check": NOW, "success_rate_24h": 75.0}
    return sent(Module, {**fields, **scored, "health_status": HealthStatus.HEALTHY}, {**changes})


def history() -> Json:
    health = [HealthStatus.UNKNOWN] * 46 + [HealthStatus.UNHEALTHY, HealthStatus.HEALTHY]
    return sent(ModuleHistory, {"module_name": "ocr", "health": health}, {})


def test_list_shows_health_score_and_load(aiworker: AiWorker, server: Stub) -> None:
    off = module(moduleName="old", isActive=False)
    draining = module(moduleName="leaving", draining=True)
    server.on("GET /api/modules", data([module(queued=3), off, draining]))
    lines = aiworker("module", "list").out.splitlines()
    assert lines[1].split()[:6] == ["ocr", "2.0", "healthy", "0.93", "high", "3"]
    assert "off" in lines[2]
    assert "healthy, draining" in lines[3]


def test_list_says_so_when_there_is_none(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/modules", data([]))
    assert aiworker("module", "list").out == "No modules yet.\n"


def test_show_has_the_strip_of_the_last_day(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/modules/ocr", data(module(lastErrorMessage="answered 503", maxConcurrent=4)))
    server.on("GET /api/modules/ocr/history", data(history()))
    out = aiworker("module", "show", "ocr").out
    assert "·" * 46 + "▁█" in out
    assert "answered 503" in out
    printed = json.loads(aiworker("module", "show", "ocr", "--json").out)
    assert len(printed["history"]["health"]) == 48


def test_check_says_what_is_wrong(aiworker: AiWorker, server: Stub) -> None:
    ill = module(healthStatus="DEGRADED", consecutiveFailures=1, lastErrorMessage="answered 503")
    server.on("POST /api/modules/ocr/health-check", data(ill))
    assert aiworker("module", "check", "ocr").out == "degraded\nanswered 503\n"


def test_drain_tells_what_is_left(aiworker: AiWorker, server: Stub) -> None:
    left = module(draining=True, running=2, queued=1)
    server.on("POST /api/modules/ocr/drain", data(left), data(module(draining=True, isActive=False)))
    first, second = aiworker("module", "drain", "ocr").out.splitlines()
    assert "2 under way, 1 still wait" in first
    assert second.startswith("Nobody else takes those")
    assert aiworker("module", "drain", "ocr").out == "ocr is empty and switched off.\n"


def test_show_says_what_failures_in_a_row_have_led_to_and_reset_ends_it(aiworker: AiWorker, server: Stub) -> None:
    fewer = {"state": "FEWER", "failures": 6, "allowed": 8, "againAt": None, "changedAt": "2026-03-02T12:00:00Z"}
    opened = {**fewer, "state": "OPEN", "allowed": None, "againAt": "2026-03-02T12:00:30Z"}
    server.on("GET /api/modules/ocr", data(module(breaker=fewer)), data(module(breaker=opened)), data(module()))
    server.on("GET /api/modules/ocr/history", data(history()))
    assert "8 robots at a time: they failed in a row" in aiworker("module", "show", "ocr").out
    assert "one is tried at 12:00:30" in aiworker("module", "show", "ocr").out
    assert "failed in a row" not in aiworker("module", "show", "ocr").out
    server.on("POST /api/modules/ocr/reset", data(module()))
    assert aiworker("module", "reset", "ocr").out == "ocr gets robots as before its failures.\n"


def test_one_that_was_never_measured_says_so(aiworker: AiWorker, server: Stub) -> None:
    new = module(lastPerformanceCheck=None, successRate24h=None, uptimePercentage24h=None)
    server.on("GET /api/modules", data([new]))
    server.on("GET /api/modules/ocr", data(new))
    server.on("GET /api/modules/ocr/history", data(history()))
    words = aiworker("module", "list").out.splitlines()[1].split()
    assert words[2:6] + words[7:8] == ["healthy", "not", "yet", "0", "–"]
    shown = aiworker("module", "show", "ocr").out
    assert "success 24 h  not counted yet" in shown
    assert "uptime 24 h   not counted yet" in shown
    assert "%" not in shown


def test_a_module_is_registered(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/modules", data(module()))
    words = ("--type", "ocr.read", "--type", "ocr.sort", "--version", "2.0", "--at-once", "4")
    assert aiworker("module", "register", "ocr", *words).out == "ocr is registered for ocr.read, ocr.sort.\n"
    (asked,) = server.asked
    assert isinstance(asked.body, dict)
    sent_types = (asked.body["supportedRobotTypes"], asked.body["moduleVersion"], asked.body["maxConcurrent"])
    assert sent_types == (["ocr.read", "ocr.sort"], "2.0", 4)
    assert "maxPerMinute" not in asked.body
    assert aiworker("module", "register", "9", "--type", "ocr.read").status == 2


def test_a_module_is_switched_off_and_on(aiworker: AiWorker, server: Stub) -> None:
    server.on("PATCH /api/modules/ocr", data(module()))
    assert aiworker("module", "switch-off", "ocr").out == "ocr is switched off.\n"
    assert aiworker("module", "switch-on", "ocr").out == "ocr gets robots again.\n"
    assert [asked.body for asked in server.asked] == [{"isActive": False}, {"isActive": True, "draining": False}]


def test_a_module_is_limited_and_let_go_again(aiworker: AiWorker, server: Stub) -> None:
    server.on("PATCH /api/modules/ocr", data(module()))
    assert aiworker("module", "limit", "ocr", "--at-once", "4", "--per-minute", "90").out == "ocr has its limits.\n"
    aiworker("module", "limit", "ocr", "--per-minute", "0")
    assert [asked.body for asked in server.asked] == [
        {"maxConcurrent": 4, "maxPerMinute": 90},
        {"maxPerMinute": None},
    ]
    assert aiworker("module", "limit", "ocr").status == 2


def test_remove_says_why_not(aiworker: AiWorker, server: Stub) -> None:
    server.on("DELETE /api/modules/ocr%402.0", problem(409, "module_busy", "Module ocr@2.0 still has robots."))
    result = aiworker("module", "remove", "ocr@2.0")
    assert (result.status, result.err) == (1, "aiworker: Module ocr@2.0 still has robots.\n")
