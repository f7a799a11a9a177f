"""The whole story, step by step, on real parts: told as it happens, and honest when it does not."""

import asyncio
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
from rich.text import Text

from aiworker.cli.client import Server
from aiworker.cli.demo.agent import NAME, DemoAgent, demo_agent
from aiworker.cli.demo.scenario import Scenario, own_scenario, sample_scenario
from aiworker.cli.demo.server import DemoServer
from aiworker.cli.follow import follow_group
from aiworker.cli.output import console, say
from aiworker.cli.starters import DemoOptions
from aiworker.core.errors import AiWorkerError, Unavailable
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.groups import Group, GroupStatus, NewGroup
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import Approve, NewTask, Respond

T = TypeVar("T")

_WAIT_SECONDS = 20.0


class StepFailed(AiWorkerError):
    """A step of the story did not come true."""

    kind = "unavailable"
    default_code = "demo_failed"


async def tell(options: DemoOptions) -> None:
    """Tell the story in a folder of its own, and take the folder away (unless `keep`). Raises: StepFailed."""
    folder = Path(tempfile.mkdtemp(prefix="aiworker-demo-"))
    teller = _Teller()
    failed = True
    _stop_politely()
    try:
        async with teller.step("A repository with a history") as told:
            scenario = await asyncio.to_thread(_scenario, options.repository, folder)
            told(str(scenario.repository))
        server = DemoServer(folder)
        try:
            async with teller.step("The server starts: one process, SQLite, no other service") as told:
                await server.__aenter__()
                told(server.url)
            await _Story(teller, scenario, server, folder).run()
            teller.end(server, keep=options.keep)
            if options.keep:
                with suppress(asyncio.CancelledError):
                    await server.wait()
        finally:
            await server.stop()
        failed = False
    except asyncio.CancelledError:
        failed = False
        raise KeyboardInterrupt from None
    finally:
        if failed:
            say(f"  The server's log is at {folder / 'server.log'}", "bright_black")
        else:
            await asyncio.to_thread(shutil.rmtree, folder, True)


def _stop_politely() -> None:
    """Ctrl-C and SIGTERM end the story where it stands; what it started ends with it."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _scenario(repository: Path | None, folder: Path) -> Scenario:
    return own_scenario(repository) if repository is not None else sample_scenario(folder / "shop")


class _Teller:
    """Prints each step as it happens, with the time it took."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._steps = 0
        self._screen = console()

    @asynccontextmanager
    async def step(self, title: str) -> AsyncGenerator[Callable[[str], None]]:
        """One step: a line when it is done, or the reason why it is not. Raises: StepFailed."""
        began = time.monotonic()
        details: list[str] = []
        try:
            yield details.append
        except Exception as error:
            said = error.message if isinstance(error, AiWorkerError) else f"{type(error).__name__}: {error}"
            self._screen.print(Text.assemble(("        ✗ ", "bold red"), title, (f"  {said}", "red")))
            raise StepFailed(f"The demo failed at the step '{title}': {said}") from error
        self._steps += 1
        seconds = f"{time.monotonic() - began:5.1f} s"
        self._screen.print(Text.assemble((seconds, "bright_black"), (" ✓ ", "green"), title))
        for detail in details:
            self._screen.print(Text(f"          {detail}", "bright_black"))

    def end(self, server: DemoServer, *, keep: bool) -> None:
        """What it came to."""
        seconds = time.monotonic() - self._began
        say(f"\nThe whole story came true: {self._steps} steps in {seconds:.1f} s.", "bold")
        if keep:
            say(f"The server stays up. Open its page with this link: {server.sign_in}")
            say("Ctrl-C stops it and takes everything away.")


def _first(group: ExceptionGroup[Exception]) -> Exception:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error


