"""The tools that read the board and write on it, for agents and for people's own assistants."""

from typing import Any

from aiworker.access.actors import Permission
from aiworker.core.paging import Cursor
from aiworker.delivery.attempts.callers import Caller
from aiworker.delivery.desk import AgentDesk
from aiworker.delivery.people.views import TaskViews
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.questions import queries as question_queries
from aiworker.delivery.questions.records import QuestionRecord
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.edge.mcp.inputs import CreateTask, GetTask, ListTasks
from aiworker.edge.mcp.tool import Tool
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import Choice, QuestionStatus, Task
from aiworker.wire.work import BoardPage, BoardQuestion, BoardTask

# A list is for finding; get_task has the whole text.
_LISTED_CHARACTERS = 300


class BoardTools:
    """What needs no attempt."""

    def __init__(self, database: Database, desk: AgentDesk, views: TaskViews) -> None:
        self._database = database
        self._desk = desk
        self._views = views

    def tools(self) -> list[Tool[Any]]:
        """Reading first."""
        return [
            Tool(
                name="get_task",
                title="Read a task",
                when="Use it to read one task of the board in full, with its questions and their answers.",
                takes=GetTask,
                gives=BoardTask,
                run=self.get_task,
                reads=True,
            ),
            Tool(
                name="list_tasks",
                title="List tasks",
                when="Use it to see what is on the board, most urgent first; it claims nothing.",
                takes=ListTasks,
                gives=BoardPage,
                run=self.list_tasks,
                reads=True,
            ),
            Tool(
                name="create_task",
                title="Note a new task",
                when="Use it to note work that should be done but is not part of your task; agents may, if the project "
                "lets them.",
                takes=CreateTask,
                gives=BoardTask,
                run=self.create_task,
            ),
        ]

    async def get_task(self, caller: Caller, asked: GetTask) -> BoardTask:
        """One task."""
        caller.actor.require(Permission.READ)
        return await self._database.read(self._task, asked.task_id)

    async def list_tasks(self, caller: Caller, asked: ListTasks) -> BoardPage:
        """A page of tasks, with the beginnings of their descriptions and the questions that wait."""
        caller.actor.require(Permission.READ)

        def body(tx: Tx) -> BoardPage:
            project = None
            if asked.project_id is not None:
                project = project_queries.find(tx, asked.project_id)
                if project is None:
                    raise ProjectNotFound(asked.project_id)
            found = task_queries.list_tasks(
                tx,
                project_id=project.id if project else None,
                states=asked.states,
                text=asked.query,
                cursor=Cursor.decode(asked.cursor),
                limit=asked.limit,
            )
            page = found[: asked.limit]
            following = None
            if len(found) > asked.limit:
                last = page[-1]
                following = Cursor(task_queries.urgency(last.priority), last.created_at, last.id).encode()
            ids = [task.id for task in page]
            questions = question_queries.of_tasks(tx, ids, status=QuestionStatus.PENDING)
            tasks = [
                _board_task(view, [question for question in questions if question.task_id == view.id], short=True)
                for view in self._views.many(tx, page)
            ]
            return BoardPage(tasks=tasks, count=len(tasks), next_cursor=following)

        return await self._database.read(body)

    async def create_task(self, caller: Caller, asked: CreateTask) -> BoardTask:
        """A new task."""
        task = await self._desk.create_task(caller, asked.as_new_task())
        return await self._database.read(self._task, task.id)

    def _task(self, tx: Tx, name: str) -> BoardTask:
        task = board.get(tx, name)
        return _board_task(self._views.one(tx, task), question_queries.of_tasks(tx, [task.id]))


def _board_task(task: Task, questions: list[QuestionRecord], *, short: bool = False) -> BoardTask:
    def shown(text: str) -> str:
        return text[:_LISTED_CHARACTERS] + "…" if short and len(text) > _LISTED_CHARACTERS else text

    return BoardTask(
        id=task.id,
        key=task.key,
        project_key=task.project_key,
        title=task.title,
        description=None if task.description is None else shown(task.description),
        priority=task.priority,
        state=task.state,
        waiting=task.waiting,
        branch=task.branch_name,
        pr_url=task.pr_url,
        preview_url=task.preview_url,
        questions=[
            BoardQuestion(
                id=question.id,
                question=shown(question.question),
                context=None if question.context is None else shown(question.context),
                choices=[Choice.model_validate(choice) for choice in question.choices],
                status=question.status.value,
                response=question.response,
            )
            for question in questions
        ],
    )
