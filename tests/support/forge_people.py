"""What people do in a forge, as facts for a workshop that has none."""

from typing import Any

from aiworker.access.forge_people.service import actor_of_login, link
from aiworker.core.sayings import Saying
from aiworker.delivery.forge_news.facts import Facts
from aiworker.delivery.forge_news.remarks import Remarks
from aiworker.delivery.ports.forge import PullRequest, ReviewComment
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord, TimelineRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.access import LinkForgePerson
from tests.support.workshop import Workshop, commit


class ForgePeople:
    """Ada and Bob in a forge, before one project."""

    def __init__(self, shop: Workshop, project: ProjectRecord) -> None:
        self.shop = shop
        self.project = project
        delivery = shop.delivery
        self.facts = Facts(shop.engine, delivery.tasks, delivery.pushes, delivery.groups)
        self.remarks = Remarks(delivery.tasks)
        self._remark = 0

    async def link(self, login: str, role: Any) -> None:
        """Somebody counts here as a person with this role."""
        await self.shop.write(link, LinkForgePerson(login=login, role=role))

    async def pull_request(
        self, task: TaskRecord, state: Any, *, by: str | None = "ada", number: int = 1, **fields: Any
    ) -> TaskRecord:
        """A pull request stands like this now."""
        branch = task.branch_name or f"task-{task.short_id}-x"
        chosen: dict[str, Any] = {
            "base": self.project.default_branch,
            "head": branch,
            "head_commit": commit(1),
            **fields,
        }
        found = PullRequest(
            number=number,
            url=f"https://git.test/pulls/{number}",
            title="",
            body="",
            state=state,
            author="aiworker",
            updated_at=self.shop.clock.now,
            **chosen,
        )

        def body(tx: Tx) -> None:
            self.facts.pull_request(tx, actor_of_login(tx, by), self.project, found)

        await self.shop.write(body)
        return await self.shop.look(task)

    async def branch(self, task: TaskRecord, head: str | None, *, before: str | None, by: str = "ada") -> TaskRecord:
        """A task's branch stands here now, and was looked at when its head was that."""

        def body(tx: Tx) -> None:
            branch = str(task.branch_name)
            self.facts.branch(tx, actor_of_login(tx, by), self.project, branch, head, head_before=before)

        await self.shop.write(body)
        return await self.shop.look(task)

    def remark(self, body: str, verdict: Any = "commented", *, author: str = "ada", **fields: Any) -> ReviewComment:
        """Something said, new each time."""
        self._remark += 1
        chosen: dict[str, Any] = {"path": None, "line": None, "commit": commit(1), **fields}
        moment = self.shop.clock.now
        return ReviewComment(
            id=f"remark-{self._remark}", author=author, body=body, submitted_at=moment, verdict=verdict, **chosen
        )

    async def say(
        self, task: TaskRecord, *said: ReviewComment, head: str | None = commit(1), refusal: Saying | None = None
    ) -> TaskRecord:
        """It is heard."""
        await self.shop.write(self.remarks.take_in, task.id, said, head=head, refusal=refusal)
        return await self.shop.look(task)

    async def history(self, task: TaskRecord) -> list[TimelineRecord]:
        return await self.shop.read(task_queries.timeline, task.id)

    async def last(self, task: TaskRecord) -> str:
        """The newest line of a task's history."""
        return (await self.history(task))[-1].message


async def forge_people(shop: Workshop) -> ForgePeople:
    """A project that lives in Gitea, and people there."""
    made = await shop.project()

    def body(tx: Tx) -> ProjectRecord:
        values = {"gitea_repo_id": 7, "gitea_owner": "team", "gitea_repo_name": "shop"}
        project_queries.change(tx, made, values)
        found = project_queries.find(tx, made.id)
        assert found is not None
        return found

    return ForgePeople(shop, await shop.write(body))
