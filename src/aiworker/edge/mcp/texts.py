"""What any MCP client is told about how to work here."""

INSTRUCTIONS = """\
AiWorker hands out the tasks of a team's board, one at a time, and takes the work back for review by people.
1. get_next_task claims a task for you alone. Pass its `attempt` to every later call. If there is none, call it again \
with waitSeconds.
2. create_branch, then clone project.cloneUrl (`attempt` is the password), check `branch` out, and work only on it.
3. A decision that is not yours: ask_user_question, then check_response with waitSeconds until it is answered.
4. Commit and push to the branch, then create_pull_request (or trigger_preview): the task is with people now.
5. Cannot finish: release_task with the reason.
Show signs of life with report_progress or heartbeat. When a call says that the attempt is over or not yours, stop \
working on that task and call get_next_task.\
"""

WORK_ON_NEXT_TASK = """\
Work on the next task of the AiWorker board{where}, with the tools of the MCP server `aiworker`:

1. Call get_next_task{arguments}. If `task` is null, call it again with waitSeconds: 50. Keep `attempt`: every later \
call for this task needs it.
2. Read the task, earlierAttempts, reviewComments and answeredQuestions: they are part of the job. Work that exists \
already is on the branch; go on from there.
3. Call create_branch. Unless you were started in a clone of the project, clone project.cloneUrl into a new folder \
(http://agent:ATTEMPT@HOST/…, with your `attempt` as the password). Check `branch` out. If project.setupCommand is \
given, run it.
4. Do the work. Call report_progress when you start something new. If you need a decision that is not yours to make, \
call ask_user_question (with choices, if there are some) and then check_response with waitSeconds: 50 until it is \
answered or skipped.
5. Run project.testCommand, if it is given. Commit with messages that say why, and push to `branch`, to no other.
6. Call create_pull_request with a summary for the reviewer. Then you are done.

If you cannot finish, call release_task with the reason. If a call says that the attempt is over or is not yours, stop \
working on this task at once.\
"""


def work_on_next_task(project: str | None) -> str:
    """The prompt, for one project or for all."""
    where = f" for the project {project}" if project else ""
    arguments = f' with projectId: "{project}"' if project else ""
    return WORK_ON_NEXT_TASK.format(where=where, arguments=arguments)
