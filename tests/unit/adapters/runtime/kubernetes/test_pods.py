from typing import Any

import pytest

from aiworker.adapters.runtime.kubernetes.pods import is_complete, stand_of_pods, trouble_of

Json = dict[str, Any]


def pod(name: str = "shop-1", *, ready: bool = False, **status: Any) -> Json:
    conditions = [{"type": "Ready", "status": str(ready)}, *status.pop("conditions", [])]
    return {"metadata": {"name": name}, "status": {"phase": "Running", "conditions": conditions, **status}}


def waiting(reason: str, message: str = "", **container: Any) -> Json:
    state = {"waiting": {"reason": reason, "message": message}}
    return pod(containerStatuses=[{"name": "app", "image": "shop:1", "state": state, **container}])


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "ContainerCreating"])
def test_an_image_that_is_not_there_is_waited_for(reason: str) -> None:
    assert stand_of_pods([waiting(reason)], 1).phase == "image"


@pytest.mark.parametrize("reason", ["InvalidImageName", "CreateContainerConfigError", "RunContainerError"])
def test_what_only_other_settings_can_help_has_failed(reason: str) -> None:
    stand = stand_of_pods([waiting(reason, "because")], 1)
    assert stand.phase == "failed"
    assert "because" in stand.sentence.words


def test_a_program_that_ends_again_and_again_tells_its_exit_status() -> None:
    ended = {"terminated": {"exitCode": 3, "reason": "Error"}}
    stand = stand_of_pods([waiting("CrashLoopBackOff", lastState=ended)], 1)
    assert (stand.phase, stand.ended) == ("failed", True)
    assert "exit status 3" in stand.sentence.words


def test_a_program_that_needed_too_much_memory_is_told_so_although_it_crashes_like_others() -> None:
    ended = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    assert "OOMKilled" in stand_of_pods([waiting("CrashLoopBackOff", lastState=ended)], 1).sentence.words


def test_a_pod_that_no_node_takes_says_why() -> None:
    unscheduled = {"type": "PodScheduled", "status": "False", "message": "3 Insufficient memory"}
    stand = stand_of_pods([pod(conditions=[unscheduled])], 1)
    assert stand.phase == "starting"
    assert "3 Insufficient memory" in stand.sentence.words


def test_the_worst_of_the_pods_speaks_and_those_that_leave_do_not() -> None:
    leaving = waiting("CrashLoopBackOff")
    leaving["metadata"]["deletionTimestamp"] = "2026-11-21T12:00:00Z"
    assert stand_of_pods([pod(ready=True), leaving], 1).phase == "ready"
    assert stand_of_pods([pod(ready=True), waiting("ErrImagePull")], 2).phase == "image"
    assert stand_of_pods([pod(ready=True)], 2).phase == "starting"
    assert stand_of_pods([], 1).phase == "starting"


def test_a_deployment_is_complete_when_all_its_pods_are_new_and_serve() -> None:
    counts = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "observedGeneration": 3}
    deployment = {"metadata": {"generation": 3}, "spec": {"replicas": 2}, "status": counts}
    assert is_complete(deployment)
    assert not is_complete({**deployment, "metadata": {"generation": 4}})
    for name in ("replicas", "updatedReplicas", "availableReplicas"):
        assert not is_complete({**deployment, "status": {**counts, name: 1}})


def test_a_full_quota_is_told_in_the_words_of_the_api() -> None:
    condition = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}
    assert trouble_of({"status": {"conditions": [condition]}}) == "exceeded quota"
    assert trouble_of({"status": {}}) is None
