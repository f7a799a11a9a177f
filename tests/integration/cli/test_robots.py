import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.conftest import AiWorker
from tests.support.stub_server import Stub, data, problem

ROBOT: dict[str, Any] = {
    "robotId": "ocr_1_000001",
    "robotType": "ocr.read",
    "status": "PENDING",
    "moduleName": "reader",
    "priority": "NORMAL",
    "queue": "",
    "needs": [],
    "held": None,
    "waiting": "module reader is switched off",
    "inputData": {"page": 1},
    "outputData": None,
    "processingTimeMs": None,
    "processingTier": "STANDARD",
    "cacheHit": False,
    "cacheSourceRobotId": None,
    "retryCount": 0,
    "retryLimit": 3,
    "errorDetails": None,
    "errorCategory": None,
    "lastErrorAt": None,
    "completenessScore": 0.0,
    "confidenceScore": 0.0,
    "requiredCompleteness": None,
    "requiredConfidence": None,
    "review": None,
    "estimatedDurationMinutes": None,
    "actualDurationMinutes": None,
    "securityClassification": "STANDARD",
    "complianceTags": None,
    "auditTrail": [],
    "sourceReference": "invoice-7",
    "correlationId": None,
    "routingDecision": None,
    "deferUntil": None,
    "dueDate": None,
    "createdAt": "2026-03-02T12:00:00Z",
    "updatedAt": "2026-03-02T12:00:00Z",
    "startedAt": None,
    "completedAt": None,
}
BATCH: dict[str, Any] = {
    "correlationId": "scan-7",
    "madeBy": "ana",
    "madeAt": "2026-03-02T12:00:00Z",
    "cancelledAt": None,
    "asked": 3,
    "total": 3,
    "done": 3,
    "progressPercentage": 100,
    "byStatus": {"COMPLETED": 3},
    "failures": {},
    "cacheHits": 0,
    "averageMs": 1200,
    "startedAt": None,
    "completedAt": None,
    "estimatedCompletionAt": None,
}
FAILED = {**BATCH, "byStatus": {"COMPLETED": 2, "FAILED": 1}, "failures": {"VALIDATION": 1}}


def submitted(number: int, refused: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "correlationId": "scan-7",
        "accepted": number,
        "cacheHits": 0,
        "shared": 0,
        "robotIds": ["x"] * number,
        "refused": refused or [],
    }


