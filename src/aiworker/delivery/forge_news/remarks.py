"""What people say on a task's pull request: kept for its next round, and taken as a review by who may."""

from collections.abc import Sequence
from itertools import groupby

from aiworker.access.actors import Actor, Permission
from aiworker.access.forge_people import queries as people_queries
from aiworker.access.forge_people.service import actor_of_login
from aiworker.core.ids import new_id
from aiworker.core.sayings import Saying
from aiworker.delivery.people.tasks import Tasks
from aiworker.delivery.ports.forge import ReviewComment
from aiworker.delivery.seen import queries
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.history import (
    APPROVED_OUTSIDE,
    COMMENTED,
    IN_STATE,
    MOVED_ON,
    NOT_LINKED,
    REQUESTED_CHANGES_OUTSIDE,
)
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause, allowed_causes
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState

_LONGEST = 64_000
_AT_ONCE = 200


class Remarks:
    """Takes in what was said."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def unheard(self, tx: Tx, project_id: str, said: Sequence[ReviewComment]) -> list[ReviewComment]:
        """Those of the remarks that are new."""
        new = queries.new_remarks(tx, project_id, [remark.id for remark in said])
        return [remark for remark in said if remark.id in new]

    def take_in(
        self, tx: Tx, task_id: str, said: Sequence[ReviewComment], *, head: str | None, refusal: Saying | None
    ) -> None:
        """New remarks on a task's pull request, oldest first.

        `head`: where its branch stands; `refusal`: why that commit cannot be approved now, if it cannot.
        """
        task = self._tasks.lock(tx, task_id)
        said = self.unheard(tx, task.project_id, said)
        queries.note_remarks(tx, task.project_id, [remark.id for remark in said])
        for author, remarks in groupby(said, key=lambda remark: remark.author):
            task = self._said(tx, task, author, list(remarks), head=head, refusal=refusal)

    def _said(
        self,
        tx: Tx,
        task: TaskRecord,
        author: str,
        remarks: Sequence[ReviewComment],
        *,
        head: str | None,
        refusal: Saying | None,
    ) -> TaskRecord:
        by = actor_of_login(tx, author)
        words = [remark for remark in remarks if remark.body.strip()][:_AT_ONCE]
        if any(remark.verdict == "changes_requested" for remark in remarks) and self._may_send_back(tx, task, author):
            comments = [{"path": r.path, "line": r.line, "body": r.body[:_LONGEST]} for r in words]
            return self._tasks.send_back(tx, by, task, comments, why=REQUESTED_CHANGES_OUTSIDE(actor=by.name))
        task = self._keep(tx, by, task, words)
        approved = [remark for remark in remarks if remark.verdict == "approved"]
        return self._approved(tx, by, task, approved[-1], head=head, refusal=refusal) if approved else task

    def _may_send_back(self, tx: Tx, task: TaskRecord, author: str) -> bool:
        """In review, not on its way to staging; and nobody who was linked here to look only."""
        linked = people_queries.find(tx, author)
        may = linked is None or actor_of_login(tx, author).may(Permission.TASKS)
        return may and Cause.REQUEST_CHANGES in allowed_causes(task.state) and task.group_id is None

    def _keep(self, tx: Tx, by: Actor, task: TaskRecord, words: Sequence[ReviewComment]) -> TaskRecord:
        """For whoever works on it next."""
        if not words:
            return task
        rows = [
            {
                "id": new_id(),
                "task_id": task.id,
                "round": task.round,
                "commit": remark.commit,
                "path": remark.path,
                "line": remark.line,
                "body": remark.body[:_LONGEST],
                "author": by.name,
                "created_at": tx.now,
            }
            for remark in words
        ]
        task_queries.add_comments(tx, rows)
        said = COMMENTED(actor=by.name, number=task.pr_number)
        return board.note(tx, task, "commented", by=by, message=said, details={"comments": len(rows)})

    def _approved(
        self,
        tx: Tx,
        by: Actor,
        task: TaskRecord,
        remark: ReviewComment,
        *,
        head: str | None,
        refusal: Saying | None,
    ) -> TaskRecord:
        """An approval in the forge is one here if that person may approve here, and it is for what stands there now."""
        if task.state is TaskState.APPROVED and task.approved_commit == remark.commit:
            return task
        old = remark.commit is not None and remark.commit != head
        reasons = (
            (not by.may(Permission.APPROVE), NOT_LINKED()),
            (task.state is not TaskState.READY_TO_TEST, IN_STATE(state=task.state.value)),
            (old or head is None, MOVED_ON(commit=head or "nothing")),
            (refusal is not None, refusal),
        )
        why = next((words for wrong, words in reasons if wrong), None)
        if why is None and head is not None:
            return self._tasks.approve(tx, by, task.id, head)
        said = APPROVED_OUTSIDE(actor=by.name, number=task.pr_number, why=why)
        return board.note(tx, task, "approved_outside", by=by, message=said, details={"commit": remark.commit})
