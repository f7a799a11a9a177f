"""A project whose repository is in Gitea: from its creation to production and back, and every way it is refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.core.errors import AiWorkerError, Conflict, Denied, Invalid, NotFound
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.wire.groups import GroupStatus
from aiworker.wire.projects import NewProject, ProjectChanges, ProjectStatus, SyncProject
from aiworker.wire.tasks import TaskState
from tests.support.agents import agent
from tests.support.gitea import Answer, Cut, FakeGitea, fake_gitea
from tests.support.house import ADA, House, open_house
from tests.support.tasks import in_one_task
from tests.support.work import push_work
from tests.support.yard import gitea_yard


@pytest.fixture
async def gitea(tmp_path: Path) -> AsyncIterator[FakeGitea]:
    async with in_one_task(fake_gitea(tmp_path / "gitea")) as made:
        yield made


@pytest.fixture
async def house(tmp_path: Path, gitea: FakeGitea) -> AsyncIterator[House]:
    async with in_one_task(open_house(tmp_path, gitea=gitea.url)) as opened:
        yield opened


async def create(house: House, repo: str, key: str = "SHOP") -> ProjectRecord:
    return await house.delivery.projects.create(ADA, NewProject(name="Shop", key=key, repo=repo))


async def test_a_release_goes_through_gitea_to_production_and_back(house: House, gitea: FakeGitea) -> None:
    yard = await gitea_yard(house, gitea)
    repository = gitea.world.find("team/shop")
    assert repository is not None
    task = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    gitea.trouble("POST /repos/*/merge", Answer(405, "Please try again later"), Cut(after=True))

    group = await yard.ship(task)
    assert group.status is GroupStatus.STAGING, group.error
    assert "hello" in await yard.page("staging")
    release = repository.entries[2]
    assert (release.merged_by, release.merge_commit, release.base) == ("aiworker", yard.head("staging"), "staging")
    assert repository.entries[1].state == "closed"
    assert set(repository.branches()) == {"main", "staging", str(task.branch_name)}

    group = await yard.promote(group)
    assert group.status is GroupStatus.PRODUCTION, group.error
    assert yard.head("release-1^{commit}") == yard.head("main")

    group = await yard.roll_back(group)
    assert group.status is GroupStatus.ROLLED_BACK, group.error
    assert "shop" in yard.file("main", "index.html")
    assert "shop" in yard.file("staging", "index.html")
    assert (await house.look(task)).state is TaskState.APPROVED


async def test_what_people_commit_in_gitea_goes_along_to_staging(house: House, gitea: FakeGitea) -> None:
    yard = await gitea_yard(house, gitea)
    await yard.ship(await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"}))
    yard.push("main", {"prices.txt": "pen 2\nink 2\nbook 3\n"}, message="Dearer pens")

    group = await yard.ship(await yard.approved("A second page", {"more.html": "more\n"}))

    assert group.status is GroupStatus.STAGING, group.error
    assert yard.log("staging")[:2] == ["SHOP-2: A second page", "By hand: Dearer pens"]
    assert "pen 2" in await yard.page("staging", "/prices.txt")


async def test_an_agent_works_on_it_with_a_key_of_ours(house: House, gitea: FakeGitea) -> None:
    yard = await gitea_yard(house, gitea)
    task = await house.task(yard.project)
    key = (await house.key("claude"))[1]

    async with agent(house.url, key) as claude:
        claimed = await claude.claim()
        commit = await push_work(house, claude, claimed, key, yard.project, app__py="print(1)\n")
        opened = await claude.call("create_pull_request", attempt=claimed["attempt"])

    handed = await house.look(task)
    assert (handed.state, handed.head_commit) == (TaskState.READY_TO_TEST, commit)
    assert yard.head(str(handed.branch_name)) == commit
    assert opened["prUrl"] == f"{gitea.url}/Team/shop/pulls/1"


async def test_the_project_is_the_repository_in_gitea_and_nothing_is_imported(house: House, gitea: FakeGitea) -> None:
    project = (await gitea_yard(house, gitea)).project

    assert (project.gitea_owner, project.gitea_repo_name, project.in_gitea) == ("Team", "shop", True)
    assert project.gitea_repo_url == f"{gitea.url}/Team/shop"
    assert (project.upstream, project.upstream_state) == (None, None)
    assert not (house.folder / "forge/shop.git").exists()
    assert house.forge.clone_url(project.repository) == f"{house.url}/git/Team/shop.git"
    synced = await house.delivery.sync("SHOP", SyncProject())
    assert synced.project.id == project.id


async def test_a_repository_has_one_project(house: House, gitea: FakeGitea) -> None:
    await gitea_yard(house, gitea)

    with pytest.raises(Conflict, match="the repository of SHOP already"):
        await create(house, f"{gitea.url}/team/SHOP.git", key="OTHER")


async def test_a_repository_of_gitea_that_cannot_be_worked_on_is_refused_with_the_reason(
    house: House, gitea: FakeGitea
) -> None:
    gitea.repository("Team/old", aiworker="write").archived = True
    gitea.repository("Team/looked", aiworker="read")
    refusals: dict[str, type[AiWorkerError]] = {
        "Team/old": Conflict,
        "Team/looked": Denied,
        "Team/nothing": NotFound,
        "Team": Invalid,
        "Team/old/src/branch/main": Invalid,
    }

    for name, error in refusals.items():
        with pytest.raises(error):
            await create(house, f"{gitea.url}/{name}")


async def test_a_repository_in_gitea_without_a_commit_gets_a_first_one(house: House, gitea: FakeGitea) -> None:
    repository = gitea.repository("Team/new", aiworker="write")

    made = await create(house, f"{gitea.url}/Team/new")

    assert made.repository == "Team/new"
    assert repository.git("log", "--format=%s|%an", "main") == "Begin|AiWorker"
    first = repository.branches()
    assert await house.forge.adopt(f"{gitea.url}/Team/new") is not None
    assert repository.branches() == first


async def test_a_project_that_is_deleted_leaves_the_repository_in_gitea(house: House, gitea: FakeGitea) -> None:
    yard = await gitea_yard(house, gitea)
    archived = ProjectChanges(status=ProjectStatus.ARCHIVED)
    await house.write(house.delivery.projects.change, yard.project.id, archived)

    await house.delivery.projects.delete("SHOP")

    assert gitea.world.find("Team/shop") is not None
    assert yard.head("main")
    assert (await create(house, f"{gitea.url}/Team/shop")).repository == "Team/shop"


async def test_local_projects_live_beside_those_in_gitea(house: House, gitea: FakeGitea) -> None:
    await gitea_yard(house, gitea)

    blog = await house.project("BLOG")

    assert (blog.repository, blog.in_gitea) == ("blog", False)
    assert await house.forge.head("blog", "main") is not None
