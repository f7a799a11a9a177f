"""Endings on disk."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from aiworker.core.errors import Invalid
from aiworker.sdk import journal as journals
from aiworker.sdk.journal import Journal
from aiworker.wire.batches import Ending
from aiworker.wire.engine import Complete


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Callable[[], Journal]]:
    """Opens journals in one folder, as many processes do; those that are still open are closed at the end."""
    with ExitStack() as opened:

        def open_one() -> Journal:
            one = Journal(tmp_path)
            opened.callback(one.close)
            return one

        yield open_one


Open = Callable[[], Journal]


def ending(name: str, size: int = 1) -> Ending:
    return Ending(execute_id=name, complete=Complete(lease_token=name, output_data={"text": "x" * size}))


def abandon(journal: Journal) -> None:
    """As a killed process leaves it: unlocked, with what was open."""
    journal.__dict__["_file"].close()


def test_what_a_dead_process_left_is_taken_over_once(journal: Open) -> None:
    first = journal()
    first.add([ending("a"), ending("b")])
    first.arrived(["a"])
    abandon(first)
    second, third = journal(), journal()
    # `a` may have arrived or not, for all that is known: telling it again is no error.
    assert [one.execute_id for one in second.left_behind()] == ["a", "b"]
    assert third.left_behind() == []
    abandon(second)
    assert [one.execute_id for one in third.left_behind()] == ["a", "b"]


def test_what_a_living_process_has_is_left_alone(journal: Open) -> None:
    journal().add([ending("a")])
    assert journal().left_behind() == []


def test_a_line_that_was_cut_off_is_passed_over(journal: Open, tmp_path: Path) -> None:
    first = journal()
    first.add([ending("a"), ending("b")])
    abandon(first)
    (file,) = tmp_path.glob("endings-*.jsonl")
    file.write_bytes(file.read_bytes()[:-9])
    assert [one.execute_id for one in journal().left_behind()] == ["a"]


def test_what_has_arrived_takes_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "_REWRITTEN_BYTES", 1_000)
    journal = Journal(tmp_path)
    for number in range(50):
        journal.add([ending(str(number), size=200)])
        journal.arrived([str(number - 1)])
    (file,) = tmp_path.glob("endings-*.jsonl")
    assert file.stat().st_size < 2_000
    assert file.stat().st_mode & 0o777 == 0o600
    journal.arrived(["49"])
    assert file.stat().st_size == 0
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Invalid, match="AIWORKER_HOME"):
        Journal(tmp_path / "file" / "folder")
