"""The coding half, put together: what the edge talks to."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from aiworker.access.actors import Actor
from aiworker.core.errors import Conflict
from aiworker.core.secrets import SecretBox
from aiworker.delivery.agents.logbook import LogBook
from aiworker.delivery.agents.queries import detach_logs_of_project
from aiworker.delivery.agents.service import Agents
from aiworker.delivery.attempts.handin import HandIn
from aiworker.delivery.attempts.owner import TASK_WORK, TaskWork
from aiworker.delivery.attempts.running import Running
from aiworker.delivery.attempts.service import Work
from aiworker.delivery.deployments.orphans import Orphans
from aiworker.delivery.deployments.previews import CLEANUP_PREVIEW, DEPLOY_PREVIEW, Previews
from aiworker.delivery.desk import AgentDesk
from aiworker.delivery.doors import Doors
from aiworker.delivery.evidence.service import Evidence
from aiworker.delivery.forge_news.facts import Facts
from aiworker.delivery.forge_news.reconcile import FORGE_LOOK, FORGE_RECONCILE, Reconciliation
from aiworker.delivery.forge_news.remarks import Remarks
from aiworker.delivery.forge_news.service import FORGE_NEWS, ForgeNews
from aiworker.delivery.groups.environments import Environments
from aiworker.delivery.groups.foresight import Foresight
from aiworker.delivery.groups.outputs import Outputs
from aiworker.delivery.groups.progress import Progress
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.groups.robots import (
    CLEANUP_RELEASE,
    DEPLOY_PRODUCTION,
    DEPLOY_ROLLBACK,
    DEPLOY_STAGING,
    MERGE_GROUP,
)
from aiworker.delivery.groups.service import Groups
from aiworker.delivery.groups.views import GroupViews
from aiworker.delivery.imports.issues import FORGE_ISSUES, LinkedIssues
from aiworker.delivery.imports.service import Imports
from aiworker.delivery.people.adoption import Adoption
from aiworker.delivery.people.attempts import Attempts
from aiworker.delivery.people.missed import MissedPushes
from aiworker.delivery.people.outward import FORGE_REVIEW, OutwardReviews
from aiworker.delivery.people.pushes import Pushes
from aiworker.delivery.people.questions import Questions
from aiworker.delivery.people.reading import Reading
from aiworker.delivery.people.review import Review
from aiworker.delivery.people.tasks import Tasks
from aiworker.delivery.people.upstream import Sync
from aiworker.delivery.people.views import TaskViews
from aiworker.delivery.pipelines import leftovers, merge, previews, production, rollback, staging
from aiworker.delivery.pipelines.owner import OWNED, ControlWork
from aiworker.delivery.pipelines.shipping import Shipping
from aiworker.delivery.ports.forge import Forge
from aiworker.delivery.ports.runtime import Runtime
from aiworker.delivery.projects.service import Projects
from aiworker.delivery.projects.upstream import Upstreams
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks.history import CONFLICTED
from aiworker.engine.context import Context
from aiworker.engine.module_loop import Handler
from aiworker.engine.service import Engine
from aiworker.engine.steps import Step, run_steps
from aiworker.storage.bus import Bus
from aiworker.storage.cache import Cache
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx

_PIPELINES: Mapping[str, Sequence[Step[Shipping]]] = MappingProxyType(
    {
        MERGE_GROUP: merge.STEPS,
        DEPLOY_STAGING: staging.STEPS,
        DEPLOY_PRODUCTION: production.STEPS,
        DEPLOY_ROLLBACK: rollback.STEPS,
        CLEANUP_RELEASE: leftovers.STEPS,
        DEPLOY_PREVIEW: previews.DEPLOY_STEPS,
        CLEANUP_PREVIEW: previews.CLEANUP_STEPS,
    }
)


class Delivery:
    """Projects, tasks, questions, agents, releases, deployments, and the pipelines that move them."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        engine: Engine,
        forge: Forge,
        runtime: Runtime,
        secrets: SecretBox,
        doors: Doors,
        cache: Cache | None = None,
    ) -> None:
        self.forge = forge
        self.doors = doors
        self.runtime = runtime
        self.upstreams = Upstreams(database, engine, forge, secrets)
        self.projects = Projects(database, engine, forge, secrets, self.upstreams, detach_logs_of_project)
        self.sync = Sync(database, forge, self.upstreams)
        self.agents = Agents(engine)
        self.log_book = LogBook(database)
        self.work = Work(engine, self.projects.spending)
        self.running = Running(engine, self.agents, self.work)
        self.previews = Previews(engine, runtime)
        self.orphans = Orphans(database, runtime)
        self.tasks = Tasks(engine, self.previews)
        self.attempts = Attempts(self.tasks, self.projects)
        self.groups = Groups(engine, runtime)
        self.questions = Questions(engine, self.work)
        self.pushes = Pushes(engine, self.previews, self.groups, self.tasks)
        evidence = Evidence(database, bus, forge)
        self._outward = OutwardReviews(database, engine, forge)
        self.hand_in = HandIn(
            database=database,
            bus=bus,
            engine=engine,
            forge=forge,
            runtime=runtime,
            work=self.work,
            previews=self.previews,
            evidence=evidence,
        )
        self.review = Review(
            database=database,
            forge=forge,
            tasks=self.tasks,
            pushes=self.pushes,
            hand_in=self.hand_in,
            evidence=evidence,
            outward=self._outward,
        )
        self._issues = LinkedIssues(database, engine, forge, doors)
        self.imports = Imports(database, forge, self.tasks, self._issues)
        self.forge_news = ForgeNews(
            database=database,
            engine=engine,
            forge=forge,
            facts=Facts(engine, self.tasks, self.pushes, self.groups),
            remarks=Remarks(self.tasks),
            review=self.review,
            evidence=evidence,
            issues=self._issues,
        )
        self.reconciliation = Reconciliation(
            database=database,
            engine=engine,
            forge=forge,
            news=self.forge_news,
            evidence=evidence,
            issues=self._issues,
            doors=doors,
        )
        self.missed = MissedPushes(database, forge, self.review)
        self.desk = AgentDesk(
            database=database,
            bus=bus,
            engine=engine,
            forge=forge,
            agents=self.agents,
            work=self.work,
            tasks=self.tasks,
            questions=self.questions,
            hand_in=self.hand_in,
            review=self.review,
            upstreams=self.upstreams,
            log_book=self.log_book,
        )
        self.adoption = Adoption(engine, self.tasks, self.agents, secrets)
        self.task_views = TaskViews(engine)
        self.reading = Reading(
            database=database,
            cache=cache or Cache(),
            forge=forge,
            projects=self.projects,
            agents=self.agents,
            views=self.task_views,
        )
        self.group_views = GroupViews(engine)
        self.foresight = Foresight(database, forge)
        self.environments = Environments(database, runtime)
        self.outputs = Outputs(runtime)
        progress = Progress(engine, self.groups, self.previews)
        self._shipping = Shipping(
            database=database,
            forge=forge,
            runtime=runtime,
            projects=self.projects,
            upstreams=self.upstreams,
            progress=progress,
        )
        engine.own(TASK_WORK, TaskWork(engine, self.agents))
        control = ControlWork(engine, progress)
        for robot_type in OWNED:
            engine.own(robot_type, control)

    def register(self, tx: Tx) -> None:
        """Make the engine know the module that agents fill."""
        self.tasks.register(tx)

    def send_conflict_back(self, tx: Tx, actor: Actor, group: GroupRecord) -> GroupRecord:
        """The task that did not go in goes back to its agent, with the conflict as the review comment.

        Raises: Conflict if the release did not fail for a conflict, or the task has moved on.
        """
        if group.conflict_task_id is None:
            raise Conflict(f"{group.name.capitalize()} did not fail for a conflict.", code="no_conflict")
        task = board.lock(tx, group.conflict_task_id)
        files = [
            {"path": path, "line": None, "body": f"Conflicts with staging: {path}"} for path in group.conflict_files
        ]
        said = [{"path": None, "line": None, "body": f"It did not go into {group.name}: {group.error}"}, *files]
        self.tasks.send_back(tx, actor, task, said, why=CONFLICTED(actor=actor.name))
        return self.groups.get(tx, group.id)

    def handlers(self) -> dict[str, Handler]:
        """What the control module can do for the coding half, by robot type."""
        return {
            **{robot_type: self._handler(steps) for robot_type, steps in _PIPELINES.items()},
            FORGE_NEWS: self.forge_news.work_off,
            FORGE_REVIEW: self._outward.post,
            FORGE_ISSUES: self._issues.work_off,
            FORGE_RECONCILE: self.reconciliation.begin,
            FORGE_LOOK: self.reconciliation.work_off,
        }

    def _handler(self, steps: Sequence[Step[Shipping]]) -> Handler:
        async def run(context: Context) -> None:
            await run_steps(context, steps, self._shipping)

        return run
