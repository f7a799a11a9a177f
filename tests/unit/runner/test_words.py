"""What programs say, made fit for the server."""

from aiworker.runner.drivers.driver import LONGEST_MESSAGE, line, plain
from aiworker.wire.agents import LogLevel


def test_colours_bells_and_broken_characters_do_not_keep_a_line_from_the_log() -> None:
    told = line("\x1b[31mred\x1b[0m\x07\x00\udc80 end\r\n", LogLevel.WARN)
    assert told is not None
    assert (told.message, told.level) == ("red end", LogLevel.WARN)


def test_lines_stay_apart_and_indented() -> None:
    assert plain("one\r\n\ttwo\n") == "one\n\ttwo"


def test_a_line_of_nothing_is_no_line() -> None:
    assert line(" \n\x00") is None


def test_a_line_is_no_longer_than_the_log_takes() -> None:
    told = line("x" * 100_000)
    assert told is not None
    assert len(told.message) == LONGEST_MESSAGE
