"""Why a roll-out failed, in the words of the Runtime port: each adapter says it by these sentences.

What a program, Kubernetes or Argo CD said of it stands in them as `said` and `error`, which are shown as quotations.
"""

from aiworker.core.sayings import Saying, Sentence

STOPPED = Sentence("rollout_stopped", "The roll-out was stopped.")
BEING_REMOVED = Sentence("rollout_being_removed", "The roll-out was stopped: {name} is being removed.")
REMOVED = Sentence("rollout_removed", "{name} was removed just when it was ready.")
SYSTEM_REFUSED = Sentence("rollout_system_refused", "The roll-out failed: {error}.")
NOT_HEALTHY = Sentence("rollout_not_healthy", "It was not healthy within {seconds:g} s: {error}")
LAST_WORDS = Sentence("rollout_last_words", "{trouble} It said last: {said}")
_WITH = Sentence("rollout_trouble_with", "{trouble} {error}")

# A program of this machine.
SETUP_COMMAND = Sentence("setup_command", "setup command")
START_COMMAND = Sentence("start_command", "start command")
SETUP_LATE = Sentence("setup_late", "The setup command did not end within {seconds:g} s.")
SETUP_FAILED = Sentence("setup_failed", "The setup command {fate}.")
NOT_FOUND = Sentence("program_not_found", "In the {command}, the program `{program}` was not found.")
NOT_EXECUTABLE = Sentence("program_not_executable", "In the {command}, the program `{program}` may not be executed.")
NOT_STARTED = Sentence("program_not_started", "The {command} cannot be started: {error}.")
FELL = Sentence("program_fell", "The program {fate} before it answered.")
LEFT = Sentence("program_left", "The program {fate} before it answered (it should stay in the foreground).")
PORT_TAKEN = Sentence("program_port_taken", "The program {fate}: another one was faster to take port {port}.")
SILENT = Sentence("program_silent", "The program was not healthy within {seconds:g} s: {reason}.")
MISPLACED = Sentence(
    "program_misplaced",
    "The program was not healthy within {seconds:g} s: {reason}; it listens on {place}, but should on what HOST and"
    " PORT say.",
)

# What became of it.
ENDED = Sentence("program_ended", "ended with exit status {status}")
KILLED = Sentence("program_killed", "was ended by {signal}")
NOT_RUNNING = Sentence("program_not_running", "is not running")
OUT_OF_MEMORY = Sentence("program_out_of_memory", "needed more memory than its limit of {limit}, and was ended")
OVER_LIMIT = Sentence("program_over_limit", "used {used} of memory, more than its limit of {limit}, and was ended")

# What its port answers.
NOBODY_LISTENS = Sentence("probe_nobody_listens", "nothing listens on port {port}")
NO_ANSWER = Sentence("probe_no_answer", "GET {path} got no answer within {seconds:g} s")
NO_HTTP = Sentence("probe_no_http", "GET {path} got no proper HTTP answer")
BAD_STATUS = Sentence("probe_bad_status", "GET {path} answers {status}")
HAS_ENDED = Sentence("probe_ended", "it has ended")

