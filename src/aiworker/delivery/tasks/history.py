"""What the history of a task says."""

from aiworker.core.sayings import Sentence

WROTE = Sentence("wrote", "{actor} wrote this task.")
CHANGED = Sentence("changed", "{actor} changed {fields}.")
WAITS = Sentence("waits", "It waits: {reason}.")
FREED = Sentence("freed", "What it waited for is done; it may start.")
REOPENED_PULL_REQUEST = Sentence("reopened_pull_request", "{actor} reopened pull request #{number}; it may go on.")
SENT_BACK = Sentence("sent_back", "{actor} sent it back to work.")
ADOPTED = Sentence("adopted", "It was here before AiWorker.")
ADOPTED_UNDER_WAY = Sentence("adopted_under_way", "It was under way before AiWorker; its branch is kept.")

# Of attempts
TOOK = Sentence("took", "{actor} took the task (attempt {attempt}).")
CAME_BACK = Sentence("came_back", "{actor} came back late and goes on.")
ASKS = Sentence("asks", "{actor} asks: {question}")
WAITS_FOR_ANSWER = Sentence("waits_for_answer", "{actor} waits for an answer.")
PARKED = Sentence("parked", "{agent} has left; the attempt waits for the answer without it.")
CONTINUES = Sentence("continues", "Nothing is left to answer; the work goes on.")
ANSWERED = Sentence("answered", "{actor} answered: {answer}")
SKIPPED = Sentence("skipped", "{actor} said: go on without.")
HANDED_IN = Sentence("handed_in", "{actor} handed it in for review.")
ATTEMPT_ENDED_BADLY = Sentence("attempt_ended_badly", "The attempt failed: {error}")
ATTEMPT_FAILED = Sentence("attempt_failed_silently", "The attempt failed.")
WENT_SILENT = Sentence("went_silent", "The agent went silent: {why}")
GAVE_BACK = Sentence("gave_back", "Given back.")
GAVE_BACK_BECAUSE = Sentence("gave_back_because", "Given back: {why}")
STOPPED = Sentence("stopped", "Stopped by {actor}.")
STOPPED_BECAUSE = Sentence("stopped_because", "Stopped by {actor}: {why}.")
STOPPED_BY_LIMIT = Sentence("stopped_by_limit", "The work was stopped: {reason}.")
ALLOWED = Sentence("allowed", "{actor} allowed {rule} to agents of {project}.")

# Of its branch and its review
BRANCHED = Sentence("branched", "{actor} made the branch {branch}.")
BRANCH_DELETED = Sentence("branch_deleted", "{actor} deleted the branch {branch}.")
PUSHED = Sentence("pushed", "{actor} pushed {commit:.7}.")
PUSHED_AFTER_APPROVAL = Sentence(
    "pushed_after_approval", "{actor} pushed {commit:.7}; the approval of {approved:.7} is gone."
)
WENT_ON_MEANWHILE = Sentence(
    "went_on_meanwhile", "Its branch went on to {commit:.7} meanwhile; the approval of {approved:.7} is gone."
)
OPENED_PULL_REQUEST = Sentence("opened_pull_request", "{actor} opened pull request #{number} for it.")
CLOSED_PULL_REQUEST = Sentence("closed_pull_request", "{actor} closed pull request #{number}, outside AiWorker.")
COMMENTED = Sentence("commented", "{actor} commented on pull request #{number}.")
REQUESTED_CHANGES = Sentence("requested_changes", "{actor} requested changes.")
REQUESTED_CHANGES_OUTSIDE = Sentence("requested_changes_outside", "{actor} requested changes, outside AiWorker.")
CONFLICTED = Sentence("conflicted", "{actor} sent it back: it conflicts with staging.")
APPROVED = Sentence("approved", "{actor} approved {commit:.7}.")
APPROVED_OUTSIDE = Sentence(
    "approved_outside", "{actor} approved pull request #{number}; it does not count here: {why}."
)
MERGED_OUTSIDE = Sentence("merged_outside", "{actor} merged it into the default branch, outside AiWorker.")
PREVIEW_ENDED = Sentence(
    "preview_ended", "Its preview was up for {days} days and is taken down; it can be put up again."
)
CANCELLED = Sentence("cancelled", "{actor} cancelled it.")
CANCELLED_BECAUSE = Sentence("cancelled_because", "{actor} cancelled it: {why}")
REOPENED = Sentence("reopened", "{actor} reopened it.")

# Why an approval outside does not count
NOT_LINKED = Sentence("not_linked", "their login is not linked to anybody who may approve here")
IN_STATE = Sentence("in_state", "the task is in {state}")
MOVED_ON = Sentence("moved_on", "the branch has moved on to {commit:.7}")
BRANCH_GONE = Sentence("branch_gone", "the branch is gone")

# Of releases
GROUPED = Sentence("grouped", "{actor} put it into release {number}.")
STAGED = Sentence("staged", "Release {number} is in staging.")
PROMOTED = Sentence("promoted", "Release {number} is in production.")
ROLLED_BACK = Sentence("rolled_back", "Release {number} was rolled back from {environment}.")
RELEASE_FAILED = Sentence("release_failed", "Release {number} failed: {error}")
WITHDREW = Sentence("withdrew", "{actor} withdrew release {number}.")
PUSHED_TO_RELEASE = Sentence("pushed_to_release", "{actor} pushed to {task}, so release {number} was withdrawn.")
MERGED_FROM_RELEASE = Sentence("merged_from_release", "{actor} merged {task}, so release {number} was withdrawn.")
CLOSED_FROM_RELEASE = Sentence(
    "closed_from_release", "{actor} closed the pull request of {task}, so release {number} was withdrawn."
)

# Of the issue that it came from
ISSUE_CLOSED = Sentence("issue_closed", "{actor} closed issue #{number}; the task stays as it is.")
ISSUE_REOPENED = Sentence("issue_reopened", "{actor} reopened issue #{number}; the task stays as it is.")
ISSUE_EDITED = Sentence("issue_edited", "{actor} edited issue #{number}; the task stays as it is.")
ISSUE_AND_TASK_EDITED = Sentence("issue_and_task_edited", "{actor} edited issue #{number}, and the task with it.")
ISSUE_TOLD = Sentence("issue_told", "Issue #{number} was told of production.")
