"""The example on real files: three modules, of which one is killed and one hangs, and every document ends once."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from examples.documents.__main__ import read_folder
from examples.documents.module import ROBOT_TYPE, documents_module
from examples.documents.report import step_times
from examples.documents.samples import make_samples

from aiworker.sdk.testing import run_robot
from aiworker.wire.access import Scope
from tests.faults.ledger import read
from tests.integration.sdk.conftest import Shop
from tests.support.programs import need_program
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
OVER = {"COMPLETED", "FAILED", "CANCELLED"}


@pytest.fixture(autouse=True)
def programs() -> None:
    need_program("pdftotext", package="poppler-utils")
    need_program("tesseract", package="tesseract-ocr")


@contextmanager
def modules(shop: Shop, folder: Path, out: Path, *options: list[str]) -> Generator[list[subprocess.Popen[bytes]]]:
    """Module processes, each with its options; what is left of them is ended."""
    home = {"AIWORKER_URL": shop.url, "AIWORKER_TOKEN": shop.key, "AIWORKER_HOME": str(shop.folder)}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "examples.documents.module", str(folder), str(out), *each],
            env={**os.environ, **home},
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        for each in options
    ]
    try:
        yield started
    finally:
        for program in started:
            if program.poll() is None:
                program.send_signal(signal.SIGCONT)
                program.kill()
            program.wait()


def noted(out: Path, what: str, pid: int | None = None) -> list[str]:
    return [
        line["document"] for line in read(out / "ledger.jsonl") if line["what"] == what and pid in {None, line["pid"]}
    ]


async def until_over(shop: Shop, batch: str, number: int, *, within: float) -> list[Any]:
    async def all_over() -> list[Any]:
        await shop.house.database.write(shop.house.engine.tick)
        robots = await shop.get("robots", correlationId=batch, limit=500)
        return robots if len([robot for robot in robots if robot["status"] in OVER]) == number else []

    return await eventually(all_over, within=within, every=0.2)


async def run(shop: Shop, tmp_path: Path, number: int, *, within: float) -> None:
    folder, out = tmp_path / "documents", tmp_path / "out"
    expected = make_samples(folder, number)
    quick, one_slow, two_slow = ["--at-once", "2"], ["--at-once", "1", "--slow", "5"], ["--at-once", "2", "--slow", "5"]
    # So slow that whichever comes first leaves something to the other, and each has a document in hand when it ends.
    with modules(shop, folder, out, one_slow, two_slow) as (killed, hanging):
        await eventually(lambda: shop.get("modules"))
        news = [{"name": name} for name in expected]
        await shop.submit(ROBOT_TYPE, *news, correlationId="batch-1", timeoutSeconds=120)
        await eventually(lambda: noted(out, "begun", killed.pid) and noted(out, "begun", hanging.pid))
        with modules(shop, folder, out, quick) as (healthy,):
            killed.kill()
            hanging.send_signal(signal.SIGSTOP)
            robots = await until_over(shop, "batch-1", number, within=within)
            assert healthy.poll() is None

    outcome = {robot["inputData"]["name"]: robot["errorCategory"] or robot["status"] for robot in robots}
    assert outcome == expected
    executions = await shop.get("executions", correlationId="batch-1", limit=500)
    ended = Counter(one["robotId"] for one in executions if one["outcome"] in {"completed", "failed"})
    assert set(ended.values()) == {1}
    assert "lost" in {one["outcome"] for one in executions}
    # By the module's own ledger: each good document was written, and nothing else; again only where a try was lost.
    written = Counter(noted(out, "written"))
    good = {name for name, category in expected.items() if category == "COMPLETED"}
    assert set(written) == good == {path.name.removesuffix(".json") for path in out.glob("*.json")}
    lost = Counter(one["robotId"] for one in executions if one["outcome"] == "lost")
    assert written.total() - len(good) <= lost.total()
    assert step_times(executions)[0].milliseconds > 0


async def test_twenty_documents_end_once_though_one_module_dies_and_one_hangs(shop: Shop, tmp_path: Path) -> None:
    await run(shop, tmp_path, 20, within=90)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_two_hundred_documents_end_once_though_one_module_dies_and_one_hangs(shop: Shop, tmp_path: Path) -> None:
    await run(shop, tmp_path, 200, within=600)


async def test_a_folder_of_ones_own_is_read_by_one_command(shop: Shop, tmp_path: Path) -> None:
    folder, out = tmp_path / "documents", tmp_path / "out"
    make_samples(folder, 3)
    told = await read_folder(folder, out, at_once=2, url=shop.url, key=shop.house.keys[Scope.ADMIN])
    assert told.count("COMPLETED") == 3
    assert "The bottleneck is: " in told
    assert len(list(out.glob("*.json"))) == 3


@pytest.mark.parametrize("name", ["../outside.pdf", "/etc/passwd", "none.pdf", "words.txt"])
def test_a_name_that_is_no_document_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (tmp_path / "outside.pdf").write_text("secret")
    (folder / "words.txt").write_text("words")
    tried = run_robot(documents_module(folder, tmp_path / "out"), ROBOT_TYPE, {"name": name})
    assert (tried.output, tried.category) == (None, "VALIDATION")
