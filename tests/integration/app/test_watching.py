"""The port for whoever watches a process: no key, no page, no signal of its own."""

from pathlib import Path

import httpx2
import pytest

from aiworker.app.homes import prepare_home
from aiworker.app.opening import open_house
from aiworker.app.watching import watched
from aiworker.core.errors import Unavailable
from aiworker.core.settings import Settings
from aiworker.storage.migrate import upgrade
from tests.support.keeper import free_port


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    prepare_home(home)
    await upgrade(f"sqlite:///{home / 'aiworker.db'}")
    return Settings.model_validate({"AIWORKER_HOME": str(home), "AIWORKER_METRICS_PORT": free_port()})


async def test_it_answers_without_a_key_and_ends_with_the_process(settings: Settings) -> None:
    url = f"http://127.0.0.1:{settings.metrics_port}"
    async with (
        open_house(settings, lambda: "http://localhost", keeps_programs=False) as house,
        httpx2.AsyncClient(base_url=url, timeout=60) as client,
    ):
        async with watched(house):
            metrics, health, page = [await client.get(path) for path in ("/metrics", "/api/health", "/")]
        assert (metrics.status_code, health.status_code, page.status_code) == (200, 200, 404)
        assert "aiworker_build_info" in metrics.text
        assert health.json() == {"status": "ok"}
        with pytest.raises(httpx2.ConnectError):
            await client.get("/metrics")


async def test_a_port_that_is_taken_is_told_by_its_variable(settings: Settings) -> None:
    async with open_house(settings, lambda: "http://localhost", keeps_programs=False) as house, watched(house):
        with pytest.raises(Unavailable, match="AIWORKER_METRICS_PORT") as refused:
            async with watched(house):
                pass
    assert refused.value.code == "port_taken"


async def test_without_the_setting_there_is_no_such_port(settings: Settings) -> None:
    without = settings.model_copy(update={"metrics_port": None})
    async with (
        open_house(without, lambda: "http://localhost", keeps_programs=False) as house,
        watched(house),
        httpx2.AsyncClient(timeout=60) as client,
    ):
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"http://127.0.0.1:{settings.metrics_port}/metrics")