# Pods of a cluster.
CHANGED = Sentence("deployment_changed", "The roll-out was stopped: somebody else has changed the Deployment since.")
IMAGE_LATE = Sentence("image_late", "The image was not there within {seconds:g} s. {stand}")
NO_PULL_SECRET = Sentence(
    "pull_secret_missing", "There is no Secret {name} in {namespace} to pull images with (K8S_PULL_SECRET)."
)
NAMESPACE_STAYS = Sentence(
    "namespace_stays", "The namespace {name} is still being removed after {seconds:g} s; what holds it: {command}"
)
NAMESPACE_OF_ANOTHER = Sentence(
    "namespace_of_another",
    "The namespace {name} is another AiWorker installation's, and nothing is put there. To hand it over: {command}",
)
NAMESPACE_OF_OTHERS = Sentence(
    "namespace_of_others",
    "The namespace {name} is not AiWorker's, and nothing is put there. To hand it over: {command}",
)
NO_POD = Sentence("pod_none", "There is no pod yet.")
NO_POD_RUNS = Sentence("pod_none_runs", "No pod in {namespace} runs {image}.")
NO_POD_RUNS_BUT = Sentence("pod_none_runs_but", "No pod in {namespace} runs {image}, but {others}.")
SOME_READY = Sentence("pods_some_ready", "{ready} of {wanted} pods are ready.")
ALL_READY = Sentence("pods_ready", "Every pod is ready.")
POD_READY = Sentence("pod_ready", "The pod {pod} is ready.")
POD_NOT_READY = Sentence("pod_not_ready", "The pod {pod} is not ready yet.")
POD_STILL_RUNS = Sentence("pod_still_runs", "The pod {pod} still runs {images}.")
POD_FETCHES = Sentence("pod_fetches", "The pod {pod} gets its image.")
POD_UNWELL = Sentence("pod_unwell", "the pod {pod}: {error}")
POD_WITHOUT_NODE = Sentence("pod_without_node", "No node takes the pod {pod}: {error}")
IMAGE_NOT_PULLED = Sentence("pod_image_not_pulled", "The image {image} cannot be pulled ({reason}): {error}")
POD_OUT_OF_MEMORY = Sentence(
    "pod_out_of_memory", "The program needed more memory than its limit (OOMKilled, pod {pod})."
)
POD_CRASHES = Sentence("pod_crashes", "The program ended again and again (CrashLoopBackOff, pod {pod}).")
POD_CRASHES_WITH = Sentence(
    "pod_crashes_with",
    "The program ended with exit status {status} again and again (CrashLoopBackOff, pod {pod}).",
)
POD_CANNOT_START = Sentence("pod_cannot_start", "The pod {pod} cannot start ({reason}): {error}")
POD_NEEDS_USER = Sentence(
    "pod_needs_user",
    "The pod {pod} cannot start ({reason}): {error} Build the image with a numeric USER, or allow this project to run"
    " as root (runAsRoot=true).",
)

# Argo CD.
SYNC_LATE = Sentence("argocd_sync_late", "Argo CD did not sync {name} within {seconds:g} s.")
SYNC_FAILED = Sentence("argocd_sync_failed", "Argo CD could not sync {name}: {error}")
SYNCED_ELSEWHERE = Sentence("argocd_synced_elsewhere", "Argo CD synced {name} to {synced:.12}, not to {commit:.12}.")
UNWELL = Sentence("argocd_unwell", "It was not healthy within {seconds:g} s: Argo CD says {health}.")
APPLICATION_REMOVED = Sentence(
    "argocd_application_removed", "The roll-out was stopped: the Application {name} is being removed."
)
APPLICATION_OF_OTHERS = Sentence(
    "argocd_application_of_others",
    "There is an Application {name} that is not this installation's; rename it, or hand it over by the label {label}.",
)
AUTOMATED = Sentence(
    "argocd_automated",
    "Somebody has switched automated sync on for the Application {name}: it would undo a rollback. Switch it off"
    " (spec.syncPolicy.automated), then try again.",
)


def with_words(trouble: Saying, *others: Saying | str | None) -> Saying:
    """A sentence, and behind it what more is known: another sentence, or somebody else's words."""
    for other in others:
        if other:
            trouble = _WITH(trouble=trouble, error=other if isinstance(other, Saying) else Saying(other))
    return trouble


def with_last_words(trouble: Saying, log: str) -> Saying:
    """A sentence, and behind it the last line that the program wrote, if any; of a long one the beginning."""
    last = next((line.strip()[:300] for line in reversed(log.splitlines()) if line.strip()), "")
    return LAST_WORDS(trouble=trouble, said=last) if last else trouble
