"""A project with hands: tasks worked on in a real repository, shipped by the real pipelines, looked at over HTTP."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

from aiworker.access.actors import Actor
from aiworker.delivery.attempts.callers import Caller
from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope
from aiworker.wire.groups import NewGroup
from aiworker.wire.projects import NewProject
from tests.support.checkouts import Checkout, git
from tests.support.gitea import FakeGitea
from tests.support.house import ADA, House
from tests.support.waiting import eventually

CLAUDE = Caller(Actor(kind="agent", id="key-claude", name="claude", scope=Scope.AGENT))
_PATIENCE_SECONDS = 60.0


class Yard:
    """One project of a house."""

    def __init__(self, house: House, project: ProjectRecord, repository: Path | None = None) -> None:
        self.house = house
        self.project = project
        self.repository = repository or house.folder / "forge" / f"{project.repository}.git"

    # --- work ---

    async def change(self, title: str, files: Mapping[str, str], **fields: Any) -> TaskRecord:
        """A task whose work is handed in: an agent took it, committed these files and opened a pull request."""
        task = await self.house.task(self.project, title, **fields)
        await self.work(task, files)
        return await self.house.look(task)

    async def approved(self, title: str, files: Mapping[str, str], **fields: Any) -> TaskRecord:
        """A task that was worked on and approved."""
        return await self.approve(await self.change(title, files, **fields))

    async def work(self, task: TaskRecord, files: Mapping[str, str]) -> str:
        """An agent takes the next task, which is this one, and hands in these files; the commit."""
        desk = self.house.delivery.desk
        given = await desk.get_next_task(CLAUDE)
        assert given is not None
        assert given.task.id == task.id
        branch = await desk.create_branch(CLAUDE, given.attempt)
        commit = self.push(branch.branch, files)
        await desk.create_pull_request(CLAUDE, given.attempt, summary=task.title)
        return commit

    def push(self, branch: str, files: Mapping[str, str], *, message: str = "Change") -> str:
        """Commit files on a branch, straight in the forge's repository; the commit. Nobody is told of it."""
        clone = self._clone(branch)
        for name, content in files.items():
            (clone / name).write_text(content)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "-m", message)
        git(clone, "push", "--quiet", "origin", f"HEAD:{branch}")
        return git(clone, "rev-parse", "HEAD")

    def merge(self, into: str, branch: str) -> str:
        """Merge a branch by hand, straight in the forge's repository; the commit. Nobody is told of it."""
        clone = self._clone(into)
        git(clone, "merge", "--quiet", "--no-ff", "-m", f"Merge {branch}", f"origin/{branch}")
        git(clone, "push", "--quiet", "origin", f"HEAD:{into}")
        return git(clone, "rev-parse", "HEAD")

    async def approve(self, task: TaskRecord) -> TaskRecord:
        """A person approves what the branch holds."""
        return await self.house.delivery.review.approve(ADA, task.id, str(task.head_commit))

    # --- releases ---

    async def ship(self, *tasks: TaskRecord) -> GroupRecord:
        """Ship tasks; the release once it is in staging or has failed."""
        return await self.settled((await self.send(*tasks)).id)

    async def send(self, *tasks: TaskRecord, **fields: Any) -> GroupRecord:
        """Put tasks into a release, and wait for nothing."""
        new = NewGroup(task_ids=[task.id for task in tasks], **fields)
        return await self.house.write(self.house.delivery.groups.create, ADA, new)

    async def promote(self, group: GroupRecord) -> GroupRecord:
        await self.house.write(self.house.delivery.groups.promote, ADA, group)
        return await self.settled(group.id)

    async def roll_back(self, group: GroupRecord) -> GroupRecord:
        await self.house.write(self.house.delivery.groups.rollback, ADA, group)
        return await self.settled(group.id)

    async def settled(self, group_id: str) -> GroupRecord:
        """The release once nothing is under way for it."""

        def look(tx: Tx) -> GroupRecord | None:
            group = group_queries.find(tx, group_id)
            assert group is not None
            return None if group.under_way or group.status == "pending" else group

        found = await eventually(lambda: self.house.read(look), within=_PATIENCE_SECONDS)
        assert found is not None
        return found

    # --- what is to be seen ---

    async def page(self, environment: str, path: str = "/") -> str:
        """What an environment answers."""
        host = f"{environment}-{self.project.key.lower()}.preview.localhost"
        async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
            return (await http.get(f"{self.house.url}{path}", headers={"Host": host})).text

    def head(self, branch: str) -> str:
        return git(self.repository, "rev-parse", branch)

    def file(self, branch: str, name: str) -> str:
        """What a file holds on a branch."""
        return git(self.repository, "show", f"{branch}:{name}")

    def log(self, branch: str) -> list[str]:
        """The subjects of a branch's commits, newest first; none if there is no such branch."""
        return git(self.repository, "log", "--format=%s", branch, check=False).splitlines()

    def _clone(self, branch: str) -> Path:
        clone = self.house.folder / f"clone-{self.project.key}"
        if not clone.exists():
            git(self.house.folder, "clone", "--quiet", str(self.repository), str(clone))
        git(clone, "fetch", "--quiet", "origin")
        git(clone, "checkout", "--quiet", "-B", branch, f"origin/{branch}")
        return clone


async def static_yard(house: House, *, key: str = "SHOP", **settings: Any) -> Yard:
    """A project that is a page of static files: the quickest thing to roll out."""
    files = {"index.html": "<h1>shop</h1>\n", "prices.txt": "pen 1\nink 2\nbook 3\n"}
    chosen: dict[str, Any] = {"start_command": None, "preview_enabled": False, **settings}
    return Yard(house, await house.project(key, files=files, **chosen))


async def gitea_yard(house: House, gitea: FakeGitea, name: str = "Team/shop", **settings: Any) -> Yard:
    """The same page in a repository in Gitea, where Ada is at home and our account an administrator."""
    gitea.user("ada")
    repository = gitea.repository(name, ada="admin", aiworker="admin")
    ada = Checkout(house.folder / f"ada-{repository.id}")
    ada.commit("First", index__html="<h1>shop</h1>\n", prices__txt="pen 1\nink 2\nbook 3\n")
    ada.git("push", "--quiet", str(repository.path), "main")
    new = NewProject(name="Shop", key="SHOP", repo=f"{gitea.url}/{name}", preview_enabled=False, **settings)
    return Yard(house, await house.delivery.projects.create(ADA, new), repository.path)


async def program_yard(house: House, **settings: Any) -> Yard:
    """A project that is a small program, which answers with its version: `one`."""
    return Yard(house, await house.project(preview_enabled=False, **settings))
