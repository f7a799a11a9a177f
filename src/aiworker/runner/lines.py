"""What a program writes, line by line, in bounded memory."""

from asyncio import StreamReader
from collections.abc import AsyncGenerator

_PIECE = 65_536


async def lines_of(stream: StreamReader, *, longest: int) -> AsyncGenerator[str]:
    """Each line without its end, as it comes; of one that is longer than `longest` bytes, the beginning."""
    kept = bytearray()
    while piece := await stream.read(_PIECE):
        *ended, rest = piece.split(b"\n")
        for part in ended:
            kept += part[: longest - len(kept)]
            yield kept.decode(errors="replace")
            kept.clear()
        kept += rest[: longest - len(kept)]
    if kept:
        yield kept.decode(errors="replace")
