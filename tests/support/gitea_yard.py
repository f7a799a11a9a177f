"""A project that lives in a fake Gitea, before a whole house: what agents do there, and what people do by hand."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiworker.access.identities import actor_of_key
from aiworker.access.keys.records import KeyRecord
from aiworker.delivery.desk import Caller
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import RobotStatus
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import TaskState
from tests.support.checkouts import git
from tests.support.gitea import FakeGitea, fake_gitea
from tests.support.gitea.deliveries import Delivery
from tests.support.gitea.world import Repository
from tests.support.house import ADA, House, open_house
from tests.support.waiting import eventually

REPOSITORY = "team/shop"


class GiteaYard:
    """One project and its repository there. Ada and Bob are people; `aiworker` is our own account."""

    def __init__(
        self,
        house: House,
        gitea: FakeGitea,
        repository: Repository,
        project: ProjectRecord,
        agent: tuple[KeyRecord, str],
    ) -> None:
        self.house = house
        self.claude = Caller(actor_of_key(agent[0]))
        self._key = agent[1]
        self.gitea = gitea
        self.repository = repository
        self.project = project

    # --- agents ---

    async def handed_in(self, title: str = "Show prices with tax", **files: str) -> TaskRecord:
        """A task whose work is handed in: an agent took it, pushed through our own door and opened a pull request."""
        task, attempt = await self.pushed(title, **files)
        await self.house.delivery.desk.create_pull_request(self.claude, attempt, summary=title)
        return await self.house.look(task)

    async def pushed(self, title: str = "Show prices with tax", **files: str) -> tuple[TaskRecord, str]:
        """A task whose work was pushed, and its attempt's token."""
        task = await self.house.task(self.project, title)
        desk = self.house.delivery.desk
        given = await desk.get_next_task(self.claude)
        assert given is not None
        assert given.task.id == task.id
        assert given.attempt is not None
        branch = (await desk.create_branch(self.claude, given.attempt)).branch
        await self.push(branch, f"{self.house.url}/git/{REPOSITORY}.git", f"claude:{self._key}", **files)
        return await self.house.look(task), given.attempt

    # --- people ---

    async def push_by_hand(self, branch: str, *, by: str = "ada", **files: str) -> str:
        """Somebody commits files to a branch and pushes straight to Gitea; the commit."""
        return await self.push(branch, f"{self.gitea.url}/{REPOSITORY}.git", f"{by}:token-{by}", **files)

    async def push(self, branch: str, address: str, who: str, **files: str) -> str:
        """Commit files (`app__py` stands for `app.py`) and push them; the commit."""
        return await asyncio.to_thread(self._push, branch, address.replace("://", f"://{who}@"), files)

    def _push(self, branch: str, remote: str, files: Mapping[str, str]) -> str:
        clone = self.house.folder / f"clone-{len(list(self.house.folder.glob('clone-*')))}"
        git(self.house.folder, "clone", "--quiet", "--branch", branch, remote, str(clone))
        for name, content in (files or {"prices__txt": branch}).items():
            (clone / name.replace("__", ".")).write_text(content)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "-m", "Change")
        git(clone, "push", "--quiet", "origin", f"HEAD:{branch}")
        return git(clone, "rev-parse", "HEAD")

    async def delete_branch(self, branch: str, *, by: str = "ada") -> None:
        """Somebody deletes a branch in Gitea."""
        remote = self.gitea.remote(by, REPOSITORY)
        await asyncio.to_thread(git, self.house.folder / "first", "push", "--quiet", remote, f":{branch}")

    async def call(self, method: str, path: str, *, by: str = "ada", **body: Any) -> Any:
        """Somebody uses Gitea's API (or its page, which is the same)."""
        async with self.gitea.client(by) as http:
            answer = await http.request(method, f"/repos/{REPOSITORY}/{path}", json=body or None)
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None

    async def review(self, task: TaskRecord, event: str, body: str = "", *, by: str = "ada", **lines: Any) -> None:
        """Somebody reviews a task's pull request."""
        await self.call("POST", f"pulls/{task.pr_number}/reviews", by=by, event=event, body=body, **lines)

    # --- what follows ---

    async def task(self, key: str) -> TaskRecord:
        """A task by its key."""
        return await self.house.read(board.get, key)

    async def told(self) -> list[Delivery]:
        """Every webhook has been sent, and worked off."""
        deliveries, worked_off = self.gitea.deliveries, -1
        await deliveries.settled()
        # To work one off may cause others.
        while len(deliveries.sent) > worked_off:
            worked_off = len(deliveries.sent)
            await eventually(lambda: self.house.read(self._idle))
            await deliveries.settled()
        return deliveries.sent

    async def reconcile(self) -> None:
        """Look without having been told, as the clock does every few minutes."""
        project = await self.house.read(project_queries.find, self.project.id)
        assert project is not None
        await self.house.delivery.reconciliation.look(project)

    async def until(self, task: TaskRecord, state: TaskState) -> TaskRecord:
        """The task, once it is there."""

        async def look() -> TaskRecord | None:
            found = await self.house.look(task)
            return found if found.state is state else None

        found = await eventually(look)
        assert found is not None
        return found

    async def history(self, task: TaskRecord) -> list[tuple[str, str]]:
        """Who did what, oldest first."""
        lines = await self.house.read(task_queries.timeline, task.id)
        return [(line.actor, line.message) for line in lines]

    def _idle(self, tx: Tx) -> bool:
        for status in (RobotStatus.PENDING, RobotStatus.PROCESSING, RobotStatus.RETRYING):
            found, _ = self.house.engine.list_robots(tx, status=status, limit=100)
            if any(robot.robot_type.startswith("forge.") for robot in found):
                return False
        return True


@asynccontextmanager
async def gitea_yard(folder: Path, *, watched: bool = True, **settings: Any) -> AsyncGenerator[GiteaYard]:
    """A house and a Gitea with one project. `watched`: the webhook is there; else only looking finds out."""
    async with fake_gitea(folder) as gitea:
        for login in ("ada", "bob", "aiworker"):
            gitea.user(login)
        repository = gitea.repository(REPOSITORY, ada="admin", bob="write", aiworker="admin")
        _first_commit(folder, repository)
        async with open_house(folder, gitea=gitea.url) as house:
            new = NewProject(
                name="Shop", key="SHOP", repo=f"{gitea.url}/{REPOSITORY}", preview_enabled=False, **settings
            )
            project = await house.delivery.projects.create(ADA, new)
            yard = GiteaYard(house, gitea, repository, project, await house.key("claude"))
            if watched:
                await yard.reconcile()
            yield yard


def _first_commit(folder: Path, repository: Repository) -> None:
    clone = folder / "first"
    git(folder, "clone", "--quiet", str(repository.path), str(clone))
    (clone / "prices.txt").write_text("pen 1\nink 2\n")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "First")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
