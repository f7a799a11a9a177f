"""What a coding agent is told: the whole story of its task, and how to hand it in."""

from collections.abc import Sequence

from aiworker.wire.work import EarlierAttempt, NextTask, WorkAnswer, WorkComment

_RULES = """\
How to work here:
- You are in a fresh clone of the repository, on the branch `{branch}`, which is yours. Work only here, and only on \
this branch.
- Commit with messages that say why. Push with `git push origin HEAD:{branch}`; git knows the password.
- The MCP server `aiworker` already knows which task you are at: leave `attempt` and `taskId` out of its tools.
- Call report_progress when you begin something new, so that people can follow.
- A decision that is not yours to make: ask_user_question (with choices, if there are some), then check_response with \
waitSeconds: 50, a few times. If there is no answer by then, end your turn: you are called again with the answer.
- When the work is committed and pushed: create_pull_request, with a summary for the reviewer. This hands the task in, \
and you are done.
- If the task cannot be done, release_task with the reason.
- If a tool says that the attempt is over or not yours, stop at once.\
"""

_NOT_HANDED_IN = """\
You have ended your turn, but {key} is not handed in yet. If the work is done: commit it, push it with \
`git push origin HEAD:{branch}`, and call create_pull_request with a summary. If you need a decision, call \
ask_user_question. If it cannot be done, call release_task with the reason.\
"""

_GO_ON = """\
You were interrupted in the middle of {key}; your clone is as you left it. Look where you were (`git status`), and go \
on.{answers}\
"""

_ANSWERED = """\
People have answered; go on with {key}.{answers}\
"""


def first_prompt(work: NextTask, branch: str) -> str:
    """The whole story: what is to be done, how earlier attempts went, what reviewers want, what was answered."""
    task, project = work.task, work.project
    if task is None or project is None:
        raise AssertionError("there is a task")
    commands = [
        ("Set up already by", project.setup_command),
        ("Tests are run by", project.test_command),
        ("It is started by", project.start_command),
    ]
    parts = [
        f"# {task.key}: {task.title}",
        task.description or "",
        f"Project: {project.name} ({project.key})." + (f" {project.description}" if project.description else ""),
        "\n".join(f"{what}: `{command}`" for what, command in commands if command),
        _earlier(work.earlier_attempts),
        _comments(work.review_comments, task.round),
        _answers("Answered questions", work.answered_questions),
        _RULES.format(branch=branch),
    ]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def hand_in_prompt(work: NextTask, branch: str) -> str:
    """A reminder for one who has stopped before the end."""
    return _NOT_HANDED_IN.format(key=_key(work), branch=branch)


def resume_prompt(work: NextTask, *, answered: bool) -> str:
    """For a session that goes on: after an answer, or after an interruption."""
    answers = _answers("Answers so far", work.answered_questions)
    told = f"\n\n{answers}" if answers else ""
    return (_ANSWERED if answered else _GO_ON).format(key=_key(work), answers=told)


def _key(work: NextTask) -> str:
    return work.task.key if work.task else "the task"


def _earlier(attempts: Sequence[EarlierAttempt]) -> str:
    if not attempts:
        return ""
    lines = ["## Earlier attempts", "", "Their work is on the branch; go on from there."]
    for one in attempts:
        told = one.summary or one.error
        ended = f"- Attempt {one.number} by {one.agent or 'somebody'} ({one.outcome or 'unfinished'})"
        lines.append(f"{ended}: {_indented(told)}" if told else ended)
    return "\n".join(lines)


def _comments(comments: Sequence[WorkComment], round_: int) -> str:
    """The newest round first: that is what this attempt is about."""
    if not comments:
        return ""
    lines: list[str] = []
    for number in sorted({comment.round for comment in comments}, reverse=True):
        latest = number >= round_ - 1
        lines += ["", "## Changes asked for" if latest else f"## Asked for in round {number}, before that", ""]
        for comment in comments:
            if comment.round == number:
                where = f"`{comment.path}`" + (f" line {comment.line}" if comment.line else "") if comment.path else ""
                lines.append(f"- {where + ': ' if where else ''}{_indented(comment.body)} ({comment.author})")
    return "\n".join(lines)


def _answers(title: str, answers: Sequence[WorkAnswer]) -> str:
    if not answers:
        return ""
    lines = [f"## {title}", ""]
    for one in answers:
        said = one.response or "Go on without an answer, at your own judgement."
        lines.append(f"- {_indented(one.question)}\n  {_indented(said)}")
    return "\n".join(lines)


def _indented(text: str) -> str:
    return text.strip().replace("\n", "\n  ")
