"""Read a folder of your own: `python -m examples.documents FOLDER [--out OUT] [--at-once N]`.

Needs a server (`make up`). Starts the module in this program, makes a robot of every document, and waits for the end.
"""

import argparse
import asyncio
import logging
import sys
import uuid
from pathlib import Path
from typing import Any

import httpx2

from aiworker.core.connection import address_and_key
from aiworker.core.errors import AiWorkerError
from aiworker.core.settings import ClientSettings, load_settings
from examples.documents.module import KINDS, ROBOT_TYPE, documents_module
from examples.documents.report import as_text, step_times

_PAGE = 500
_BATCH = 10_000
# Reading scans keeps every core of a small machine busy, the server's as well.
_TIMEOUT_SECONDS = 60.0


async def read_folder(folder: Path, out: Path, *, at_once: int, url: str, key: str) -> str:
    """Everything in the folder, from the first robot to the report."""
    names = documents_in(folder)
    if not names:
        return f"There is no PDF and no image in {folder}."
    stop = asyncio.Event()
    working = asyncio.create_task(documents_module(folder, out, at_once=at_once).serve(stop, url=url, token=key))
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=f"{url}/api/", headers=headers, timeout=_TIMEOUT_SECONDS) as server:
        try:
            await known(server, working)
            batch = f"documents-{uuid.uuid4()}"
            for at in range(0, len(names), _BATCH):
                await submit(server, names[at : at + _BATCH], batch)
            robots = await ended(server, batch)
            executions = await everything(server, "executions", correlationId=batch)
        finally:
            stop.set()
            await working
    return as_text(robots, step_times(executions))


def documents_in(folder: Path) -> list[str]:
    """The names of the documents in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.suffix.lower() in KINDS)


async def known(server: httpx2.AsyncClient, working: asyncio.Task[None]) -> None:
    """Until the server knows the module, or the module could not start."""
    while not working.done() and (await server.get("modules/documents")).is_error:
        await asyncio.wait({working}, timeout=0.1)


async def submit(server: httpx2.AsyncClient, names: list[str], batch: str) -> None:
    """A robot for each document; all of them belong to the batch."""
    news = [{"robotType": ROBOT_TYPE, "inputData": {"name": name}, "timeoutSeconds": 300} for name in names]
    answer = await server.post("robots/batches", params={"correlationId": batch}, json=news)
    answer.raise_for_status()


async def ended(server: httpx2.AsyncClient, batch: str) -> list[dict[str, Any]]:
    """The robots of the batch, once each has its end."""
    while True:
        answer = await server.get(f"robots/batches/{batch}")
        answer.raise_for_status()
        progress = answer.json()["data"]
        print(f"\r{progress['done']} of {progress['total']}", end="", file=sys.stderr, flush=True)
        if progress["done"] == progress["total"]:
            print(file=sys.stderr)
            return await everything(server, "robots", correlationId=batch)
        await asyncio.sleep(0.5)


async def everything(server: httpx2.AsyncClient, noun: str, **query: str) -> list[dict[str, Any]]:
    """A whole list, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        asked = {**query, "limit": str(_PAGE), **({"cursor": cursor} if cursor else {})}
        answer = await server.get(noun, params=asked)
        answer.raise_for_status()
        page = answer.json()
        found += page["data"]
        cursor = page["nextCursor"]
        if cursor is None:
            return found


def main() -> None:
    """The command."""
    asked = argparse.ArgumentParser(prog="python -m examples.documents", description="Read a folder of documents.")
    asked.add_argument("folder", type=Path)
    asked.add_argument("--out", type=Path, help="where the JSON files go; by default FOLDER/read")
    asked.add_argument("--at-once", type=int, default=2)
    given = asked.parse_args()
    # What failed is in the report.
    logging.getLogger("aiworker.sdk").setLevel(logging.ERROR)
    try:
        url, key = address_and_key(load_settings(ClientSettings))
        out = given.out or given.folder / "read"
        print(asyncio.run(read_folder(given.folder, out, at_once=given.at_once, url=url, key=key)))
        print(f"The fields are in {out}")
    except httpx2.TimeoutException:
        sys.exit(f"documents: the server did not answer within {_TIMEOUT_SECONDS:g} s")
    except (AiWorkerError, OSError, httpx2.HTTPError) as error:
        sys.exit(f"documents: {error}")


if __name__ == "__main__":
    main()
