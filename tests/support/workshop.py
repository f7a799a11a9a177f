"""The coding half on a database of its own, without sockets: its services, a clock, and nothing that runs by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from aiworker.access.actors import Actor
from aiworker.adapters.bus.memory import MemoryBus
from aiworker.adapters.cache.memory import MemoryShelf
from aiworker.adapters.forge.local import LocalForge
from aiworker.adapters.runtime import LocalRuntime
from aiworker.core.secrets import SecretBox
from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.attempts.owner import person_holder
from aiworker.delivery.attempts.service import Holding, branch_for
from aiworker.delivery.doors import Doors
from aiworker.delivery.ports.runtime import Runtime
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.questions.records import QuestionRecord
from aiworker.delivery.service import Delivery
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.service import Engine
from aiworker.storage.cache import Cache
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope
from aiworker.wire.agents import NewAgent
from aiworker.wire.engine import ErrorCategory, Fail, NewModule
from aiworker.wire.groups import NewGroup
from aiworker.wire.projects import NewProject, ProjectChanges
from aiworker.wire.tasks import NewTask, RequestChanges, Respond, Task
from tests.support.clocks import ManualClock
from tests.support.databases import Backend, fresh_database

T = TypeVar("T")
P = ParamSpec("P")

ADA = Actor(kind="person", id="person-ada", name="ada", scope=Scope.ADMIN)
BOB = Actor(kind="person", id="person-bob", name="bob", scope=Scope.MEMBER)


def agent_actor(name: str) -> Actor:
    """Who comes with an agent's key."""
    return Actor(kind="agent", id=f"key-{name}", name=name, scope=Scope.AGENT)


def commit(number: int) -> str:
    """A commit's name, where no git looks at it."""
    return f"{number:040x}"


@dataclass(frozen=True, slots=True)
class Hand:
    """A task in an agent's hand: the attempt, and the token that it was given."""

    agent: str
    token: str
    task_id: str
    execute_id: str


