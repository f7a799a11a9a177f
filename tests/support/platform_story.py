"""The demonstration's story on a platform, told by people and an agent who ask again whenever something is away.

Each step looks at what has come true already and does only what is missing, as a person does who was interrupted.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from aiworker.cli.client import Server
from aiworker.cli.demo.agent import demo_agent
from aiworker.cli.demo.sample import ANSWER, QUESTION, TASK_TITLE, apply_change
from aiworker.core.errors import AiWorkerError, Limited, NotFound, Unavailable
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.groups import NewGroup
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import Approve, NewTask, Respond
from tests.support.checkouts import git, run_git
from tests.support.platform import IMAGE, MANIFESTS, REPOSITORY, Platform
from tests.support.platform_troubles import WELL, Misbehaviour

KEY, TASK = "SHOP", "SHOP-1"
# What the catalogue says before and after the change.
OLD, NEW = "plus tax", "TAX_PERCENT = 21"
STAGING, PRODUCTION, PREVIEW = "project-shop-staging", "project-shop", "preview-task-shop-1"
# A robot whose server was killed is taken up by the next one when its lease of a minute is over.
_PATIENCE_SECONDS = 180.0
_PAUSE_SECONDS = 0.1

T = TypeVar("T")


@dataclass
class Road:
    """One telling. `again`: what a person had to say once more, and what they were told before."""

    world: Platform
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    misbehaviours: Sequence[Misbehaviour] = (WELL,)
    # What a person says again without being asked to: only where something was refused for a reason that is mended.
    insists: bool = False
    again: list[str] = field(default_factory=list[str])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    _key: str = ""
    _attempt: str = ""
    _commit: str = ""

    async def tell(self) -> None:
        """The whole story, one misbehaviour chosen for each step."""
        for name, step in self._steps():
            began = time.monotonic()
            try:
                async with self.dice.choice(self.misbehaviours)(self.world, self.dice):
                    await step()
            except Exception as error:
                error.add_note(f"at the step {name}")
                raise
            self.seconds[name] = time.monotonic() - began

    def _steps(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        return [
            ("project", self._project),
            ("task", self._task),
            ("claim", self._claim),
            ("question", self._question),
            ("push", self._push),
            ("pull request", self._pull_request),
            ("preview", self._preview),
            ("approve", self._approve),
            ("staging", lambda: self._ship(1)),
            ("production", lambda: self._promote(1)),
            ("rollback", self._roll_back),
            ("staging again", lambda: self._ship(2)),
            ("production again", lambda: self._promote(2)),
        ]

    # --- the steps ---

    async def _project(self) -> None:
        new = NewProject(
            name="Shop",
            key=KEY,
            repo=f"{self.world.gitea.url}/{REPOSITORY}",
            docker_image=f"{IMAGE}:{{commit}}",
            manifests_path=MANIFESTS,
            health_timeout_seconds=60,
        )
        await self._once(lambda api: api.get("projects", KEY), lambda api: api.post("projects", body=new))

    async def _task(self) -> None:
        new = NewTask(project_id=KEY, title=TASK_TITLE)
        await self._once(lambda api: api.get("tasks", TASK), lambda api: api.post("tasks", body=new))

    async def _claim(self) -> None:
        self._key = (await self._ask(lambda api: api.post("keys", body=NewKey(name="claude", scope=Scope.AGENT))))[
            "key"
        ]
        given = await self._call("get_next_task", waitSeconds=5)
        assert given["task"]["key"] == TASK, given
        self._attempt = given["attempt"]

    async def _question(self) -> None:
        if not (await self._look())["questions"]:
            await self._call("ask_user_question", attempt=self._attempt, question=QUESTION)
        (asked,) = (await self._look())["questions"]
        answer = Respond(question_id=asked["id"], response=ANSWER)
        while (await self._look())["state"] == "needs_input":
            await self._say(lambda api: api.post("tasks", TASK, "respond", body=answer))
        heard = await self._call("check_response", questionId=asked["id"], waitSeconds=5)
        assert heard["response"] == ANSWER, heard

    async def _push(self) -> None:
        made = await self._call("create_branch", attempt=self._attempt)
        clone = self.world.folder / "clone"
        address = str(made["cloneUrl"]).replace("://", f"://claude:{self._key}@")
        await self._git(self.world.folder, "clone", "--quiet", "--branch", made["branch"], address, str(clone))
        apply_change(clone, ANSWER)
        git(clone, "commit", "--quiet", "--all", "-m", TASK_TITLE)
        await self._git(clone, "push", "--quiet", "origin", "HEAD")
        self._commit = git(clone, "rev-parse", "HEAD")
        assert self.world.head(made["branch"]) == self._commit

    async def _pull_request(self) -> None:
        while (await self._look())["state"] != "ready_to_test":
            await self._call("create_pull_request", attempt=self._attempt)
        (pull,) = self.world.repository.pulls()
        assert (pull.state, pull.sha) == ("open", self._commit)

    async def _preview(self) -> None:
        await self._until(self._preview_runs, lambda api: api.post("tasks", TASK, "preview"))
        assert self.world.namespaces() == [PREVIEW]
        assert self.world.serving(PREVIEW) == {self._commit}

    async def _preview_runs(self) -> bool | str:
        task = await self._look()
        if task["previewStatus"] == "failed":
            return str(task["previewError"])
        return task["previewStatus"] == "running"

    async def _approve(self) -> None:
        while (await self._look())["state"] != "approved":
            await self._say(lambda api: api.post("tasks", TASK, "approve", body=Approve(commit=self._commit)))

    async def _ship(self, times: int) -> None:
        def ship(api: Server) -> Any:
            if api.get("tasks", TASK)["groupId"] is None:
                return api.post("task-groups", body=NewGroup(task_ids=[TASK]))
            return None

        await self._ask(ship)
        await self._until(lambda: self._released("staging"), ship)
        await self._runs(STAGING, "staging-shop", "staging", NEW)
        assert self._shipped("staging") == times

    async def _promote(self, times: int) -> None:
        number = str((await self._newest())["number"])
        await self._do(number, "promote", "production")
        await self._runs(PRODUCTION, "production-shop", "main", NEW)
        assert self._shipped("main") == times

    async def _roll_back(self) -> None:
        number = str((await self._newest())["number"])
        await self._do(number, "rollback", "rolled_back")
        for branch in ("main", "staging"):
            assert OLD in self.world.text(branch, "catalogue.py")
            reverts = self.world.repository.git("log", "--format=%s", "--grep=^Revert release", branch)
            assert len(reverts.splitlines()) == 1, reverts
        (commit,) = self.world.serving(PRODUCTION)
        assert OLD in self.world.text(commit, "catalogue.py")
        assert (await self._look())["state"] == "approved"

    # --- people who ask again ---

    async def _do(self, number: str, command: str, status: str) -> None:
        def say(api: Server) -> Any:
            group = api.get("task-groups", number)
            settled = group["status"] == status or group["underWay"]
            return None if settled else api.post("task-groups", number, command)

        await self._ask(say)
        await self._until(lambda: self._released(status), say)

    async def _until(self, look: Callable[[], Awaitable[bool | str]], say: Callable[[Server], Any]) -> None:
        """Until it is so. A string is why it is not, and will not be unless somebody says so again."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            seen = await look()
            if seen is True:
                return
            assert time.monotonic() < deadline, seen or "it does not come true"
            if isinstance(seen, str):
                self.again.append(seen)
                assert self.insists, seen
                await asyncio.sleep(_PAUSE_SECONDS * 5)
                await self._say(say)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _released(self, status: str) -> bool | str:
        group = await self._newest()
        if group["status"] == status and not group["underWay"]:
            return True
        return False if group["underWay"] else str(group["error"] or f"{group['name']} is {group['status']}")

    async def _newest(self) -> dict[str, Any]:
        return (await self._ask(lambda api: api.get("task-groups", projectId=KEY)))[0]

    async def _look(self) -> dict[str, Any]:
        return await self._ask(lambda api: api.get("tasks", TASK))

    async def _once(self, look: Callable[[Server], Any], make: Callable[[Server], Any]) -> None:
        def ensure(api: Server) -> Any:
            try:
                return look(api)
            except NotFound:
                return make(api)

        await self._ask(ensure)

    async def _say(self, call: Callable[[Server], T]) -> T | None:
        """Once; what is refused is said again by whoever looks whether it has come true."""
        try:
            return await self._ask(call)
        except AiWorkerError:
            if not self.insists and not self.world.kills:
                raise
            return None

    async def _ask(self, call: Callable[[Server], T]) -> T:
        def ask() -> T:
            with self.world.api as api:
                return call(api)

        return await self._patiently(lambda: asyncio.to_thread(ask))

    async def _call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        async def call() -> dict[str, Any]:
            async with demo_agent(self.world.url, self._key) as agent:
                return await agent.call(tool, **arguments)

        return await self._patiently(call)

    async def _git(self, folder: Path, *arguments: str) -> None:
        async def run() -> None:
            done = await asyncio.to_thread(run_git, folder, *arguments)
            if done.returncode:
                raise Unavailable(done.stderr.decode())

        await self._patiently(run)

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Asked again while the server, or one of its neighbours, is away."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return await call()
            except (AiWorkerError, ExceptionGroup, OSError) as error:
                passing = isinstance(error, (Unavailable, Limited, ExceptionGroup, OSError))
                if time.monotonic() > deadline or not (passing or self.insists):
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)

    # --- what is so in the end ---

    async def _runs(self, namespace: str, application: str, branch: str, text: str) -> None:
        """The environment serves what its branch holds, and Argo CD is told that commit and image together."""
        head = self.world.head(branch)
        assert head is not None
        assert text in self.world.text(head, "catalogue.py")
        assert self.world.serving(namespace) == {head}
        source = self.world.application(application)["spec"]["source"]
        assert (source["targetRevision"], source["kustomize"]["images"]) == (head, [f"{IMAGE}={IMAGE}:{head}"])

    def _shipped(self, branch: str) -> int:
        return len(self.world.repository.git("log", "--format=%h", f"--grep=^Task: {TASK}$", branch).splitlines())

    async def end(self) -> None:
        """Nothing is left behind, and nothing was done twice."""
        world = self.world
        await self._until(self._tidy, lambda _: None)
        branches = set(world.repository.branches())
        assert branches == {"main", "staging", (await self._look())["branchName"]}
        assert world.repository.git("tag", "--list").split() == ["release-1", "release-2"] or self.again
        timeline = await self._ask(lambda api: api.get("tasks", TASK, "timeline"))
        moves = [entry["toState"] for entry in timeline if entry["toState"]]
        assert moves[-1] == "production"
        if not self.again:
            came = {state: moves.count(state) for state in ("approved", "staging", "production")}
            assert came == {"approved": 2, "staging": 2, "production": 2}
            own = next(pull for pull in world.repository.pulls() if pull.base == "main")
            told = [words.body for words in own.comments if words.body.startswith("Shipped with")]
            assert len(told) == 1, told

    async def _tidy(self) -> bool:
        open_pulls = [pull.title for pull in self.world.repository.pulls() if pull.state == "open"]
        scratch = [name for name in self.world.repository.branches() if "release" in name]
        return not (self.world.namespaces() or open_pulls or scratch)
