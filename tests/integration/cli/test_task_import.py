import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.conftest import AiWorker
from tests.support.stub_server import Stub, data, problem

DONE: dict[str, Any] = {
    "dryRun": False,
    "created": 1,
    "existing": 1,
    "tasks": [
        {"place": "line 2", "title": "Tax", "outcome": "created", "key": "SHOP-7"},
        {"place": "line 3", "title": "Ink", "outcome": "exists", "key": "SHOP-1"},
    ],
}


def test_a_file_is_sent_as_text_and_what_came_of_it_is_shown(aiworker: AiWorker, server: Stub) -> None:
    Path("tasks.csv").write_bytes("\ufefftitle\nCafé\n".encode())
    server.on("POST /api/projects/SHOP/import", data(DONE))
    out = aiworker("task", "import", "SHOP", "tasks.csv").out
    assert "line 2  created           SHOP-7  Tax" in out
    assert "line 3  is there already  SHOP-1  Ink" in out
    assert out.endswith("1 task made, 1 there already.\n")
    assert server.asked[0].body == {"source": "csv", "content": "title\nCafé\n", "dryRun": False}


def test_without_a_file_issues_are_imported(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/projects/SHOP/import", data({**DONE, "dryRun": True, "created": 2, "tasks": []}))
    words = ("--issue", "3", "--issue", "4", "--label", "agent", "--dry-run")
    assert (
        aiworker("task", "import", "SHOP", *words).out
        == "There is nothing to import.\n2 tasks would be made, 1 there already.\n"
    )
    assert server.asked[0].body == {"source": "gitea", "issues": [3, 4], "label": "agent", "dryRun": True}


def test_json_prints_what_the_server_said(aiworker: AiWorker, server: Stub) -> None:
    Path("tasks.json").write_text("[]")
    server.on("POST /api/projects/SHOP/import", data(DONE))
    assert json.loads(aiworker("task", "import", "SHOP", "tasks.json", "--json").out) == DONE


def test_wrong_rows_are_told_in_a_sentence(aiworker: AiWorker, server: Stub) -> None:
    Path("tasks.csv").write_text("title\n\n")
    server.on("POST /api/projects/SHOP/import", problem(422, "rows_wrong", "Nothing was imported: line 3: …"))
    result = aiworker("task", "import", "SHOP", "tasks.csv")
    assert (result.status, result.err) == (1, "aiworker: Nothing was imported: line 3: …\n")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("tasks.xlsx", b"x", "tasks.xlsx is neither .csv nor .json."),
        ("tasks.csv", b"title\nCaf\xe9\n", "tasks.csv, line 2: this is not UTF-8; save the file as UTF-8."),
        ("tasks.csv", b"x" * 1_000_001, "tasks.csv is larger than 1000000 bytes; split it."),
        ("missing.csv", None, "missing.csv cannot be read: No such file or directory."),
    ],
)
def test_a_file_that_cannot_be_sent_is_wrong_use(
    aiworker: AiWorker, server: Stub, name: str, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    result = aiworker("task", "import", "SHOP", name)
    assert result.status == 2
    assert sentence in result.err
    assert server.asked == []


def test_a_file_and_issues_do_not_go_together(aiworker: AiWorker) -> None:
    Path("tasks.csv").write_text("title\nx\n")
    assert aiworker("task", "import", "SHOP", "tasks.csv", "--label", "x").status == 2
