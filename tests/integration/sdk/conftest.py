import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from aiworker.sdk import Context, Module
from aiworker.wire.access import Scope
from tests.support.api import House, make_house
from tests.support.databases import fresh_database
from tests.support.http_server import free_socket, serving
from tests.support.waiting import eventually


class Shop:
    """A real server on a port of its own, a module's key, and people who ask it for work."""

    def __init__(self, house: House, url: str, folder: Path) -> None:
        self.house = house
        self.url = url
        self.folder = folder
        self.key = house.keys[Scope.MODULE]

    async def post(self, path: str, body: Any = None) -> Any:
        async with self.house.client(Scope.ADMIN) as client:
            answer = await client.post(f"/api/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def get(self, path: str, **query: Any) -> Any:
        async with self.house.client(Scope.ADMIN) as client:
            answer = await client.get(f"/api/{path}", params=query)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def submit(self, robot_type: str, *inputs: Any, **fields: Any) -> list[str]:
        """The ids of new robots."""
        news = [{"robotType": robot_type, "inputData": data, **fields} for data in inputs]
        return [robot["robotId"] for robot in await self.post("robots", news)]

    async def robot(self, robot_id: str) -> Any:
        return await self.get(f"robots/{robot_id}")

    async def execution(self, robot_id: str) -> Any:
        return (await self.get("executions", robotId=robot_id))[0]

    async def ended(self, robot_id: str) -> Any:
        """The robot, once it is over."""

        async def over() -> Any:
            robot = await self.robot(robot_id)
            return robot if robot["status"] in {"COMPLETED", "FAILED", "CANCELLED"} else None

        return await eventually(over)

    async def running(self, robot_id: str) -> Any:
        """Its execution, once a worker has it."""

        async def taken() -> Any:
            found = await self.get("executions", robotId=robot_id)
            return found[0] if found else None

        return await eventually(taken)

    @asynccontextmanager
    async def at_work(self, module: Module) -> AsyncGenerator[asyncio.Event]:
        """The module takes work while the context lasts; setting the event stops it earlier."""
        stop = asyncio.Event()
        working = asyncio.create_task(module.serve(stop, url=self.url, token=self.key, folder=self.folder))

        async def known() -> bool:
            assert not working.done(), "the module has ended"
            return any(one["moduleName"] == module.name for one in await self.get("modules"))

        try:
            await eventually(known)
            yield stop
        finally:
            stop.set()
            await working


def idle(_: Context) -> dict[str, Any]:
    """A handler that has nothing to do."""
    return {"read": True}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    house = await make_house(fresh_database(tmp_path))
    async with serving(house.app, free_socket()) as url:
        yield Shop(house, url, tmp_path / "endings")
    await house.access.close()
    await house.database.close()


@pytest.fixture
def module() -> Callable[..., Module]:
    """Modules that do not wait long for anything."""

    def make(name: str = "reader", **options: Any) -> Module:
        chosen: dict[str, Any] = {"grace_seconds": 5.0, "wait_seconds": 5.0, **options}
        return Module(name, **chosen)

    return make