class _Story:
    """The steps after the server is up."""

    def __init__(self, teller: _Teller, scenario: Scenario, server: DemoServer, folder: Path) -> None:
        self._teller = teller
        self._scenario = scenario
        self._server = server
        self._folder = folder
        self._api = Server(server.url, server.admin_key)
        self._project: dict[str, Any] = {}
        self._task: dict[str, Any] = {}
        self._commit = ""

    async def run(self) -> None:
        """All of them. Raises: StepFailed."""
        await self._write_the_task()
        key = await self._ask(lambda: self._api.post("keys", body=NewKey(name=NAME, scope=Scope.AGENT)))
        try:
            async with demo_agent(self._server.url, key["key"]) as agent:
                await self._work(agent)
        except ExceptionGroup as group:
            # The MCP client wraps what ends its session; the step that failed is inside.
            failed, _ = group.split(StepFailed)
            raise _first(failed or group) from group
        await self._approve()
        first = await self._ship("Ship it: merged to staging as release {number}, staging answers with the change")
        await self._promote(first, "Promote it: production answers with the change")
        await self._roll_back(first)
        second = await self._ship("Ship the same task again: release {number} is in staging")
        await self._promote(second, "Promote it: production answers with the change again")

    async def _write_the_task(self) -> None:
        scenario = self._scenario
        async with self._teller.step("A project is made from the repository") as told:
            new = NewProject(name=scenario.name, repo=str(scenario.repository), start_command=scenario.start_command)
            self._project = await self._ask(lambda: self._api.post("projects", body=new))
            told(f"{self._project['key']}, cloned to {self._project['cloneUrl']}")
        async with self._teller.step("A person writes a task on the board") as told:
            task = NewTask(project_id=self._project["id"], title=scenario.title, description=scenario.description)
            self._task = await self._ask(lambda: self._api.post("tasks", body=task))
            told(f"{self._task['key']}: {self._task['title']}")

    async def _work(self, agent: DemoAgent) -> None:
        scenario = self._scenario
        async with self._teller.step("An agent (an MCP client over HTTP) claims it") as told:
            given = await agent.call("get_next_task", waitSeconds=_WAIT_SECONDS)
            if given["task"] is None:
                raise Unavailable("The agent was given no task.")
            attempt = given["attempt"]
            told(f"attempt {given['attemptNumber']} at {given['task']['key']}, by {NAME}")
        async with self._teller.step("It asks a question; a person answers") as told:
            asked = await agent.call(
                "ask_user_question",
                attempt=attempt,
                question=scenario.question,
                choices=[{"label": label, "description": text} for label, text in scenario.choices.items()],
            )
            waiting = asyncio.create_task(
                agent.call("check_response", questionId=asked["questionId"], waitSeconds=_WAIT_SECONDS)
            )
            answer = Respond(question_id=asked["questionId"], response=scenario.answer)
            await self._ask(lambda: self._api.post("tasks", self._task["key"], "respond", body=answer))
            response = (await waiting)["response"]
            told(f"“{scenario.question}” “{response}”")
        async with self._teller.step("It branches, commits and pushes with git") as told:
            branch = await agent.call("create_branch", attempt=attempt)
            clone = self._folder / "clone"
            await agent.clone(branch["cloneUrl"], branch["branch"], clone)
            await agent.call("report_progress", attempt=attempt, step="editing", percentage=50)
            await asyncio.to_thread(scenario.change, clone, response)
            self._commit = await agent.commit_and_push(clone, scenario.title)
            told(f"{self._commit[:7]} on {branch['branch']}")
        async with self._teller.step("It opens a pull request; the task waits for review") as told:
            opened = await agent.call("create_pull_request", attempt=attempt, summary=f"{scenario.title}, as asked.")
            told(opened["prUrl"])
        async with self._teller.step("The preview answers with the change") as told:
            preview = await agent.call("trigger_preview", attempt=attempt, finish=False)
            if preview["status"] != "running":
                raise Unavailable(f"The preview does not answer: {preview['error']}")
            await self._expect(preview["previewUrl"], scenario.is_new)
            told(preview["previewUrl"])

    async def _approve(self) -> None:
        async with self._teller.step("A person looks at the change and approves that commit") as told:
            diff = await self._ask(lambda: self._api.get("tasks", self._task["key"], "diff"))
            approval = Approve(commit=diff["head"])
            await self._ask(lambda: self._api.post("tasks", self._task["key"], "approve", body=approval))
            files = ", ".join(file["path"] for file in diff["files"])
            told(f"{diff['head'][:7]}: +{diff['additions']} −{diff['deletions']} in {files}")

    async def _ship(self, title: str) -> Group:
        number = await self._ask(lambda: len(self._api.get("task-groups", projectId=self._project["id"]))) + 1
        async with self._teller.step(title.format(number=number)) as told:
            new = NewGroup(task_ids=[self._task["id"]])
            group = await self._ask(lambda: Group.model_validate(self._api.post("task-groups", body=new)))
            group = await self._ask(lambda: follow_group(self._api, group, GroupStatus.STAGING, quiet=True))
            await self._expect(self._address("staging"), self._scenario.is_new)
            told(f"{self._address('staging')} at {(group.staging_commit or '')[:7]}")
            return group

    async def _promote(self, group: Group, title: str) -> None:
        async with self._teller.step(title) as told:
            moved = await self._ask(lambda: Group.model_validate(self._api.post("task-groups", group.id, "promote")))
            moved = await self._ask(lambda: follow_group(self._api, moved, GroupStatus.PRODUCTION, quiet=True))
            await self._expect(self._address("production"), self._scenario.is_new)
            told(f"{self._address('production')} at {(moved.production_commit or '')[:7]}, tagged {moved.tag}")

    async def _roll_back(self, group: Group) -> None:
        async with self._teller.step("Roll it back: production answers as it did before") as told:
            moved = await self._ask(lambda: Group.model_validate(self._api.post("task-groups", group.id, "rollback")))
            await self._ask(lambda: follow_group(self._api, moved, GroupStatus.ROLLED_BACK, quiet=True))
            await self._expect(self._address("production"), self._scenario.is_old)
            told(self._address("production"))

    async def _ask(self, call: Callable[[], T]) -> T:
        return await asyncio.to_thread(call)

    def _address(self, environment: str) -> str:
        port = urlsplit(self._server.url).port
        return f"http://{environment}-{self._project['key'].lower()}.preview.localhost:{port}"

    async def _expect(self, url: str, holds: Callable[[int, str], bool]) -> None:
        """Ask an address over HTTP, as a browser would (which resolves *.localhost by itself), and look."""
        host = urlsplit(url).netloc
        async with httpx2.AsyncClient(trust_env=False, timeout=_WAIT_SECONDS) as http:
            try:
                answer = await http.get(f"{self._server.url}{self._scenario.path}", headers={"Host": host})
            except httpx2.HTTPError as error:
                raise Unavailable(f"{url} does not answer: {error}") from error
        if not holds(answer.status_code, answer.text):
            raise Unavailable(f"{url}{self._scenario.path} answers {answer.status_code} without what it should say.")