class Workshop:
    """Every call is a unit of work of its own, as the edge makes them."""

    def __init__(
        self,
        folder: Path,
        *,
        backend: Backend = "sqlite",
        database: Database | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.database = database or fresh_database(folder, backend=backend, clock=self.clock)
        cache = Cache(MemoryShelf())
        self.database.drop_cached = cache.drop
        self.engine = Engine()
        secrets = SecretBox("a secret key for tests, long enough")
        forge = LocalForge(folder / "forge", "http://127.0.0.1:3000")
        self.delivery = Delivery(
            database=self.database,
            bus=MemoryBus(),
            engine=self.engine,
            forge=forge,
            runtime=runtime
            or LocalRuntime(folder / "runtime", forge, lambda name: f"http://{name}.test", vault=secrets),
            secrets=secrets,
            doors=Doors(lambda: "http://127.0.0.1:3000", "a webhook secret for tests"),
            cache=cache,
        )
        self._processes: dict[str, str] = {}

    async def open(self) -> None:
        """Make the engine know who does the work."""

        def register(tx: Tx) -> None:
            self.delivery.register(tx)
            control = NewModule(
                module_name="control",
                module_version="1",
                supported_robot_types=sorted(self.delivery.handlers()),
            )
            self.engine.register_module(tx, control, internal=True)

        await self.write(register)

    async def write(self, body: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.database.write(body, *args, **kwargs)

    async def read(self, body: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.database.read(body, *args, **kwargs)

    # --- people ---

    async def project(self, key: str = "SHOP", **settings: Any) -> ProjectRecord:
        """A project on an empty repository."""
        return await self.delivery.projects.create(ADA, NewProject(name=f"The {key.lower()}", key=key, **settings))

    async def set_project(self, project: ProjectRecord, **changes: Any) -> ProjectRecord:
        return await self.write(self.delivery.projects.change, project.id, ProjectChanges(**changes))

    async def task(self, project: ProjectRecord, title: str = "Show prices with tax", **fields: Any) -> TaskRecord:
        new = NewTask(project_id=project.id, title=title, **fields)
        return await self.write(self.delivery.tasks.create, ADA, project, new)

    async def look(self, task: TaskRecord | str) -> TaskRecord:
        """A task as it is now."""
        return await self.read(board.get, task if isinstance(task, str) else task.id)

    async def view(self, task: TaskRecord) -> Task:
        """A task as people see it."""
        return await self.read(lambda tx: self.delivery.task_views.one(tx, board.get(tx, task.id)))

    async def respond(self, task: TaskRecord | str, **answer: Any) -> TaskRecord:
        named = task if isinstance(task, str) else task.id
        return await self.write(self.delivery.questions.respond, ADA, named, Respond(**answer))

    async def approve(self, task: TaskRecord | str, at: str = commit(1)) -> TaskRecord:
        named = task if isinstance(task, str) else task.id
        return await self.write(self.delivery.tasks.approve, ADA, named, at)

    async def request_changes(self, task: TaskRecord, body: str = "Please use the general rate.") -> TaskRecord:
        return await self.write(self.delivery.tasks.request_changes, ADA, task.id, RequestChanges(body=body))

    async def ship(self, *tasks: TaskRecord, **fields: Any) -> str:
        """Ship tasks; the release's id."""
        new = NewGroup(task_ids=[task.id for task in tasks], **fields)
        return (await self.write(self.delivery.groups.create, ADA, new)).id

    async def push(self, task: TaskRecord | str, to: str, *, by: Actor = ADA) -> TaskRecord:
        """The task's branch stands at another commit now."""

        def body(tx: Tx) -> TaskRecord:
            found = board.lock(tx, task if isinstance(task, str) else task.id)
            return self.delivery.pushes.head_moved(tx, by, self.delivery.tasks.project_of(tx, found), found, to)

        return await self.write(body)

    # --- agents ---

    async def process(self, name: str, **fields: Any) -> AgentRecord:
        """Register an agent that heartbeats."""
        agent = await self.write(self.delivery.agents.register, agent_actor(name), NewAgent(pod_name=name, **fields))
        self._processes[name] = agent.id
        return agent

    def called(self, tx: Tx, name: str) -> AgentRecord:
        """An agent that calls: a sign of life."""
        if name in self._processes:
            return self.delivery.agents.owned(tx, agent_actor(name), self._processes[name])
        return self.delivery.agents.client(tx, agent_actor(name))

    async def claim(self, name: str = "claude", **wishes: Any) -> Hand | None:
        """The next task for an agent."""

        def body(tx: Tx) -> Hand | None:
            found = self.delivery.work.next_task(tx, self.called(tx, name), **wishes)
            if found is None:
                return None
            token, holding = found
            return Hand(name, token, holding.task.id, holding.execution.execute_id)

        return await self.write(body)

    async def claim_one(self, name: str = "claude", **wishes: Any) -> Hand:
        """The next task, which there is."""
        hand = await self.claim(name, **wishes)
        assert hand is not None, f"there is no task for {name}"
        return hand

    def holding(self, tx: Tx, hand: Hand, *, finishing: bool = False) -> Holding:
        """What every tool of an agent begins with."""
        return self.delivery.work.hold(tx, self.called(tx, hand.agent), hand.token, finishing=finishing)

    async def heartbeat(self, hand: Hand) -> Holding:
        return await self.write(self.holding, hand)

    async def ask(self, hand: Hand, question: str = "Which rate?") -> QuestionRecord:
        def body(tx: Tx) -> QuestionRecord:
            holding = self.holding(tx, hand)
            return self.delivery.questions.ask(tx, holding, question=question, context=None, choices=[])

        return await self.write(body)

    async def hand_in(self, hand: Hand, at: str = commit(1)) -> TaskRecord:
        """Hand the work in as if the forge had seen a branch at a commit, and a pull request."""

        def body(tx: Tx) -> TaskRecord:
            holding = self.holding(tx, hand)
            task = board.lock(tx, holding.task.id)
            task = board.change(tx, task, branch_name=branch_for(task), head_commit=at, pr_number=1)
            return self.delivery.work.hand_in(tx, task, hand.execute_id, hand.token, summary="Done.")

        return await self.write(body)

    async def hand_in_by_hand(self, task: TaskRecord | str, at: str = commit(1), *, by: Actor = ADA) -> TaskRecord:
        """A person hands in what they started."""

        def body(tx: Tx) -> TaskRecord:
            found = board.lock(tx, task if isinstance(task, str) else task.id)
            execution = self.delivery.tasks.active_execution(tx, found)
            assert execution is not None
            assert execution.holder == person_holder(by)
            found = board.change(tx, found, branch_name=branch_for(found), head_commit=at, pr_number=1)
            token = execution.lease_token
            return self.delivery.work.hand_in(tx, found, execution.execute_id, token, summary=None)

        return await self.write(body)

    async def fail(self, hand: Hand, category: ErrorCategory = ErrorCategory.APPLICATION) -> TaskRecord:
        """The attempt failed."""
        failure = Fail(lease_token=hand.token, error_category=category, error_message="the tests are red")
        await self.write(self.engine.fail, hand.execute_id, failure)
        return await self.look(hand.task_id)

    async def give_back(self, hand: Hand, reason: str = "I am the wrong one") -> TaskRecord:
        def body(tx: Tx) -> TaskRecord:
            holding = self.holding(tx, hand)
            return self.delivery.work.release(tx, holding, by=holding.agent.holder, reason=reason)

        return await self.write(body)

    async def work(self, task: TaskRecord, at: str = commit(1)) -> TaskRecord:
        """An agent of its own takes the next task, which is this one, and hands it in."""
        hand = await self.claim_one(f"agent-{task.task_key}")
        assert hand.task_id == task.id
        return await self.hand_in(hand, at)

    async def approved(self, project: ProjectRecord, title: str = "Show prices", **fields: Any) -> TaskRecord:
        """A task that was written, worked on and approved."""
        task = await self.task(project, title, **fields)
        return await self.approve(await self.work(task))

    # --- the clock ---

    async def tick(self) -> None:
        """What the clock does, as often as there is something to do."""

        def body(tx: Tx) -> None:
            self.engine.tick(tx)
            self.delivery.agents.sweep(tx)
            self.delivery.questions.resume_answered(tx)

        await self.write(body)

    async def tick_after(self, seconds: float) -> None:
        self.clock.pass_seconds(seconds)
        await self.tick()
