"""Modules without the SDK: in Node, and with curl as the how-to tells it, word for word."""

import asyncio
import os
import re
import signal
from pathlib import Path

from aiworker.wire.access import Scope
from tests.integration.sdk.conftest import Shop
from tests.support.programs import need_program
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
HOW_TO = ROOT / "docs/how-to/module-in-another-language.md"


async def test_a_module_in_node_does_robots_and_stops_when_it_is_told_to(shop: Shop) -> None:
    program = await asyncio.create_subprocess_exec(
        need_program("node", package="nodejs"),
        str(ROOT / "examples/node/module.mjs"),
        env={**os.environ, "AIWORKER_URL": shop.url, "AIWORKER_TOKEN": shop.key},
        stdout=asyncio.subprocess.DEVNULL,
    )
    await eventually(lambda: shop.get("modules"))
    good, bad = await shop.submit("text.count", {"text": "two  words"}, {"text": 2})
    assert (await shop.ended(good))["outputData"] == {"words": 2, "longest": "words"}
    assert [step["name"] for step in (await shop.execution(good))["steps"]] == ["count"]
    assert (await shop.ended(bad))["errorCategory"] == "VALIDATION"
    program.send_signal(signal.SIGTERM)
    async with asyncio.timeout(60):
        assert await program.wait() == 0


async def test_the_how_to_works_word_for_word(shop: Shop) -> None:
    need_program("curl", package="curl")
    script = "\n".join(re.findall(r"```bash\n(.*?)```", HOW_TO.read_text(), re.DOTALL))
    program = await asyncio.create_subprocess_exec(
        "bash",
        "-euc",
        script,
        env={**os.environ, "AIWORKER_URL": shop.url, "AIWORKER_TOKEN": shop.house.keys[Scope.MODULE], "no_proxy": "*"},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await program.communicate()
    lines = said.decode().splitlines()
    assert program.returncode == 0
    assert "continue" in lines
    assert lines[-1] == "COMPLETED"
