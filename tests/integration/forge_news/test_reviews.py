"""Reviews in Gitea reach the next round, and reviews made here are told there, each once."""

import pytest

from aiworker.access.forge_people.service import link
from aiworker.wire.access import LinkForgePerson
from aiworker.wire.tasks import RequestChanges, ReviewComment, TaskState
from tests.support.gitea import Answer, Cut
from tests.support.gitea_yard import GiteaYard
from tests.support.house import ADA
from tests.support.waiting import eventually


async def test_changes_requested_there_reach_the_agent_with_file_and_line(yard: GiteaYard) -> None:
    task = await yard.handed_in(prices__txt="pen 1\nink 3\n")
    line = {"path": "prices.txt", "body": "Ink is 2.", "new_position": 2, "old_position": 0}
    await yard.review(task, "REQUEST_CHANGES", "Nearly.", comments=[line])
    await yard.until(task, TaskState.BACKLOG)
    given = await yard.house.delivery.desk.get_next_task(yard.claude)
    assert given is not None
    assert {(c.path, c.line, c.body, c.author) for c in given.review_comments} == {
        (None, None, "Nearly.", "ada"),
        ("prices.txt", 2, "Ink is 2.", "ada"),
    }


@pytest.mark.soak
async def test_an_approval_there_counts_for_a_linked_maintainer_only(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.review(task, "APPROVED", by="bob")
    await yard.told()
    assert (await yard.house.look(task)).state is TaskState.READY_TO_TEST
    await yard.house.write(link, LinkForgePerson(login="ada", role="maintainer"))
    await yard.review(task, "APPROVED", by="ada")
    task = await yard.until(task, TaskState.APPROVED)
    assert (task.approved_by, task.approved_commit) == ("ada", task.head_commit)


async def test_a_comment_on_the_pull_request_is_kept(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.call("POST", f"issues/{task.pr_number}/comments", body="What about ink?")
    await yard.told()
    assert ("ada", f"ada commented on pull request #{task.pr_number}.") in await yard.history(task)


async def test_a_review_made_here_is_told_there_once_whatever_happens_on_the_way(yard: GiteaYard) -> None:
    task = await yard.handed_in(prices__txt="pen 1\nink 3\n")
    yard.gitea.trouble("POST /repos/*/pulls/*/reviews", Answer(500), Cut(after=True))
    wish = RequestChanges(
        body="Nearly.", comments=[ReviewComment(path="prices.txt", line=2, body="Ink is 2."), _on_file()]
    )
    await yard.house.write(yard.house.delivery.review.request_changes, ADA, task.id, wish)
    pull = yard.repository.entries[task.pr_number or 0]
    await eventually(lambda: pull.reviews, within=60)
    await yard.told()
    (review,) = pull.reviews
    assert review.author == "aiworker"
    assert review.body == "**ada requested changes in AiWorker** (round 1)\n\nNearly.\n\n- `prices.txt`: Name it well."
    assert [(line.path, line.line, line.body) for line in review.lines] == [("prices.txt", 2, "Ink is 2.")]
    assert (await yard.house.look(task)).round == 2


def _on_file() -> ReviewComment:
    return ReviewComment(path="prices.txt", body="Name it well.")


async def test_an_approval_made_here_is_told_there_as_a_comment(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.house.delivery.review.approve(ADA, task.id, str(task.head_commit))
    pull = yard.repository.entries[task.pr_number or 0]
    await eventually(lambda: pull.reviews)
    assert (pull.reviews[0].state, pull.reviews[0].body) == (
        "COMMENT",
        f"**ada approved {str(task.head_commit)[:7]} in AiWorker**",
    )