def test_one_robot_is_submitted_and_says_why_it_waits(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/robots", data(ROBOT))
    out = aiworker("robot", "submit", "ocr.read", "--input", '{"page": 1}', "--reference", "invoice-7").out
    assert out == "ocr_1_000001  PENDING\nWaits: module reader is switched off\n"
    assert server.asked[0].body == {
        "robotType": "ocr.read",
        "inputData": {"page": 1},
        "priority": "NORMAL",
        "queue": "",
        "needs": [],
        "sourceReference": "invoice-7",
    }


def test_who_waits_gets_the_result_or_why_there_is_none(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/robots", data(ROBOT), data(ROBOT))
    server.on(
        "GET /api/robots/ocr_1_000001",
        data({**ROBOT, "status": "COMPLETED", "waiting": None, "outputData": {"text": "hola"}}),
        data({**ROBOT, "status": "FAILED", "errorDetails": {"message": "no such page"}}),
    )
    assert json.loads(aiworker("robot", "submit", "ocr.read", "--wait", "--json").out)["outputData"] == {"text": "hola"}
    result = aiworker("robot", "submit", "ocr.read", "--wait")
    assert (result.status, result.err) == (1, "aiworker: ocr_1_000001 is FAILED: no such page\n")


def test_rows_of_a_csv_file_are_inputs_of_one_type(aiworker: AiWorker, server: Stub) -> None:
    Path("pages.csv").write_bytes('\ufefffile,title\na.pdf,"Café, ""7"""\nb.pdf,x\n'.encode())
    server.on("POST /api/robots/batches", data(submitted(2)))
    out = aiworker("robot", "submit", "ocr.read", "--file", "pages.csv", "--batch", "scan-7").out
    assert out == "2 robots submitted, 0 known already, 0 refused.\nBatch scan-7\n"
    assert server.asked[1].query == {"correlationId": "scan-7"}
    assert [robot["inputData"] for robot in server.asked[1].body] == [
        {"file": "a.pdf", "title": 'Café, "7"'},
        {"file": "b.pdf", "title": "x"},
    ]


def test_what_a_types_schema_wants_as_a_number_is_none_of_a_rows_texts(aiworker: AiWorker, server: Stub) -> None:
    Path("pages.csv").write_text("page,zip,dark,limit\n1,08001,TRUE,\nx,08002,no,2.5\n")
    schema = {
        "properties": {
            "page": {"type": "integer"},
            "zip": {"type": "string"},
            "dark": {"type": ["boolean", "null"]},
            "limit": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        }
    }
    described = {"robotType": "ocr.read", "inputSchema": schema}
    server.on("GET /api/robots/types/ocr.read", data(described))
    server.on("POST /api/robots/batches", data(submitted(2)))
    aiworker("robot", "submit", "ocr.read", "--file", "pages.csv")
    assert [robot["inputData"] for robot in server.asked[1].body] == [
        {"page": 1, "zip": "08001", "dark": True},
        {"page": "x", "zip": "08002", "dark": "no", "limit": 2.5},
    ]


def test_lines_without_a_type_are_whole_robots_and_those_refused_are_named(aiworker: AiWorker, server: Stub) -> None:
    Path("all.ndjson").write_text('{"robotType": "a.b", "inputData": {}}\n\n{"robotType": "c.d", "inputData": {}}\n')
    refused = [{"index": 1, "code": "unknown_robot_type", "message": "Nobody does c.d."}]
    server.on("POST /api/robots/batches", data(submitted(1, refused)))
    out = aiworker("robot", "submit", "--file", "all.ndjson", "--partial", "--priority", "HIGH").out
    assert "robot 2: Nobody does c.d.\n" in out
    assert [(one["robotType"], one["priority"]) for one in server.asked[0].body] == [("a.b", "HIGH"), ("c.d", "HIGH")]


def test_a_long_file_goes_in_several_requests_of_one_batch(aiworker: AiWorker, server: Stub) -> None:
    Path("many.ndjson").write_text('{"page": 1}\n' * 10_001)
    server.on("POST /api/robots/batches", data(submitted(10_000)), data(submitted(1)))
    assert aiworker("robot", "submit", "ocr.read", "--file", "many.ndjson").status == 0
    first, second = server.asked
    assert (len(first.body), len(second.body)) == (10_000, 1)
    assert first.query == second.query


def test_a_batch_that_failed_in_part_is_an_exit_status(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/robots/batches/scan-7", data(BATCH), data(FAILED), data(FAILED))
    assert "All 3 robots are completed." in aiworker("robot", "batch", "show", "scan-7", "--wait").out
    result = aiworker("robot", "batch", "show", "scan-7", "--wait")
    assert (result.status, result.err) == (1, "aiworker: 1 of 3 robots were not completed: 1 VALIDATION.\n")
    assert "2 COMPLETED, 1 FAILED" in aiworker("robot", "batch", "show", "scan-7").out


def test_batches_are_listed_cancelled_and_tried_again(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/robots/batches", data([BATCH], count=1))
    server.on("POST /api/robots/batches/scan-7/cancel", data({**BATCH, "moved": 1}))
    server.on("POST /api/robots/batches/scan-7/retry", data({**BATCH, "moved": 2}))
    assert "scan-7" in aiworker("robot", "batch", "list").out
    assert aiworker("robot", "batch", "cancel", "scan-7", "--reason", "no").out == "1 robot cancelled.\n"
    assert aiworker("robot", "batch", "retry", "scan-7").out == "2 robots sent to wait again.\n"
    assert server.asked[1].body == {"reason": "no"}


def test_robots_are_listed_by_what_they_are(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/robots", data([ROBOT], count=1))
    words = ("--status", "PENDING", "--type", "ocr.read", "--batch", "scan-7", "--limit", "5")
    out = aiworker("robot", "list", *words).out
    assert "ocr_1_000001" in out
    assert "module reader is switched off" in out
    assert server.asked[0].query == {
        "status": "PENDING",
        "robotType": "ocr.read",
        "correlationId": "scan-7",
        "limit": "5",
    }


@pytest.mark.parametrize("verb", ["cancel", "retry", "pause", "resume"])
def test_several_robots_are_moved_at_once(aiworker: AiWorker, server: Stub, verb: str) -> None:
    for name in ("a", "b"):
        server.on(f"POST /api/robots/{name}/{verb}", data({**ROBOT, "robotId": name, "waiting": None}))
    assert aiworker("robot", verb, "a", "b").out == "a is PENDING.\nb is PENDING.\n"


def test_what_the_server_refuses_is_told_in_a_sentence(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/robots", problem(422, "input_refused", "inputData.page: it is less than 1."))
    result = aiworker("robot", "submit", "ocr.read", "--input", '{"page": 0}')
    assert (result.status, result.err) == (1, "aiworker: inputData.page: it is less than 1.\n")


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("submit",), 2, "Name the robot's type, or give --file."),
        (("submit", "ocr.read", "--input", "[1]"), 1, 'The input is not a JSON object like {"page": 1}.'),
        (("submit", "ocr.read", "--input", "@none.json"), 1, "none.json cannot be read: No such file or directory."),
        (("submit", "ocr.read", "--file", "empty.ndjson"), 1, "There is nothing in empty.ndjson."),
        (("submit", "ocr.read", "--file", "bad.ndjson"), 1, "bad.ndjson, line 2 is not a JSON object like"),
        (("submit", "ocr.read", "--file", "short.csv"), 1, "short.csv, line 2: it has not as many fields"),
        (("submit", "--file", "short.csv"), 2, "The rows of a .csv file are inputs: name the robots' type."),
        (("submit", "ocr.read", "--file", "latin.ndjson"), 1, "latin.ndjson is not UTF-8; save it as UTF-8."),
        (("submit", "x.y", "--file", "bad.ndjson", "--input", "{}"), 2, "With --file each line has its own input"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_sent(
    aiworker: AiWorker, server: Stub, words: tuple[str, ...], status: int, sentence: str
) -> None:
    Path("empty.ndjson").write_text("\n")
    Path("bad.ndjson").write_text('{"page": 1}\n[]\n')
    Path("short.csv").write_text("a,b\n1\n")
    Path("latin.ndjson").write_bytes(b'{"name": "Caf\xe9"}\n')
    result = aiworker("robot", *words)
    assert result.status == status
    assert sentence in result.err
    assert all(asked.method == "GET" for asked in server.asked)


def test_lines_that_are_no_objects_are_refused_among_the_others_if_some_are_to_be_taken(
    aiworker: AiWorker, server: Stub
) -> None:
    Path("mixed.ndjson").write_text('{"page": 1}\nnot JSON\n[2]\n')
    refused = [{"index": 1, "code": "invalid", "message": "inputData: must be a valid object."}]
    server.on("POST /api/robots/batches", data(submitted(1, refused)))
    out = aiworker("robot", "submit", "ocr.read", "--file", "mixed.ndjson", "--partial", "--batch", "scan-7").out
    assert "robot 2: inputData: must be a valid object." in out
    assert [robot["inputData"] for robot in server.asked[0].body] == [{"page": 1}, "not JSON", [2]]
    whole = aiworker("robot", "submit", "--file", "mixed.ndjson", "--partial")
    assert whole.status == 0
    assert server.asked[1].body == [{"priority": "NORMAL", "page": 1}, "not JSON", [2]]


@pytest.mark.parametrize(
    ("status", "retried", "tries"),
    [("PENDING", 0, "0"), ("RETRYING", 1, "1"), ("PROCESSING", 1, "2"), ("FAILED", 1, "2"), ("COMPLETED", 0, "1")],
)
def test_a_try_counts_once_it_has_begun(
    aiworker: AiWorker, server: Stub, status: str, retried: int, tries: str
) -> None:
    server.on("GET /api/robots", data([{**ROBOT, "status": status, "retryCount": retried}], count=1))
    row = aiworker("robot", "list").out.splitlines()[1].split()
    assert row[:5] == ["ocr_1_000001", status, "NORMAL", "reader", tries]
