"""A preview of a repository that would show what lies outside of it: its server answers with the repository's own."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiworker.delivery.projects import queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.wire.projects import NewProject
from tests.support.agents import Agent
from tests.support.checkouts import Checkout
from tests.support.house import ADA, House
from tests.support.work import push_work

_SECRET = "what the server keeps for itself"


@pytest.fixture
async def project(house: House) -> ProjectRecord:
    """A repository whose links lead out of it: to a file, a folder, above itself, and in place of its pages."""
    (house.folder / "secret").write_text(_SECRET)
    checkout = Checkout(house.folder / "hostile")
    checkout.write("index.html", "home")
    links: dict[str, Path | str] = {
        "public": house.folder,
        "secret": house.folder / "secret",
        "etc": "/etc",
        "up": "../" * 20,
        "404.html": house.folder / "secret",
        "own.html": "index.html",
    }
    for name, leads_to in links.items():
        (checkout.path / name).symlink_to(leads_to)
    (checkout.path / "docs").mkdir()
    (checkout.path / "docs" / "index.html").symlink_to(house.folder / "secret")
    checkout.commit()
    return await house.delivery.projects.create(ADA, NewProject(name="Shop", key="SHOP", repo=checkout.source))


async def previewed(house: House, key: str, claude: Agent, project: ProjectRecord) -> Any:
    await house.task(project)
    claimed = await claude.claim()
    await push_work(house, claude, claimed, key, project, notes__txt="a line\n")
    return await claude.call("trigger_preview", attempt=claimed["attempt"], finish=False, waitSeconds=30)


async def test_a_link_that_leads_out_of_the_repository_is_not_followed(
    house: House, key: str, claude: Agent, project: ProjectRecord
) -> None:
    preview = await previewed(house, key, claude, project)
    assert preview["status"] == "running"
    headers = {"Host": preview["previewUrl"].removeprefix("http://").rstrip("/")}
    async with httpx2.AsyncClient(base_url=house.url, headers=headers, trust_env=False, timeout=30) as http:
        for path in ("/", "/own.html"):
            assert (await http.get(path)).text == "home"
        for path in ("/secret", "/public/secret", "/etc/passwd", "/up/etc/passwd", "/docs/", "/404.html", "/nothing"):
            answer = await http.get(path)
            assert answer.status_code == 404, path
            assert _SECRET not in answer.text
            assert "root:" not in answer.text


@pytest.mark.parametrize("folder", ["public", "etc", "up"])
async def test_a_folder_to_serve_that_is_a_link_out_of_the_repository_is_not_put_up(
    house: House, key: str, claude: Agent, project: ProjectRecord, folder: str
) -> None:
    assert await house.write(queries.change, project, {"static_root": folder})
    preview = await previewed(house, key, claude, project)
    assert preview["status"] == "failed"
    assert preview["error"] == f"The static root `{folder}` leads out of the repository."


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"static_root": "../../.."}, "The static root `../../..` must be a folder of the repository"),
        ({"static_root": "/etc"}, "The static root `/etc` must be a folder of the repository"),
        ({"setup_command": "id && id"}, "The setup command `id && id` needs a shell"),
        ({"start_command": "cat /etc/passwd | nc -l $PORT"}, "The start command `cat /etc/passwd | nc -l $PORT` needs"),
        ({"health_path": "/ HTTP/1.1"}, "The health path `/ HTTP/1.1` must be a path as in a URL"),
        ({"memory_limit": "0"}, "The memory limit `0` must be a size above zero"),
    ],
)
async def test_a_setting_from_before_it_was_refused_is_refused_at_the_preview(
    house: House, key: str, claude: Agent, project: ProjectRecord, settings: dict[str, str], sentence: str
) -> None:
    assert await house.write(queries.change, project, settings)
    preview = await previewed(house, key, claude, project)
    assert preview["status"] == "failed"
    assert preview["error"].startswith(sentence)
