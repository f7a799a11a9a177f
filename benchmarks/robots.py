"""The screen of robots with 100,000 of them in a real browser, and what it costs to make them in batches of 10,000.

`python -m benchmarks.robots`, about two minutes; it fails if what the board promises is not kept here, too. The page
must be built. `--quick`: with 10,000 robots, to see that it works.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2
from playwright.async_api import Browser, Locator, Page
from tests.support.browser import Visitor, chromium, visitor

from aiworker.cli.demo.server import DemoServer
from benchmarks import machine
from benchmarks.page import (
    EVENTS_A_SECOND,
    MOST_INPUT_MS,
    MOST_INTERACTIVE_SECONDS,
    MOST_MEGABYTES,
    MOST_TASK_MS,
    WATCH,
    renderer_megabytes,
)
from benchmarks.tables import bullets, table

_MODULE, _TYPE = "bench", "bench.read"
_BATCH = 10_000
_SECONDS = 15.0
_SCROLLS = 150
_TYPED = "bench_nothing_of_that_name"
_FILTERS = 5
_LIMIT = {"AIWORKER_RATE_LIMIT": "10000000"}


async def make_batches(server: httpx2.AsyncClient, number: int) -> list[float]:
    """So many batches of 10,000 robots, each in one request, all or none; how many seconds each took."""
    new = {"moduleName": _MODULE, "moduleVersion": "1", "supportedRobotTypes": [_TYPE]}
    (await server.post("modules", json=new)).raise_for_status()
    took: list[float] = []
    for batch in range(number):
        lines = "".join(f'{{"robotType": "{_TYPE}", "inputData": {{"page": {page}}}}}\n' for page in range(_BATCH))
        began = time.perf_counter()
        answer = await server.post(
            "robots/batches",
            params={"correlationId": f"batch-{batch}"},
            content=lines.encode(),
            headers={"Content-Type": "application/x-ndjson"},
        )
        answer.raise_for_status()
        took.append(time.perf_counter() - began)
    return took


async def do_some(server: httpx2.AsyncClient, number: int) -> None:
    """Complete so many; every tenth fails."""
    claim = {"holder": "bench", "limit": number, "leaseSeconds": 600}
    claimed = (await server.post(f"modules/{_MODULE}/claim", json=claim)).json()["data"]
    endings = [_ending(one, fails=at % 10 == 9) for at, one in enumerate(claimed)]
    (await server.post("executions/end", json={"endings": endings})).raise_for_status()


def _ending(claimed: dict[str, Any], *, fails: bool) -> dict[str, Any]:
    token = {"leaseToken": claimed["leaseToken"]}
    # Not in a row, and not the module's fault: it is to have more.
    failed = {"fail": {**token, "errorCategory": "BUSINESS", "errorMessage": "The sums do not add up."}}
    done = {"complete": {**token, "outputData": {"text": "read"}}}
    return {"executeId": claimed["executeId"], **(failed if fails else done)}


async def change_for_a_while(server: httpx2.AsyncClient) -> float:
    """Robots begin and end, so many a second; how many a second came about."""
    began, made = time.monotonic(), 0
    while (passed := time.monotonic() - began) < _SECONDS:
        missing = min(500, int(passed * EVENTS_A_SECOND) - made)
        if missing > 0:
            await do_some(server, missing)
            made += missing
        await asyncio.sleep(0.25)
    return made / (time.monotonic() - began)


async def opened(browser: Browser, server: DemoServer) -> tuple[Visitor, float]:
    """The screen of robots with an empty cache, and how long it took until it could be used."""
    ada = await visitor(browser, server.url)
    await ada.page.add_init_script(WATCH)
    await ada.sign_in(server.admin_key)
    await ada.page.goto("about:blank")
    network = await ada.context.new_cdp_session(ada.page)
    await network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await ada.page.goto(f"{server.url}/automation/robots")
    await _rows(ada.page).first.wait_for()
    seconds = await ada.page.evaluate(
        """async () => {
            await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
            return performance.now() / 1000;
        }"""
    )
    await ada.page.wait_for_load_state("networkidle")
    return ada, seconds


def _rows(page: Page) -> Locator:
    return page.get_by_role("list", name="Robots").get_by_role("listitem")


async def filtered(page: Page) -> float:
    """Seconds from the click on a status to the first robot that has it, the median of some."""
    took: list[float] = []
    tabs = page.get_by_role("group", name="Status")
    for _ in range(_FILTERS):
        for status in ("failed", "done"):
            began = time.perf_counter()
            await tabs.get_by_role("button", name=status).click()
            await _rows(page).first.filter(has_text=status).wait_for()
            took.append(time.perf_counter() - began)
        await tabs.get_by_role("button", name="All").click()
        await _rows(page).first.filter(has_text="waiting").wait_for()
    return statistics.median(took)


async def scroll(page: Page) -> float:
    """The longest task in ms while the list is scrolled, and its next pages are loaded."""
    await _rows(page).first.hover()
    await page.evaluate("window.longest = 0")
    for _ in range(_SCROLLS):
        await page.mouse.wheel(0, 900)
    await page.evaluate("() => new Promise((next) => requestAnimationFrame(() => setTimeout(next, 500)))")
    return await page.evaluate("window.longest")


async def type_words(page: Page) -> list[float]:
    """How long each key took until it was painted, in ms."""
    await page.evaluate("window.inputs = []")
    search = page.get_by_role("searchbox", name="Search by id")
    for _ in range(2):
        await search.fill("")
        await search.press_sequentially(_TYPED, delay=200)
    await search.fill("")
    return await page.evaluate("window.inputs")


async def main(batches: int) -> int:
    """Print the figures; 1 if a promise is not kept."""
    about = machine.describe()
    with tempfile.TemporaryDirectory(prefix="aiworker-bench-") as folder:
        async with DemoServer(Path(folder), settings=_LIMIT) as server, chromium() as browser:
            headers = {"Authorization": f"Bearer {server.admin_key}"}
            address = f"{server.url}/api/"
            async with httpx2.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=120) as http:
                made = await make_batches(http, batches)
                await do_some(http, 500)
                ada, interactive = await opened(browser, server)
                filters = await filtered(ada.page)
                longest = await scroll(ada.page)
                rate, inputs = await asyncio.gather(change_for_a_while(http), type_words(ada.page))
                held = renderer_megabytes()
    slowest = max(inputs, default=16.0)
    rows = [
        _row(f"a batch of {_BATCH:,} robots, median of {batches}", statistics.median(made), None, "s"),
        _row("interactive", interactive, MOST_INTERACTIVE_SECONDS, "s"),
        _row("another status, until its robots are there", filters, None, "s"),
        _row("longest task while scrolling (0: under 50)", longest, MOST_TASK_MS, "ms"),
        _row(f"slowest key of {len(inputs)}, {rate:.0f} robots a second", slowest, MOST_INPUT_MS, "ms"),
        _row("memory of the page's process", held, MOST_MEGABYTES, "MB"),
    ]
    print(table([f"{batches * _BATCH:,} robots", "measured", "at most", ""], rows))
    print(bullets(about))
    return 0 if all(row[3] != "**missed**" for row in rows) else 1


def _row(what: str, measured: float, most: float | None, unit: str) -> list[str]:
    digits = 2 if unit == "s" else 0
    limit = "" if most is None else f"{most:g} {unit}"
    missed = most is not None and measured > most
    return [what, f"{measured:.{digits}f} {unit}", limit, "**missed**" if missed else "" if most is None else "met"]


if __name__ == "__main__":
    _asked = argparse.ArgumentParser(description=__doc__)
    _asked.add_argument("--quick", action="store_true")
    sys.exit(asyncio.run(main(1 if _asked.parse_args().quick else 10)))
