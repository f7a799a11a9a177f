"""What the steps of a roll-out say beside their names."""

from aiworker.core.sayings import Sentence

TASKS = Sentence("step_tasks", "{count} task(s): {tasks}")
MOVES = Sentence("step_moves", "{before:.7} → {after:.7}")
MOVES_WITH = Sentence("step_moves_with", "{before:.7} → {after:.7}, {along}")
BRANCH_MOVES = Sentence("step_branch_moves", "{branch}: {before:.7} → {after:.7}")
STANDS_AT = Sentence("step_stands_at", "staging stands at {commit:.7}")
ANSWERS = Sentence("step_answers", "{url} answers with {commit:.7}")
NOT_TAGGED = Sentence("step_not_tagged", "not tagged: {error}")
STAGING_DID_NOT_FOLLOW = Sentence("step_staging_did_not_follow", "staging did not follow: {error}")
STAGING_FOLLOWS = Sentence(
    "step_staging_follows", "what ran before is not what staging's branch will hold, so staging follows its branch"
)
GOES_ON = Sentence("step_goes_on", "it goes on")
TASK_GOES_ON = Sentence("step_task_goes_on", "the task goes on")
GAVE_UP = Sentence("pipeline_gave_up", "The pipeline failed.")
STILL_ON = Sentence("release_still_on", "It is still on {branch}, because later work stands on it: {error}")
LATER_WORK = Sentence("release_later_work", "Later work stands on release {number}: {error} Take that back first.")
APART_THERE = Sentence("upstream_apart_there", "{problem} There: {command}")
TASK_IS = Sentence("step_task_is", "the task is {state}")
