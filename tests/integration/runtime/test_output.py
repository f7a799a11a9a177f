from pathlib import Path

from aiworker.adapters.runtime.output import keep_bounded, note, tail


def test_the_tail_has_the_last_lines_and_nothing_that_a_database_refuses(tmp_path: Path) -> None:
    file = tmp_path / "output"
    file.write_bytes(b"one\ntwo\0\nthr\xffee\n")
    assert tail(file, 2) == "two\nthr\ufffdee"
    assert tail(file, 0) == ""
    assert tail(tmp_path / "missing") == ""


def test_output_over_the_limit_is_cut_in_place_and_its_end_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "output"
    file.write_text("".join(f"line {number}\n" for number in range(1000)))
    before = file.stat()
    keep_bounded(file, limit=1000)
    assert (file.stat().st_ino, file.stat().st_size) == (before.st_ino, 0)
    note(file, "cut")
    assert tail(file, 3) == "line 998\nline 999\n[aiworker] cut"


def test_output_under_the_limit_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "output"
    file.write_text("short\n")
    keep_bounded(file)
    assert file.read_text() == "short\n"
    keep_bounded(tmp_path / "missing")
    note(tmp_path / "no folder" / "missing", "nobody")


def test_a_tail_is_never_long(tmp_path: Path) -> None:
    file = tmp_path / "output"
    file.write_bytes(b"x" * 3_000_000)
    assert len(tail(file)) <= 2**19
