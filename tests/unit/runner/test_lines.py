"""Lines of a program, however it writes them."""

import asyncio

from aiworker.runner.lines import lines_of


async def read(*pieces: bytes, longest: int = 20) -> list[str]:
    stream = asyncio.StreamReader()
    for piece in pieces:
        stream.feed_data(piece)
    stream.feed_eof()
    return [line async for line in lines_of(stream, longest=longest)]


async def test_lines_come_whole_wherever_they_are_cut() -> None:
    assert await read(b"on", b"e\ntw", b"o\n\nthree") == ["one", "two", "", "three"]


async def test_of_a_line_that_is_too_long_the_beginning_is_kept() -> None:
    assert await read(b"x" * 200_000 + b"\nnext\n", longest=5) == ["xxxxx", "next"]


async def test_what_is_no_text_is_read_all_the_same() -> None:
    assert await read(b"\xff\xfe\n") == ["\ufffd\ufffd"]


async def test_a_program_that_says_nothing_has_no_lines() -> None:
    assert await read() == []
