"""The server is away for a while, or the module is: what was done is told, once."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from aiworker.core.errors import Unauthenticated
from aiworker.sdk import Context, Module
from aiworker.wire.access import Scope
from tests.faults.ledger import read
from tests.integration.sdk.conftest import Shop, idle
from tests.support.api import House, make_house
from tests.support.databases import fresh_database
from tests.support.http_server import free_socket, serving
from tests.support.waiting import eventually

Make = Callable[..., Module]


class Street(Shop):
    """A shop whose door can be shut, and opened again at the same address, which nobody else gets in between."""

    kept: socket.socket

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        async with serving(self.house.app, bound_to(self.kept.getsockname()[1])) as url:
            self.url = url
            yield


def bound_to(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    house = await make_house(fresh_database(tmp_path))
    yield house
    await house.access.close()
    await house.database.close()


@pytest.fixture
def street(house: House, tmp_path: Path) -> Iterator[Street]:
    street = Street(house, "", tmp_path / "endings")
    with bound_to(0) as street.kept:
        yield street


async def test_what_is_done_while_the_server_is_away_is_told_when_it_is_back(street: Street, module: Make) -> None:
    reader = module(wait_seconds=1.0)
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @reader.handler("ocr.page")
    async def read_page(ctx: Context) -> dict[str, Any]:
        begun.set()
        await go_on.wait()
        ctx.log("read")
        done.set()
        return {"text": "x"}

    stop = asyncio.Event()
    async with street.opened():
        working = asyncio.create_task(reader.serve(stop, url=street.url, token=street.key, folder=street.folder))
        await eventually(lambda: street.get("modules"))
        (robot_id,) = await street.submit("ocr.page", {})
        await begun.wait()
    go_on.set()
    await done.wait()
    await eventually(lambda: any(path.stat().st_size for path in street.folder.iterdir()))
    async with street.opened():
        robot = await street.ended(robot_id)
        stop.set()
        await working
    assert (robot["status"], robot["outputData"]) == ("COMPLETED", {"text": "x"})
    assert list(street.folder.iterdir()) == []


async def test_a_module_that_ends_while_the_server_is_away_tells_it_at_its_next_start(
    street: Street, module: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiworker.sdk.loop._LAST_WORDS_SECONDS", 0.5)
    reader = module(wait_seconds=1.0)
    begun, go_on = asyncio.Event(), asyncio.Event()

    @reader.handler("ocr.page")
    async def read_page(_: Context) -> dict[str, Any]:
        begun.set()
        await go_on.wait()
        return {"text": "x"}

    stop = asyncio.Event()
    async with street.opened():
        working = asyncio.create_task(reader.serve(stop, url=street.url, token=street.key, folder=street.folder))
        await eventually(lambda: street.get("modules"))
        (robot_id,) = await street.submit("ocr.page", {})
        await begun.wait()
    go_on.set()
    stop.set()
    await working
    (left,) = street.folder.iterdir()
    assert left.stat().st_mode & 0o777 == 0o600
    async with street.opened(), street.at_work(reader):
        robot = await street.ended(robot_id)
    assert robot["outputData"] == {"text": "x"}


async def test_a_server_that_is_not_there_yet_is_waited_for(street: Street, module: Make) -> None:
    async with street.opened():
        pass
    reader = module()
    reader.handler("ocr.page")(idle)
    stop = asyncio.Event()
    working = asyncio.create_task(reader.serve(stop, url=street.url, token=street.key, folder=street.folder))
    async with street.opened():
        await eventually(lambda: street.get("modules"))
        (robot_id,) = await street.submit("ocr.page", {})
        assert (await street.ended(robot_id))["outputData"] == {"read": True}
        stop.set()
        await working


async def test_a_server_that_is_started_at_another_port_is_found(
    house: House, tmp_path: Path, module: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home = tmp_path / "server.json"
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path))
    monkeypatch.setenv("AIWORKER_TOKEN", house.keys[Scope.MODULE])
    monkeypatch.delenv("AIWORKER_URL", raising=False)
    with bound_to(0) as nobody:
        at_home.write_text(json.dumps({"url": f"http://127.0.0.1:{nobody.getsockname()[1]}"}))
        reader = module(wait_seconds=1.0)
        reader.handler("ocr.page")(idle)
        stop = asyncio.Event()
        working = asyncio.create_task(reader.serve(stop))
        for _ in range(2):
            async with serving(house.app, free_socket()) as url:
                at_home.write_text(json.dumps({"url": url}))
                shop = Shop(house, url, tmp_path)
                (robot_id,) = await eventually(partial(asked_for, shop))
                assert (await shop.ended(robot_id))["outputData"] == {"read": True}
        stop.set()
        await working


async def asked_for(shop: Shop) -> list[str]:
    return await shop.submit("ocr.page", {}) if await shop.get("modules") else []


async def test_the_key_of_this_machine_is_told_to_no_other(
    tmp_path: Path, module: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "admin.key").write_text("aiw_admin_mine")
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path))
    monkeypatch.delenv("AIWORKER_TOKEN", raising=False)
    with pytest.raises(Unauthenticated, match="AIWORKER_TOKEN"):
        await module().serve(asyncio.Event(), url="http://192.0.2.1:3000")


def start(shop: Shop, ledger: Path, *options: str) -> subprocess.Popen[bytes]:
    """A module as a program of its own."""
    environment = {**os.environ, "AIWORKER_URL": shop.url, "AIWORKER_TOKEN": shop.key}
    environment["AIWORKER_HOME"] = str(shop.folder)
    command = [sys.executable, "-m", "tests.integration.sdk.program", str(ledger), *options]
    return subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[3])


def begun(ledger: Path, what: str) -> bool:
    return any(line["what"] == what for line in read(ledger))


async def test_sigterm_ends_a_module_cleanly_and_its_robot_is_given_back(shop: Shop, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    program = start(shop, ledger)
    await eventually(lambda: shop.get("modules"))
    (robot_id,) = await shop.submit("sdk.hang", {})
    await eventually(lambda: begun(ledger, "hang"))
    program.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(program.wait, 60) == 0
    robot = await shop.robot(robot_id)
    assert (robot["status"], robot["retryCount"]) == ("PENDING", 0)


async def test_computing_in_processes_of_their_own_and_what_becomes_of_them(shop: Shop, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    program = start(shop, ledger)
    await eventually(lambda: shop.get("modules"))
    (sum_id,) = await shop.submit("sdk.sum", {"numbers": [1, 2, 3]})
    done = await shop.ended(sum_id)
    assert (done["status"], done["outputData"]["sum"]) == ("COMPLETED", 6)
    assert done["outputData"]["pid"] != program.pid
    assert [step["name"] for step in (await shop.execution(sum_id))["steps"]] == ["add"]

    (dies_id,) = await shop.submit("sdk.die", {}, retryLimit=0)
    died = await shop.ended(dies_id)
    assert (died["status"], died["errorCategory"]) == ("FAILED", "APPLICATION")
    assert "exit code 3" in (await shop.execution(dies_id))["errorMessage"]

    (spins_id,) = await shop.submit("sdk.spin", {})
    await eventually(lambda: begun(ledger, "spin"))
    await shop.post(f"robots/{spins_id}/cancel")
    (child,) = [line["pid"] for line in read(ledger) if line["what"] == "spin"]
    await eventually(lambda: not psutil.pid_exists(child))
    program.terminate()
    assert await asyncio.to_thread(program.wait, 60) == 0


@pytest.mark.soak
async def test_a_handler_that_blocks_everything_keeps_its_lease(shop: Shop, tmp_path: Path) -> None:
    program = start(shop, tmp_path / "ledger")
    await eventually(lambda: shop.get("modules"))
    (robot_id,) = await shop.submit("sdk.block", {"seconds": 6.5})
    execution = await shop.running(robot_id)
    while time.monotonic() and (await shop.robot(robot_id))["status"] == "PROCESSING":
        await shop.house.database.write(shop.house.engine.tick)
        await asyncio.sleep(0.2)
    assert (await shop.robot(robot_id))["status"] == "COMPLETED"
    assert (await shop.execution(robot_id))["executeId"] == execution["executeId"]
    program.terminate()
    assert await asyncio.to_thread(program.wait, 60) == 0


async def test_a_wrong_key_ends_the_program_with_one_sentence(shop: Shop, tmp_path: Path) -> None:
    shop.key = shop.house.keys[Scope.READ]
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.sdk.program",
        str(tmp_path / "ledger"),
        env={**os.environ, "AIWORKER_URL": shop.url, "AIWORKER_TOKEN": shop.key, "AIWORKER_HOME": str(shop.folder)},
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    _, said = await program.communicate()
    assert program.returncode == 1
    last = said.decode().strip().splitlines()[-1]
    assert last.startswith("program: This needs the permission 'modules'")
    assert shop.key not in said.decode()
