"""The command line as a whole: help, exit status, what is handed to the starters."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aiworker.cli.main import build_cli
from aiworker.cli.starters import CopiedTable, DemoOptions, Finding, Mark, ServeOptions, UpOptions
from aiworker.core.errors import Conflict, Unavailable
from tests.integration.cli.conftest import AiWorker, FakeStarters
from tests.support.stub_server import Reply, Stub

COMMANDS = [
    *(("up",), ("demo",), ("mcp",), ("ship",), ("promote",), ("rollback",), ("doctor",)),
    *(("project", verb) for verb in ("add", "list", "show", "pause", "resume")),
    *(("task", verb) for verb in ("add", "list", "show", "answer", "approve", "request-changes", "cancel", "watch")),
    *(("key", verb) for verb in ("create", "list", "revoke")),
    *(("db", verb) for verb in ("upgrade", "check", "copy")),
]


@pytest.mark.parametrize("command", [(), ("project",), ("task",), ("key",), ("db",), *COMMANDS], ids=" ".join)
def test_every_command_explains_itself(aiworker: AiWorker, command: tuple[str, ...]) -> None:
    result = aiworker(*command, "--help")
    assert (result.status, result.err) == (0, "")
    assert " ".join(["Usage: aiworker", *command]) in result.out


def test_the_version_is_told(aiworker: AiWorker) -> None:
    assert aiworker("--version").out.strip() == build_cli(FakeStarters()).version


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["tsk"], 'Unknown command "tsk"'),
        (["task", "add"], "requires an argument"),
        (["task", "list", "--stat", "backlog"], "Unknown option: --stat"),
        (["task", "list", "--state", "done"], 'Invalid value "done" for --state'),
        (["task", "list", "--limit", "many"], "--limit"),
        (["ship"], "requires an argument"),
        (["key", "create", "--name", "x", "--scope", "root"], 'Invalid value "root" for --scope'),
        (["task", "add", "SHOP", "t" * 256], "title: must have at most 255 characters."),
        (["key", "create", "--name", "", "--scope", "agent"], "name: "),
    ],
)
def test_wrong_use_is_status_2_and_a_sentence(
    aiworker: AiWorker, server: Stub, words: list[str], sentence: str
) -> None:
    result = aiworker(*words)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("aiworker: ")
    assert sentence in result.err
    assert server.asked == []


def test_up_hands_over_what_it_was_told(aiworker: AiWorker, starters: FakeStarters) -> None:
    assert aiworker("up", "--host", "0.0.0.0", "--port", "8080", "--open").status == 0
    assert starters.started == [UpOptions(host="0.0.0.0", port=8080, open_page=True)]


def test_serve_and_worker_hand_over_what_they_were_told(aiworker: AiWorker, starters: FakeStarters) -> None:
    assert aiworker("serve", "--host", "0.0.0.0", "--port", "3001").status == 0
    assert aiworker("worker").status == 0
    assert starters.started == [ServeOptions(host="0.0.0.0", port=3001), "worker"]


def test_demo_hands_over_what_it_was_told(aiworker: AiWorker, starters: FakeStarters) -> None:
    assert aiworker("demo", "--repo", "my/shop", "--keep").status == 0
    assert starters.started == [DemoOptions(repository=Path("my/shop"), keep=True)]


def test_mcp_prints_nothing_of_its_own(aiworker: AiWorker, starters: FakeStarters) -> None:
    assert aiworker("mcp").out == ""
    assert starters.started == ["mcp"]


def test_a_start_that_fails_is_status_1_and_a_sentence(aiworker: AiWorker, starters: FakeStarters) -> None:
    starters.failure = Unavailable("Port 3000 is taken; choose another with --port.")
    result = aiworker("up")
    assert (result.status, result.err) == (1, "aiworker: Port 3000 is taken; choose another with --port.\n")


def test_db_upgrade_tells_its_steps(aiworker: AiWorker, starters: FakeStarters) -> None:
    starters.steps = ["0001_first"]
    assert aiworker("db", "upgrade").out == "✓ 0001_first\nThe database is of this version.\n"
    assert aiworker("db", "upgrade", "--json").out == '[\n  "0001_first"\n]\n'


def test_db_copy_tells_what_was_copied_with_checksums(aiworker: AiWorker, starters: FakeStarters) -> None:
    starters.copied = [CopiedTable("robots", 2, "00ab"), CopiedTable("tasks", 0, "0000")]
    told = aiworker("db", "copy", "--to", "postgresql://ana@db/aiworker")
    assert starters.started == ["postgresql://ana@db/aiworker"]
    assert [line.rstrip() for line in told.out.splitlines()[:3]] == [
        "table   rows  checksum",
        "robots  2     00ab",
        "Copied and compared: 2 rows in 2 tables.",
    ]
    assert json.loads(aiworker("db", "copy", "--to", "sqlite:////x.db", "--json").out) == [
        {"table": "robots", "rows": 2, "checksum": "00ab"},
        {"table": "tasks", "rows": 0, "checksum": "0000"},
    ]


def test_db_copy_that_is_refused_says_why(aiworker: AiWorker, starters: FakeStarters) -> None:
    starters.failure = Conflict("The target is not empty (tasks has rows); name an empty database.")
    refused = aiworker("db", "copy", "--to", "sqlite:////x.db")
    assert (refused.status, refused.out) == (1, "")
    assert refused.err == "aiworker: The target is not empty (tasks has rows); name an empty database.\n"
    assert aiworker("db", "copy").status == 2


def test_db_check_fails_if_something_is_bad(aiworker: AiWorker, starters: FakeStarters) -> None:
    starters.findings = [Finding("schema", Mark.GOOD, "complete"), Finding("rows", Mark.BAD, "2 lost", "Restore.")]
    result = aiworker("db", "check")
    assert result.out == "✓ schema: complete\n✗ rows: 2 lost\n  Restore.\n"
    assert (result.status, result.err) == (1, "aiworker: Not well: rows.\n")


def test_doctor_looks_at_this_machine_the_database_and_the_server(
    aiworker: AiWorker, server: Stub, starters: FakeStarters
) -> None:
    starters.findings = [Finding("database", Mark.GOOD, "sqlite")]
    server.on("GET /api/health", Reply({"status": "ok", "version": "1.0", "checks": {"forge": "ok"}}))
    result = aiworker("doctor")
    assert result.status == 0
    for line in ("✓ git: git version", "✓ database: sqlite", f"✓ server: {server.url} answers", "✓ server's forge: ok"):
        assert line in result.out


def test_doctor_names_a_neighbour_that_is_not_well(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/health", Reply({"status": "ok", "checks": {"forge": "It does not answer."}}))
    result = aiworker("doctor")
    assert "✗ server's forge: It does not answer.\n" in result.out
    assert (result.status, result.err) == (1, "aiworker: Not well: server's forge.\n")


def test_doctor_finds_keys_that_others_can_read(aiworker: AiWorker, server: Stub, home: Path) -> None:
    server.on("GET /api/health", Reply({"status": "ok", "version": "1.0"}))
    (home / "admin.key").write_text("aiw_admin")
    (home / "admin.key").chmod(0o644)
    result = aiworker("doctor")
    assert (result.status, result.err) == (1, "aiworker: Not well: keys.\n")
    assert f"chmod 600 {home / 'admin.key'}" in result.out


def test_doctor_goes_on_when_the_database_and_the_server_are_away(aiworker: AiWorker, starters: FakeStarters) -> None:
    starters.failure = Unavailable("The database does not answer.")
    result = aiworker("doctor", "--json")
    assert (result.status, result.err) == (1, "aiworker: Not well: database.\n")
    assert '"subject": "server"' in result.out


def test_a_reader_that_stops_reading_is_no_failure_worth_a_trace(home: Path) -> None:
    program = "from aiworker.cli.main import run; import sys; sys.exit(run(None, ['--help']))"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
