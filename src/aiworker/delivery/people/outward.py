"""Reviews made here, told on the pull request in Gitea: what people say in one place is read in the other."""

from collections.abc import Sequence

from aiworker.access.actors import Actor
from aiworker.delivery.ports.forge import Forge, LineComment
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.context import Context
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot
from aiworker.wire.tasks import RequestChanges, ReviewComment

FORGE_REVIEW = "forge.review"
_RETRIES = 8


class OutwardReviews:
    """Has reviews posted, each once: the robot is written with the review, and the forge repeats no words of ours."""

    def __init__(self, database: Database, engine: Engine, forge: Forge) -> None:
        self._database = database
        self._engine = engine
        self._forge = forge

    def changes_requested(
        self, tx: Tx, actor: Actor, project: ProjectRecord, task: TaskRecord, request: RequestChanges
    ) -> None:
        """Somebody sent the task back; `task` as it was before."""
        words = f"**{actor.name} requested changes in AiWorker** (round {task.round})"
        body = f"{words}\n\n{request.body}".strip()
        self._submit(tx, project, task, task.head_commit, body, request.comments)

    def approved(self, tx: Tx, actor: Actor, project: ProjectRecord, task: TaskRecord) -> None:
        """Somebody approved the task's head."""
        words = f"**{actor.name} approved {str(task.approved_commit)[:7]} in AiWorker**"
        self._submit(tx, project, task, task.approved_commit, words, ())

    async def post(self, context: Context) -> None:
        """`forge.review`: say it there."""
        told = context.input_data
        project = await self._database.read(project_queries.find, str(told["projectId"]))
        if project is None:
            return
        comments = [LineComment(path=c["path"], line=c["line"], body=c["body"]) for c in told["comments"]]
        await self._forge.review(
            project.repository, int(told["number"]), commit=told["commit"], body=told["body"], comments=comments
        )

    def _submit(
        self,
        tx: Tx,
        project: ProjectRecord,
        task: TaskRecord,
        commit: str | None,
        body: str,
        comments: Sequence[ReviewComment],
    ) -> None:
        if not project.in_gitea or task.pr_number is None or commit is None:
            return
        on_lines = [c.model_dump() for c in comments if c.line is not None]
        others = "\n".join(f"- `{c.path}`: {c.body}" for c in comments if c.line is None)
        self._engine.submit(
            tx,
            NewRobot(
                robot_type=FORGE_REVIEW,
                input_data={
                    "projectId": project.id,
                    "number": task.pr_number,
                    "commit": commit,
                    "body": f"{body}\n\n{others}".strip(),
                    "comments": on_lines,
                },
                correlation_id=task.id,
                source_reference=task.task_key,
                retry_limit=_RETRIES,
            ),
        )
