"""What the documents say about the command line is true."""

import re
import shlex
import sys
from pathlib import Path

import pytest
from cyclopts import App

from aiworker.cli.main import build_cli
from aiworker.cli.reference import reference
from tests.integration.cli.conftest import FakeStarters

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs" / "reference" / "commands.md"
DOCUMENTS = [ROOT / "README.md", *sorted({*(ROOT / "docs").rglob("*.md")} - {REFERENCE})]
# Named by the documents, and not there yet: the README's table says so.
TO_COME = {"agent"}


def test_the_reference_is_what_the_program_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["aiworker"])
    assert REFERENCE.read_text() == reference(), "run: python -m aiworker.cli.reference > docs/reference/commands.md"


def test_every_command_line_in_the_documents_is_understood() -> None:
    app = build_cli(FakeStarters())
    wrong = [
        f"{document.relative_to(ROOT)}: {words}"
        for document in DOCUMENTS
        for words in command_lines(document.read_text())
        if not is_understood(app, words)
    ]
    assert wrong == []


@pytest.mark.parametrize("words", [["tsk"], ["task", "add"], ["ship", "A", "--nope"]])
def test_a_wrong_command_line_would_be_found(words: list[str]) -> None:
    assert not is_understood(build_cli(FakeStarters()), words)


def command_lines(text: str) -> list[list[str]]:
    """The words after `aiworker` in blocks of code, and in `code` that has more than the command's name."""
    blocks = re.findall(r"^(?:```(?:sh|console)\n.*?^```|(?:    .*\n)+)", text, flags=re.DOTALL | re.MULTILINE)
    found = [
        line
        for block in blocks
        for line in re.findall(r'(?:^|\$\(|&& |; )\s*(?:\$ )?aiworker ((?:"[^"\n]*"|[^)\n#|&"])+)', block, re.MULTILINE)
    ]
    lines = [shlex.split(line) for line in found]
    return [words for words in lines if words[0] not in TO_COME]


def is_understood(app: App, words: list[str]) -> bool:
    try:
        app.parse_args(words, exit_on_error=False, print_error=False)
    except Exception:  # noqa: BLE001 (whatever is wrong with it, it is not understood)
        return False
    return True
