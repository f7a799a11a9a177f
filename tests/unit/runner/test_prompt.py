"""What a coding agent is told."""

from typing import Any

from aiworker.runner.prompt import first_prompt, hand_in_prompt, resume_prompt
from aiworker.wire.tasks import TaskPriority, TaskState
from aiworker.wire.work import EarlierAttempt, NextTask, WorkAnswer, WorkComment, WorkProject, WorkTask

BRANCH = "task-shop-1-tax"


def work(**more: Any) -> NextTask:
    task = WorkTask(
        id="1",
        key="SHOP-1",
        title="Show the tax",
        description="On every price.",
        priority=TaskPriority.MEDIUM,
        state=TaskState.IN_PROGRESS,
        round=2,
    )
    project = WorkProject(
        id="2",
        key="SHOP",
        name="Shop",
        description=None,
        clone_url="http://127.0.0.1/git/shop.git",
        default_branch="main",
        setup_command=None,
        test_command="make test",
        start_command=None,
        agent_allow=[],
    )
    return NextTask(task=task, project=project, attempt="secret-token", attempt_number=2, branch=BRANCH, **more)


def test_the_whole_story_is_told() -> None:
    told = first_prompt(
        work(
            earlier_attempts=[
                EarlierAttempt(number=1, agent="a-1", outcome="completed", summary="Added a column.", error=None)
            ],
            review_comments=[
                WorkComment(path=None, line=None, body="Old words", author="ada", round=0),
                WorkComment(path="shop/price.py", line=7, body="Use the\ngeneral rate.", author="ada", round=1),
            ],
            answered_questions=[
                WorkAnswer(question="Which rate?", response="21 %", status="answered"),
                WorkAnswer(question="Which colour?", response=None, status="skipped"),
            ],
        ),
        BRANCH,
    )
    for words in (
        "# SHOP-1: Show the tax",
        "On every price.",
        "Tests are run by: `make test`",
        "- Attempt 1 by a-1 (completed): Added a column.",
        "- `shop/price.py` line 7: Use the\n  general rate. (ada)",
        "- Which rate?\n  21 %",
        "at your own judgement",
        f"git push origin HEAD:{BRANCH}",
        "create_pull_request",
    ):
        assert words in told
    assert told.index("general rate") < told.index("Old words")


def test_a_first_attempt_has_no_empty_headings() -> None:
    told = first_prompt(work(), BRANCH)
    assert "##" not in told
    assert "Set up" not in told


def test_no_prompt_holds_the_attempts_token() -> None:
    for told in (first_prompt(work(), BRANCH), hand_in_prompt(work(), BRANCH), resume_prompt(work(), answered=False)):
        assert "secret-token" not in told
        assert "SHOP-1" in told


def test_who_goes_on_after_an_answer_is_told_the_answer() -> None:
    answers = [WorkAnswer(question="Which rate?", response="21 %", status="answered")]
    told = resume_prompt(work(answered_questions=answers), answered=True)
    assert told.startswith("People have answered")
    assert "21 %" in told
