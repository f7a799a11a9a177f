"""The house rules that a program can check."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "aiworker"
SHOP = PACKAGE / "cli" / "demo" / "shop"
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if SHOP not in path.parents]
MOST_LINES = 500
# A state machine is one class: its rules, its model and its invariants are read together.
MACHINE = "tests/integration/delivery/test_machine.py"


def test_every_room_imports_only_from_the_rooms_below_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True, no_logo=True) == 0, capsys.readouterr().out


def test_only_tables_queries_and_storage_know_sqlalchemy() -> None:
    wrong = [
        name(module)
        for module in MODULES
        if "sqlalchemy" in imported_roots(module)
        and module.stem not in {"tables", "queries"}
        and PACKAGE / "storage" not in module.parents
    ]
    assert wrong == []


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        f"{name(module)}:{inner.lineno}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_a_file_is_short_enough_to_be_read() -> None:
    history = PACKAGE / "storage" / "migrations" / "versions"
    files = [*MODULES, *(ROOT / "tests").rglob("*.py")]
    long = [name(file) for file in files if len(file.read_text().splitlines()) > MOST_LINES]
    assert [file for file in long if not file.startswith(name(history)) and file != MACHINE] == []


def test_no_file_tells_where_it_was_written() -> None:
    # The words are put together here, so that this file does not hold them.
    folders = re.compile(
        "|".join(["/" + "work/(main|shared)", r"\.\./" + "shared", r"/\.lib" + "rary", "/root" + r"/\.(pyenv|cache)"])
    )
    telling = [path for path, text in project_texts() if folders.search(text)]
    assert telling == []


def test_every_link_of_the_documents_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert broken == []


def test_every_file_that_the_architecture_names_is_there() -> None:
    files = [str(file.relative_to(ROOT)) for folder in ("src/aiworker", "tests") for file in (ROOT / folder).rglob("*")]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", (ROOT / "docs" / "architecture.md").read_text())
    assert len(named) > 50
    assert [path for path in named if not any(f"/{file}".endswith(f"/{path.rstrip('/')}") for file in files)] == []


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def imported_roots(module: Path) -> set[str]:
    roots: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            roots.add(node.module.partition(".")[0])
    return roots


def project_texts() -> Iterator[tuple[str, str]]:
    """Every text file that git knows, and those that it would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    for path in listed.split("\0"):
        file = ROOT / path
        if path and file.is_file():
            data = file.read_bytes()
            if b"\0" not in data[:8000]:
                yield path, data.decode(errors="replace")
